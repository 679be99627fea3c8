/** A house of its own for a test file: real PostgreSQL, a small county, people for every role. Kept when a test fails. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, inject } from 'vitest';
import { loadCounty } from '../demo/county.ts';
import { type House, type HouseOptions, openHouse } from '../house.ts';
import { noScope, sql } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import type { RegisterInput } from '../matters/actions.ts';
import type { Doing } from '../matters/store.ts';
import { findStaff, type Staff } from '../people/actors.ts';

export const monday = Date.parse('2026-03-09T09:00:00+08:00');

export type TestHouse = House & {
  ownerUrl: string;
  owner: pg.Pool;
  /** Moves the clock; everything asks it. */
  time: { now: number };
  /** A member of staff of the test county by login. */
  staff(login: string): Promise<Staff>;
  as(login: string): Promise<Doing>;
};

async function inCluster(...statements: string[]): Promise<void> {
  const admin = new pg.Client({ connectionString: inject('clusterUrl') });
  await admin.connect();
  for (const statement of statements) await admin.query(statement);
  await admin.end();
}

/** A database of its own: of the cluster's superuser, or `owned` by somebody who may make roles and nothing else. */
export async function testDatabase(owned = false) {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const url = new URL(inject('clusterUrl'));
  url.pathname = `/${name}`;
  if (owned) {
    url.username = url.password = name;
    await inCluster(`CREATE ROLE ${name} LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS PASSWORD '${name}'`);
  }
  await inCluster(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' ${owned ? `OWNER ${name}` : ''}`);
  const drop = () =>
    inCluster(
      `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`,
      `DROP ROLE IF EXISTS ${name}_app`,
      `DROP ROLE IF EXISTS ${name}`,
    );
  return { name, ownerUrl: url.toString(), drop };
}

export async function testHouse(options: Partial<HouseOptions> = {}): Promise<TestHouse> {
  const { name, ownerUrl, drop } = await testDatabase();
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'yuandian-house-'));
  const time = { now: monday };
  const house = await openHouse({ ownerUrl, data, clock: () => time.now, poolSize: 8, ...options });
  await loadCounty(house, { small: true });
  const owner = new pg.Pool({ connectionString: ownerUrl, max: 3 });
  owner.on('error', () => {});
  const staff = async (login: string) => {
    const row = await house.db.readOne<{ id: string }>(noScope, sql`SELECT id FROM person WHERE login = ${login}`);
    const found = row && (await findStaff(house.db, house.keeper.current, row.id, time.now));
    if (!found) throw new Error(`no such person in the test county: ${login}`);
    return found;
  };
  const all: TestHouse = {
    ...house,
    ownerUrl,
    owner,
    time,
    staff,
    async as(login) {
      const actor = await staff(login);
      return { actor, scope: actor.scope, now: time.now };
    },
  };
  let failed = false;
  afterEach(({ task }) => {
    failed ||= task.result?.state === 'fail';
  });
  afterAll(async () => {
    await house.close();
    await owner.end();
    if (failed) return console.error(`kept: database ${name}, ${data}`);
    await drop();
    fs.rmSync(data, { recursive: true, force: true });
  });
  return all;
}

/** A complete registration with sensible values; override what the test is about. */
export function letter(more: Partial<RegisterInput> = {}): RegisterInput {
  return {
    id: uuid(),
    action: uuid(),
    kind: 'request',
    text: '村口的路灯坏了三天，晚上看不见路，请派人修理。',
    category: '0101',
    source: 'window',
    region: '411081101205',
    grid: null,
    location: null,
    fields: {},
    parties: [{ id: uuid(), role: 'applicant', name: '王小明', phone: '13800138000', anonymous: false }],
    externals: [],
    sensitive: false,
    excludedUnits: [],
    excludedPeople: [],
    links: [],
    ...more,
  };
}
