/**
 * For any interleaving of phones, server and failures: everything typed is applied exactly once, or shown as refused, or kept
 * for its author; never two of these, never none. The outbox of the app, a real server, a database in memory for the phone.
 */
import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { sql, systemScope, time } from '../../kernel/db.ts';
import { uuid } from '../../kernel/ids.ts';
import { act } from '../../matters/acting.ts';
import { Action } from '../../matters/actions.ts';
import { registerMatter } from '../../matters/registration.ts';
import type { Item } from '../../sync/contract.ts';
import { serve } from '../../test/client.ts';
import { letter, testHouse } from '../../test/harness.ts';
import { Phone } from '../../test/phone.ts';
import { httpWay, Outbox, type Way } from './outbox.ts';
import { destroy, Store, Vault, WrongPin } from './vault.ts';

const house = await testHouse();
const server = await serve(house);
const base = new URL(`${server.address}/api/v1/`);
const logins = ['village', 'village-head', 'village-head'] as const;
const phones: Phone[] = [];
beforeAll(async () => {
  for (const login of logins) phones.push(await new Phone(server.anyone()).enrol(login));
});

/** Where the network breaks: before the server has it, after it has done it, or in the middle of the answer. */
type Break = 'none' | 'before' | 'after' | 'garbage';
const breaking = (way: Way, at: () => Break): Way => ({
  async push(clock, items) {
    const where = at();
    if (where === 'before') throw new TypeError('fetch failed');
    const results = await way.push(clock, items);
    if (where === 'after') throw new TypeError('fetch failed');
    return where === 'garbage' ? results.slice(0, Math.floor(results.length / 2)) : results;
  },
  upload: way.upload,
});

const command = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('type' as const),
      phone: fc.nat(2),
      what: fc.nat(6),
      matter: fc.nat(2),
      stale: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      phone: fc.nat(2),
      breaks: fc.constantFrom<Break>('none', 'none', 'before', 'after', 'garbage'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('desk' as const),
      matter: fc.nat(2),
      type: fc.constantFrom('accept', 'note', 'dispatch', 'withdraw'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), phone: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), phone: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('post' as const), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('days' as const), n: fc.integer({ min: 1, max: 3 }) }) },
);

let run = 0;
test('whatever the network, the phones and the desks do: each typed thing has exactly one end', async () => {
  const ends = { applied: 0, refused: 0, held: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 10, maxLength: 40 }), async commands => {
      run += 1;
      const doing = await house.as('village-head');
      const unit = doing.actor.posts[0]!.unit;
      const matters: string[] = [];
      for (let n = 0; n < 3; n++) {
        const input = letter();
        await registerMatter(house.loop, doing, input);
        matters.push(input.id);
      }
      const begun = house.time.now;
      const stores = logins.map((_, n) => new Store(`run-${run}-${n}`));
      const vaults = await Promise.all(stores.map(store => Vault.create(store, '274913')));
      const outboxes = stores.map(store => new Outbox(store));
      const gone = [false, false, false];
      const typed: { id: string; phone: number }[] = [];
      const seqOf = async (id: string) =>
        (await house.db.readOne<{ seq: number }>(systemScope, sql`SELECT seq FROM matter WHERE id = ${id}`))!.seq;
      for (const one of commands) {
        if (one.do === 'type') {
          if (gone[one.phone]) continue;
          const id = uuid();
          const matter = matters[one.matter]!;
          const saw = (await seqOf(matter)) - (one.stale ? 1 : 0);
          const acting = (type: string, data: object = {}): Item => ({
            do: 'act',
            id,
            county: '411081',
            matter,
            saw,
            action: Action.parse({ type, data, words: { text: '现场情况' } }),
          });
          const item: Item = [
            () => acting('note'),
            () => acting('accept'),
            () => acting('contact', { way: 'visit', reached: true }),
            () => acting('sign'),
            (): Item => ({ do: 'register', id, input: letter({ action: id, source: 'grid' }) }),
            (): Item => ({
              do: 'enter',
              id,
              input: {
                id,
                county: '411081',
                duty: null,
                sort: 'round',
                region: '411081101205',
                place: null,
                outcome: 'nothing',
                matters: [],
                answers: {},
                proof: {},
                minutes: null,
                words: { note: '没有发现' },
              },
            }),
            (): Item => ({
              do: 'enter',
              id,
              input: {
                id,
                county: '411081',
                duty: null,
                sort: 'round',
                region: '411081100000',
                place: null,
                outcome: 'nothing',
                matters: [],
                answers: {},
                proof: {},
                minutes: null,
                words: {},
              },
            }),
          ][one.what]!();
          await outboxes[one.phone]!.add(
            vaults[one.phone]!,
            phones[one.phone]!,
            [{ item, title: 'x' }],
            [],
            undefined,
            house.time.now,
          );
          typed.push({ id, phone: one.phone });
        } else if (one.do === 'push') {
          const way = breaking(
            httpWay(base, () => (gone[one.phone] ? {} : phones[one.phone]!.headers)),
            () => one.breaks,
          );
          await outboxes[one.phone]!.push(way, () => house.time.now).catch(() => {});
        } else if (one.do === 'desk') {
          await act(house.loop, { ...doing, now: house.time.now }, '411081', matters[one.matter]!, {
            id: uuid(),
            action: Action.parse({
              type: one.type,
              data: one.type === 'dispatch' ? { unit } : one.type === 'withdraw' ? { by: 'person' } : {},
              words: { text: '桌面办理' },
            }),
          }).catch(() => {});
        } else if (one.do === 'kill') {
          // The app dies: another opens what lies on the disk.
          stores[one.phone]!.close();
          stores[one.phone] = new Store(`run-${run}-${one.phone}`);
          outboxes[one.phone] = new Outbox(stores[one.phone]!);
          if (!gone[one.phone]) vaults[one.phone] = await Vault.open(stores[one.phone]!, '274913');
        } else if (one.do === 'forget') {
          await destroy(stores[one.phone]!);
          gone[one.phone] = true;
        } else if (one.do === 'post') {
          // The grid worker's posts end, or begin again.
          await house.owner.query(
            `UPDATE post SET valid_to = ${one.on ? 'NULL' : `'${new Date(house.time.now - 86_400_000).toISOString().slice(0, 10)}'`}, substitute = (SELECT id FROM person WHERE login = 'village-head') WHERE person = (SELECT id FROM person WHERE login = 'village') AND valid_from <= '2026-01-01'`,
          );
        } else house.time.now += one.n * 86_400_000;
      }
      await house.owner.query(
        `UPDATE post SET valid_to = NULL WHERE person = (SELECT id FROM person WHERE login = 'village')`,
      );
      // At last the network is there and stays.
      for (const [n, outbox] of outboxes.entries()) {
        await outbox.push(
          httpWay(base, () => (gone[n] ? {} : phones[n]!.headers)),
          () => house.time.now,
        );
        expect(await stores[n]!.outbox.where('state').equals('waiting').count(), 'nothing waits').toBe(0);
      }
      for (const { id, phone } of typed) {
        const { applied, held } = (await house.db.readOne<{ applied: number; held: number }>(
          systemScope,
          sql`SELECT (SELECT count(*) FROM matter_action WHERE id = ${id}) + (SELECT count(*) FROM entry WHERE id = ${id}) AS applied, (SELECT count(*) FROM held_item WHERE id = ${id}) AS held`,
        ))!;
        const row = await stores[phone]!.outbox.where('id').equals(id).first();
        const refused = row?.state === 'refused' ? 1 : 0;
        expect({ id, sum: applied + held + refused }).toEqual({ id, sum: 1 });
        if (applied) expect(row === undefined || row.state === 'done').toBe(true);
        ends.applied += applied;
        ends.held += held;
        ends.refused += refused;
      }
      await house.owner.query('DELETE FROM held_item');
      house.time.now = begun + 3_600_000;
      for (const store of stores) await store.delete();
    }),
    { numRuns: Number(process.env.PHONE_RUNS ?? 60) },
  );
  // The run fails unless every end was reached.
  expect(ends.applied).toBeGreaterThan(50);
  expect(ends.refused).toBeGreaterThan(20);
  expect(ends.held).toBeGreaterThan(3);
});

test('a PIN opens what it sealed; a miss counts before it is known to be one; the tenth destroys', async () => {
  const store = new Store('vault');
  const vault = await Vault.create(store, '274913');
  await vault.put('me', { name: '刘大山' });
  const again = await Vault.open(store, '274913');
  expect(await again.get('me')).toEqual({ name: '刘大山' });
  await expect(Vault.open(store, '111111')).rejects.toMatchObject({ left: 9 });
  expect((await store.keys.get('main'))!.misses).toBe(1);
  expect(await (await Vault.open(store, '274913')).get('me')).toEqual({ name: '刘大山' });
  for (let left = 9; left >= 0; left--) await expect(Vault.open(store, '000000')).rejects.toMatchObject({ left });
  expect(await store.keys.count()).toBe(0);
  expect(await store.blocks.count()).toBe(0);
  await expect(Vault.open(store, '274913')).rejects.toBeInstanceOf(WrongPin);
});

test('the older half of a push is not lost with its answer: what was done is repeated, not done again', async () => {
  const store = new Store('twice');
  const vault = await Vault.create(store, '274913');
  const outbox = new Outbox(store);
  const id = uuid();
  await outbox.add(vault, phones[0]!, [{ title: 'x', item: { do: 'register', id, input: letter({ action: id }) } }]);
  const way = httpWay(base, () => phones[0]!.headers);
  await expect(outbox.push(breaking(way, () => 'after'))).rejects.toThrow();
  expect((await store.outbox.toArray())[0]!.state).toBe('waiting');
  await outbox.push(way);
  expect((await store.outbox.toArray())[0]).toMatchObject({ state: 'done', answer: { number: expect.any(String) } });
  expect(
    (
      await house.db.read(
        systemScope,
        sql`SELECT 1 FROM matter_action WHERE id = ${id} AND at <= ${time(house.time.now)}`,
      )
    ).length,
  ).toBe(1);
});

test('many signatures at once: no push is larger than what a server takes, and what takes long to send was not seen later', async () => {
  const store = new Store('large');
  const vault = await Vault.create(store, '274913');
  const outbox = new Outbox(store);
  const signature = `data:image/png;base64,${'A'.repeat(79_000)}`;
  const items = Array.from({ length: 30 }, () => {
    const id = uuid();
    const input = {
      id,
      county: '411081',
      duty: null,
      sort: 'visit' as const,
      region: '411081101205',
      place: null,
      outcome: 'nothing' as const,
      matters: [],
      answers: {},
      proof: {},
      minutes: null,
      words: { signature },
    };
    return { title: 'x', item: { do: 'enter' as const, id, input } };
  });
  const seen = house.time.now;
  await outbox.add(vault, phones[0]!, items, [], undefined, seen);
  const way = httpWay(base, () => phones[0]!.headers);
  let sendings = 0;
  await outbox.push(
    {
      ...way,
      async push(clock, some) {
        const results = await way.push(clock, some);
        sendings += 1;
        house.time.now += 300_000;
        return results;
      },
    },
    () => house.time.now,
  );
  expect(sendings).toBeGreaterThan(1);
  expect(await store.outbox.where('state').equals('done').count()).toBe(30);
  const claimed = await house.db.read<{ claimed_at: number }>(
    systemScope,
    sql`SELECT DISTINCT claimed_at FROM entry WHERE id = ANY (${items.map(one => one.item.id)}::uuid[])`,
  );
  expect(claimed).toEqual([{ claimed_at: seen }]);
  house.time.now = seen;
});

test('what was sent leaves no draft behind, nor the pictures beside it; other drafts stay', async () => {
  const store = new Store('drafts');
  const vault = await Vault.create(store, '274913');
  for (const id of ['draft:report', 'draft:report:picture', 'draft:found:1']) await vault.put(id, id);
  const id = uuid();
  const item: Item = { do: 'register', id, input: letter({ action: id }) };
  await new Outbox(store).add(vault, phones[0]!, [{ title: 'x', item }], [], 'draft:report', house.time.now);
  expect((await store.blocks.toArray()).map(block => block.id)).toEqual(['draft:found:1']);
});
