/** Search in pages gives what a plain scan gives, in the same order, whatever days and months lie between. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { seeded } from '../demo/random.ts';
import { importLetters } from '../imports/letters-run.ts';
import { letter, testHouse } from '../test/harness.ts';
import { project } from './jobs.ts';
import { listMatters } from './lists.ts';
import { maySee } from './policy.ts';
import { registerMatter } from './registration.ts';
import { matterOf } from './rows.ts';
import { bySystem } from './store.ts';

const house = await testHouse();
const day = 86_400_000;

test('every page, of common, rare and absent words, for wide and narrow scopes', async () => {
  const random = seeded(5);
  for (let i = 0; i < 120; i++) {
    const here = random.chance(0.6);
    const text = `${random.chance(0.7) ? '路灯不亮' : '井盖丢失'}，第${i}处，${random.chance(0.05) ? '珊瑚摆件被砸' : '请派人看看'}。`;
    await registerMatter(
      house.loop,
      await house.as(here ? 'village-head' : 'huolong'),
      letter({
        text,
        region: here ? '411081101205' : '411081100000',
        // Some within days of each other and of midnight, some years apart, some at the same moment.
        receivedAt: house.time.now - Math.floor(random.next() ** 3 * 900) * day - random.int(3) * 43_200_000,
        sensitive: random.chance(0.1),
      }),
    );
  }
  while ((await project(house.loop)) > 0);
  const { rows } = await house.owner.query('SELECT m.*, m.summary FROM matter m ORDER BY received_at DESC, id DESC');
  for (const login of ['county', 'village-head', 'huolong', 'urban'])
    for (const word of ['路灯', '井盖', '珊瑚', '水塔', '路灯 珊瑚', '灯', '处', '瑚', '塔', '灯 珊瑚']) {
      const doing = await house.as(login);
      const wanted = rows
        .filter(row => word.split(' ').every(part => row.summary.includes(part)) && maySee(doing.actor, matterOf(row)))
        .map(row => row.id);
      for (const size of [3, 7, 50]) {
        const got: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await listMatters(house.loop, doing, ['411081'], { q: word }, 'received', cursor, size);
          got.push(...page.rows.map(row => row.id));
          cursor = page.next ?? undefined;
        } while (cursor);
        expect(got, `${login} ${word} by ${size}`).toEqual(wanted);
      }
    }
});

test('thousands in one day, more than are ever sorted: the pages go on as they lie', async () => {
  const day = house.time.now - 3 * 86_400_000;
  const file = path.join(house.data, 'flood.csv');
  const lines = Array.from({ length: 2300 }, (_, i) => {
    const at = new Date(day - (i % 1400) * 1000).toISOString().slice(0, 19).replace('T', ' ');
    return `W${i},水管爆裂 ${i},${at},第${i}号门前的水管爆裂，请快来修。,${i % 3 ? '411081100000' : '411081101205'}`;
  });
  fs.writeFileSync(file, `编号,标题,时间,内容,区划代码\n${lines.join('\n')}`);
  await importLetters(
    house,
    bySystem(house.time.now),
    { file, source: 'flood', region: '411081000000', kind: 'request', live: false },
    { line: 0, read: 0, imported: 0, repeated: 0, refused: 0 },
    { save: async () => {}, refuse: row => expect(row).toBeUndefined() },
  );
  while ((await project(house.loop)) > 0);
  const { rows } = await house.owner.query(
    "SELECT m.* FROM matter m WHERE summary LIKE '%水管爆裂%' ORDER BY received_at DESC, id DESC",
  );
  expect(rows).toHaveLength(2300);
  for (const login of ['county', 'village-head', 'huolong']) {
    const doing = await house.as(login);
    const wanted = rows.filter(row => maySee(doing.actor, matterOf(row))).map(row => row.id);
    const got: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listMatters(house.loop, doing, ['411081'], { q: '水管爆裂' }, 'received', cursor, 400);
      got.push(...page.rows.map(row => row.id));
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(got, login).toEqual(wanted);
  }
});
