/** Puts simulated histories into the database: the same rows, seals and chains that acting would have written. */
import { randomBytes } from 'node:crypto';
import type { House } from '../house.ts';
import { sql, systemScope } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { receiptHash } from '../matters/lookups.ts';
import { receiptCode } from '../matters/numbers.ts';
import { redact, titleOf } from '../matters/redact.ts';
import { actionRow, contentOf, type MatterWords } from '../matters/store.ts';
import { actionJson, addMatter, insertNew, noRows, type Rows } from '../matters/writing.ts';
import type { Told } from './simulate.ts';

const batch = 100;

/** Collects histories and writes them a hundred matters at a time. */
export class Chronicle {
  readonly #house: House;
  #waiting: Told[] = [];
  actions = 0;
  constructor(house: House) {
    this.#house = house;
  }
  keep(told: Told): void {
    this.#waiting.push({ ...told });
  }
  /** Writes what has come to an end since. `all` leaves nothing waiting. */
  async flush(all = false): Promise<void> {
    while (this.#waiting.length >= batch || (all && this.#waiting.length)) {
      const part = this.#waiting.splice(0, batch);
      const rows = noRows();
      for (const told of part) this.#add(rows, told);
      this.actions += rows.matter_action.length;
      await this.#house.db.write(
        systemScope,
        async tx => {
          const written = insertNew(tx, rows);
          tx.commit();
          await written;
        },
        part.map(told => told.matter.id),
      );
    }
  }
  #add(rows: Rows, { matter, story, acts }: Told): void {
    const { loop, secrets } = this.#house;
    const { id } = matter;
    const place = this.#house.keeper.current.regions.get(matter.path[2] ?? matter.path[0]!)?.name ?? '';
    const text = matter.whole ? '请派员到现场会商，共同处置。' : story.text.replaceAll('{place}', place);
    const title = titleOf(text);
    const words: MatterWords = { title, text, receipt: receiptCode(randomBytes), summary: redact(title) };
    const key = secrets.newKey();
    const sealed = secrets.seal(key.key, words);
    let prev: Buffer | undefined;
    for (const [i, act] of acts.entries()) {
      const said = i === 0 ? sealed : Object.keys(act.words).length ? secrets.seal(key.key, act.words) : null;
      const content = contentOf(secrets, act.actor, { id, i });
      const step = { id: uuid(act.at), type: act.type, data: act.data, words: said, content };
      const doing = { actor: { ...act.actor, person: null }, scope: systemScope, now: act.at };
      const row = actionRow(loop, matter, i + 1, prev, step, act.effects, doing, null, act.unit);
      prev = row.hash;
      rows.matter_action.push(actionJson(row));
    }
    addMatter(rows, matter, words.summary, sealed, key, [
      { hash: receiptHash(secrets, words.receipt), what: 'receipt', party: null },
    ]);
  }
}

/** Numbers for a simulation that writes: a block of each year, so that none is given twice. */
export async function reserveNumbers(
  house: House,
  county: string,
  years: readonly number[],
  count: number,
): Promise<number> {
  let first = 1;
  for (const year of years) {
    const row = await house.db.write(systemScope, tx =>
      tx.one<{ next: number }>(sql`INSERT INTO number_block AS b VALUES (${county}, ${year}, ${1 + count})
        ON CONFLICT (county, year) DO UPDATE SET next = b.next + ${count} RETURNING next`),
    );
    first = Math.max(first, row!.next - count);
  }
  return first;
}
