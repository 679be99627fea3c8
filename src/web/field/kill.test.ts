/** The browser's process is killed at each write into IndexedDB, one after another: what was typed is there, and applied once. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { sql, systemScope } from '../../kernel/db.ts';
import { launchPersistent } from '../../test/browser.ts';
import { openField } from '../../test/field.ts';

const field = await openField();
const { house, server, enrol, unlock, tab } = field;

/** Stops the page at the n-th write after it was armed, and says so: the process dies there, with nothing of that write done. */
const stopAt = () => {
  const counts = window as unknown as { writes: number; stop: number; died(): void };
  counts.writes = 0;
  counts.stop = Infinity;
  const wrap = (prototype: any, names: string[]) => {
    for (const name of names) {
      const real = prototype[name];
      prototype[name] = function (...args: unknown[]) {
        counts.writes += 1;
        if (counts.writes === counts.stop) {
          counts.died();
          const until = performance.now() + 60_000;
          while (performance.now() < until);
        }
        return real.apply(this, args);
      };
    }
  };
  wrap(IDBObjectStore.prototype, ['add', 'put', 'delete', 'clear']);
  wrap(IDBCursor.prototype, ['update', 'delete']);
};

async function open(directory: string): Promise<{ context: BrowserContext; page: Page; died: Promise<void> }> {
  const context = await launchPersistent(directory, await field.options());
  let say = () => {};
  const died = new Promise<void>(resolve => {
    say = resolve;
  });
  await context.exposeBinding('died', () => say());
  await context.addInitScript(stopAt);
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('dialog', dialog => void dialog.accept().catch(() => {}));
  return { context, page, died };
}
/** Every process of a profile, at once, without a word. */
function kill(directory: string): void {
  for (const pid of fs.readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      if (fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`--user-data-dir=${directory}\0`))
        process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It was gone already.
    }
  }
}

test('killed at every write from typing to the answer: the draft or the sent thing is there, and the matter exists once', async () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'yuandian-kill-'));
  const ready = path.join(root, 'ready');
  const first = await open(ready);
  await enrol(first.page, 'village');
  await first.page.close();
  await first.context.close();
  let finished = false;
  let kills = 0;
  for (let n = 1; !finished; n++) {
    const directory = path.join(root, `run-${n}`);
    fs.cpSync(ready, directory, { recursive: true });
    const text = `第${n}次写入时手机没电了，井盖丢失。`;
    const { context, page, died } = await open(directory);
    await page.goto(`${server.address}/field/`);
    await unlock(page);
    await page.getByText(/已同步/).waitFor();
    await tab(page, '上报');
    await page.getByText('当前位置：').waitFor();
    await page.getByLabel('什么情况').fill(text);
    // The draft is on the disk; from here every write is counted.
    await page.getByText('草稿已自动保存').waitFor();
    await page.evaluate(stop => {
      const counts = window as unknown as { writes: number; stop: number };
      counts.writes = 0;
      counts.stop = stop;
    }, n);
    // A page that stands still answers nobody: nothing waits for this.
    void page
      .getByRole('button', { name: '发送' })
      .click()
      .catch(() => {});
    const sent = page.getByText('✓ 已送达').first().waitFor({ timeout: 30_000 });
    const ended = await Promise.race([died.then(() => 'died'), sent.then(() => 'sent').catch(() => 'lost')]);
    expect(ended).not.toBe('lost');
    if (ended === 'died') {
      kills += 1;
      kill(directory);
      await context.close().catch(() => {});
      const again = await open(directory);
      await again.page.goto(`${server.address}/field/`);
      await unlock(again.page);
      const log = again.page.getByText('✓ 已送达').first();
      await tab(again.page, '上报');
      await again.page.getByLabel('什么情况').waitFor();
      await again.page.waitForTimeout(300);
      const draft = await again.page.getByLabel('什么情况').inputValue();
      // Never neither: what is not in the outbox is still in the form.
      if (draft) {
        expect(draft).toBe(text);
        await again.page.getByRole('button', { name: '发送' }).click();
      }
      await tab(again.page, '记录');
      await log.waitFor({ timeout: 30_000 });
      await again.context.close();
    } else {
      finished = true;
      await context.close();
    }
    const rows = await house.db.read(systemScope, sql`SELECT 1 FROM matter WHERE summary LIKE ${`第${n}次写入%`}`);
    expect(rows.length, text).toBe(1);
    fs.rmSync(directory, { recursive: true, force: true });
    expect(n).toBeLessThan(40);
  }
  // Drafts, outbox, settling and what was pulled afterwards: each of their writes was the last once.
  expect(kills).toBeGreaterThanOrEqual(4);
  fs.rmSync(root, { recursive: true, force: true });
});
