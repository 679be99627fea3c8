/**
 * The outbox: what was typed leaves this phone once, or says why not. Written in one transaction with what it takes the place
 * of, so that a phone that dies between any two writes has the draft or the sent thing, never neither.
 */
import { Upload } from 'tus-js-client';
import { base64, unbase64 } from '../../kernel/bytes.ts';
import type { Item, PushResult } from '../../sync/contract.ts';
import { publicKeyOf, sealTo } from '../../sync/sealing.ts';
import type { OutRow, Store, Vault } from './vault.ts';

/** How many items travel at once, and how many bytes: a server takes two million characters. */
const batch = 20;
const batchBytes = 1_000_000;
/** For how long what arrived stays in the log. */
const keptDays = 7;

/** What the log and the waiting list say of an item. */
export type Shown = { item?: Item; title: string };
export type NewItem = { item: Item; title: string; after?: string[] };
export type NewFile = { id: string; bytes: Uint8Array; title: string };

/** How the outbox reaches the server. Throws when there is no way to it. */
export type Way = {
  push(clock: number, items: { id: string; sealed: string; orphan?: boolean }[]): Promise<PushResult[]>;
  upload(id: string, sealed: Uint8Array): Promise<void>;
};

export class Outbox {
  readonly store: Store;
  #pushing: Promise<number> | undefined;
  constructor(store: Store) {
    this.store = store;
  }

  /** Puts what was typed into the outbox, and takes its draft away, at once. */
  async add(
    vault: Vault,
    by: { token: string; sealTo: string },
    items: NewItem[],
    files: NewFile[] = [],
    draft?: string,
    now = Date.now(),
  ): Promise<void> {
    const key = await publicKeyOf(unbase64(by.sealTo));
    const rows: Omit<OutRow, 'n'>[] = [];
    for (const { item, title, after = [] } of items) {
      const plain = new TextEncoder().encode(JSON.stringify({ token: by.token, at: now, item }));
      const sealed = await sealTo(key, 'item', plain);
      rows.push({
        id: item.id,
        kind: 'item',
        sealed,
        shown: await vault.seal({ item, title }),
        after,
        at: now,
        state: 'waiting',
      });
    }
    for (const { id, bytes, title } of files) {
      const sealed = await sealTo(key, 'file', bytes);
      rows.push({ id, kind: 'file', sealed, shown: await vault.seal({ title }), after: [], at: now, state: 'waiting' });
    }
    await this.store.transaction('rw', this.store.outbox, this.store.blocks, async () => {
      await this.store.outbox.bulkAdd(rows as OutRow[]);
      // With its pictures, which lie beside it under longer names.
      if (draft) await this.store.blocks.where('id').startsWith(draft).delete();
    });
  }

  /**
   * Sends what can be sent; returns how much was settled. One at a time, whoever asks. Each sending says what time the
   * phone has then, because the server corrects by it when things were seen; a long push would make them later.
   */
  push(way: Way, clock: () => number = Date.now): Promise<number> {
    this.#pushing ??= this.#push(way, clock).finally(() => {
      this.#pushing = undefined;
    });
    return this.#pushing;
  }

  async #push(way: Way, clock: () => number): Promise<number> {
    let settled = 0;
    await this.store.outbox
      .filter(row => row.state === 'done' && (row.settledAt ?? 0) < clock() - keptDays * 86_400_000)
      .delete();
    // Reports first: no photograph holds one up.
    for (;;) {
      const ready = await this.#ready('item');
      if (!ready.length) break;
      const items = ready.map(row => ({ id: row.id, sealed: base64(row.sealed), ...(row.orphan && { orphan: true }) }));
      const results = await way.push(clock(), items);
      const moved = await this.#settle(ready, results, clock());
      settled += moved;
      if (!moved) break;
    }
    for (const row of await this.#ready('file')) {
      await way.upload(row.id, row.sealed);
      await this.store.outbox.update(row.n, { state: 'done', settledAt: clock() });
      settled += 1;
    }
    if (settled && (await this.#ready('item')).length) settled += await this.#push(way, clock);
    return settled;
  }

  /** What waits and whose forerunners have arrived, oldest first. */
  async #ready(kind: OutRow['kind']): Promise<OutRow[]> {
    const rows = await this.store.outbox.where('state').equals('waiting').sortBy('n');
    const open = new Set((await this.store.outbox.where('state').notEqual('done').toArray()).map(row => row.id));
    const ready = rows.filter(row => row.kind === kind && !row.after.some(id => open.has(id)));
    if (kind === 'file') return ready;
    let bytes = 0;
    const end = ready.findIndex((row, n) => {
      bytes += row.sealed.length * 1.4;
      return n >= batch || (n > 0 && bytes > batchBytes);
    });
    return end < 0 ? ready : ready.slice(0, end);
  }

  async #settle(rows: OutRow[], results: PushResult[], now: number): Promise<number> {
    const byId = new Map(results.map(result => [result.id, result]));
    let settled = 0;
    await this.store.transaction('rw', this.store.outbox, async () => {
      for (const row of rows) {
        const answer = byId.get(row.id);
        if (!answer || answer.result === 'later') {
          // Its file did not arrive whole: it is sent again.
          if (answer?.code === 'file_missing')
            await this.store.outbox
              .where('id')
              .anyOf(row.after)
              .modify(one => {
                if (one.kind === 'file') one.state = 'waiting';
              });
          continue;
        }
        settled += 1;
        if (answer.result === 'refused')
          await this.store.outbox.update(row.n, { state: 'refused', answer, settledAt: now });
        // Kept at the server, where its author finds it: nothing is left to keep here.
        else if (answer.result === 'held') await this.store.outbox.delete(row.n);
        else {
          await this.store.outbox.update(row.n, { state: 'done', answer, settledAt: now });
          // The bytes of a file have found their matter.
          await this.store.outbox
            .where('id')
            .anyOf(row.after)
            .filter(one => one.kind === 'file')
            .delete();
        }
      }
    });
    return settled;
  }

  /** Drops a refused thing, by its author's hand. */
  drop(n: number): Promise<void> {
    return this.store.outbox.delete(n);
  }
}

/** The way over HTTP. `ask` adds the token where there is one. */
export function httpWay(base: URL, headers: () => Record<string, string>): Way {
  return {
    async push(clock, items) {
      const send = (more: Record<string, string>) =>
        fetch(new URL('sync/push', base), {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...more },
          body: JSON.stringify({ clock, items }),
        });
      // A phone that was signed out meanwhile still hands over what is sealed.
      let response = await send(headers());
      if (response.status === 401) response = await send({});
      if (!response.ok) throw new Error(`push: ${response.status}`);
      return (await response.json()).results;
    },
    upload: (id, sealed) =>
      new Promise((resolve, reject) => {
        new Upload(new Blob([new Uint8Array(sealed)]), {
          endpoint: new URL('sync/uploads', base).href,
          metadata: { file: id },
          headers: headers(),
          chunkSize: 512 * 1024,
          retryDelays: [500, 2000],
          // Found again by its own address, since the id is ours: nothing need be remembered between attempts.
          uploadUrl: new URL(`sync/uploads/${id}`, base).href,
          storeFingerprintForResuming: false,
          onError: error => reject(error),
          onSuccess: () => resolve(),
        }).start();
      }),
  };
}
