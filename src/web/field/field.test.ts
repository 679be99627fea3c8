/** The phone in the village: reports without a network, tasks, rounds, visits; nothing typed is ever lost. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { sql, systemScope } from '../../kernel/db.ts';
import { registerMatter } from '../../matters/registration.ts';
import { loseNetwork } from '../../test/browser.ts';
import { openField } from '../../test/field.ts';
import { letter } from '../../test/harness.ts';

const field = await openField();
const { house, phone, tab, clean, unlock } = field;
const rowsOf = (text: string) =>
  house.db.read<{ id: string; n: number }>(
    systemScope,
    sql`SELECT m.id, jsonb_array_length(m.files) AS n FROM matter m WHERE m.summary LIKE ${`${text}%`}`,
  );
/** A photograph of a phone's size. */
const photo = path.join(os.tmpdir(), 'yuandian-photo.png');
fs.writeFileSync(
  photo,
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
);

test('a report without a network: kept, sealed, there again after the app was killed, and sent once by itself', async () => {
  const { page, context } = await phone('village');
  await clean(page, 'tasks');
  await tab(page, '上报');
  await clean(page, 'report');
  await loseNetwork(page);
  await page.getByLabel('什么情况').fill('坑塘边的护栏断了，孩子放学路过很危险。');
  await page.getByLabel('拍照', { exact: true }).setInputFiles(photo);
  await page.getByRole('img', { name: '拍照1' }).waitFor();
  await page.getByText('当前位置：').waitFor();
  await page.getByRole('button', { name: '录音' }).click();
  await page.waitForTimeout(700);
  await page.getByRole('button', { name: '停止录音' }).click();
  await page.getByText('录音2').waitFor();
  // Killed while it is written: the draft is there again.
  await page.getByText('草稿已自动保存').waitFor();
  await page.reload();
  await unlock(page);
  await tab(page, '上报');
  await expect.poll(() => page.getByLabel('什么情况').inputValue()).toContain('护栏断了');
  await page.getByRole('img', { name: '拍照1' }).waitFor();
  await page.getByRole('button', { name: '发送' }).click();
  await page.getByText('待发送').first().waitFor();
  await clean(page, 'log-offline');
  expect(await rowsOf('坑塘边的护栏断了')).toEqual([]);
  await page.reload();
  await unlock(page);
  await page.getByText('3 条待发送').waitFor();
  await context.setOffline(false);
  await page.getByText('条待发送').waitFor({ state: 'detached', timeout: 20_000 });
  const rows = await rowsOf('坑塘边的护栏断了');
  expect(rows.map(row => row.n)).toEqual([2]);
  await tab(page, '记录');
  await page.getByText('✓ 已送达').first().waitFor();
  await clean(page, 'log');
  await context.close();
});

test('what lies on the phone cannot be read; wrong PINs destroy the key, not what was typed', async () => {
  const { page, context } = await phone('village');
  await loseNetwork(page);
  await tab(page, '上报');
  await page.getByLabel('什么情况').fill('羊圈的门夜里被撬，丢了三只羊。');
  await page.getByLabel('在哪里').selectOption({ index: 1 });
  await page.getByRole('button', { name: '发送' }).click();
  await page.getByText('○ 待发送').waitFor();
  const text = await page.evaluate(async () => {
    const open = indexedDB.open('yuandian-field');
    const db = await new Promise<IDBDatabase>(resolve => {
      open.onsuccess = () => resolve(open.result);
    });
    const out: string[] = [];
    for (const name of ['blocks', 'outbox', 'plain']) {
      const rows = await new Promise<any[]>(resolve => {
        const all = db.transaction(name).objectStore(name).getAll();
        all.onsuccess = () => resolve(all.result);
      });
      const decoder = new TextDecoder();
      for (const row of rows)
        for (const value of Object.values(row))
          out.push(value instanceof Uint8Array ? decoder.decode(value) : JSON.stringify(value));
    }
    db.close();
    return out.join('\n');
  });
  expect(text).not.toContain('丢了三只羊');
  expect(text).not.toContain('刘大山');
  expect(text).not.toContain('ydd_');
  await page.reload();
  await page.getByRole('heading', { name: '输入 PIN 解锁' }).waitFor();
  await clean(page, 'unlock');
  for (let i = 0; i < 10; i++) {
    await page.getByLabel('PIN').fill('135790');
    await page.getByRole('button', { name: '解锁' }).click();
    if (i < 9) await page.getByText(`还可以试 ${9 - i} 次`).waitFor();
  }
  await page.getByRole('heading', { name: '登录这部手机' }).waitFor();
  await page.getByText('1 条记录已封存').waitFor();
  await clean(page, 'sealed');
  expect(await rowsOf('羊圈的门夜里被撬')).toEqual([]);
  // Back in the village with a network: it goes out by itself, before anybody has signed in.
  await context.setOffline(false);
  await page.getByText('1 条记录已封存').waitFor({ state: 'detached', timeout: 20_000 });
  expect((await rowsOf('羊圈的门夜里被撬')).length).toBe(1);
  await context.close();
});

test('two phones, one matter: the second is refused with what is now, keeps its words, and sends them again', async () => {
  const doing = await house.as('village-head');
  const input = letter({ text: '麦场边的电线垂下来了，两部手机的事。' });
  await registerMatter(house.loop, doing, input);
  const one = await phone('village-head');
  const two = await phone('village-head');
  for (const { page } of [one, two]) {
    await page.getByText('麦场边的电线').first().click();
    await page.getByRole('button', { name: '受理', exact: true }).click();
    await loseNetwork(page);
    await page.getByLabel('说明').fill('现场看过，马上处理。');
    await page.getByRole('button', { name: '发送' }).click();
    await page.getByText('待发送').first().waitFor();
  }
  await clean(one.page, 'matter-sent');
  await one.context.setOffline(false);
  await one.page.getByText('条待发送').waitFor({ state: 'detached', timeout: 20_000 });
  await two.context.setOffline(false);
  await two.page.getByText('1 条被退回').waitFor({ timeout: 20_000 });
  await two.page.getByText('您看到的不是最新状态').waitFor();
  await two.page.getByText('现场看过，马上处理。').waitFor();
  await clean(two.page, 'refused');
  await two.page.getByRole('button', { name: '改为办理记录发送' }).click();
  await two.page.getByText('1 条被退回').waitFor({ state: 'detached', timeout: 20_000 });
  await two.page.getByText('条待发送').waitFor({ state: 'detached', timeout: 20_000 });
  const notes = await house.db.read(
    systemScope,
    sql`SELECT type FROM matter_action WHERE matter = ${input.id} ORDER BY seq`,
  );
  expect(notes.map((row: any) => row.type)).toEqual(['register', 'accept', 'note']);
  await one.context.close();
  await two.context.close();
});

test('eight days without a network: what it held is hidden and gone, a report can still be written, and all is back with the network', async () => {
  const doing = await house.as('village-head');
  await registerMatter(house.loop, doing, letter({ text: '八天前就在手机上的事项。' }));
  const { page, context } = await phone('village');
  await page.getByText('八天前就在手机上').first().waitFor();
  await loseNetwork(page);
  await context.addInitScript(() => {
    const real = Date.now;
    Date.now = () => real() + 8 * 86_400_000;
  });
  await page.reload();
  await unlock(page);
  await page.getByText('超过 7 天没有联网').waitFor();
  await page.getByText('没有待办。').waitFor();
  await clean(page, 'stale');
  await tab(page, '上报');
  await page.getByText('当前位置：').waitFor();
  await page.getByLabel('什么情况').fill('第八天写的一句话，仍然能上报。');
  await page.getByRole('button', { name: '发送' }).click();
  await page.getByText('○ 待发送').waitFor();
  await context.setOffline(false);
  await page.getByText('✓ 已送达').first().waitFor({ timeout: 30_000 });
  await tab(page, '任务');
  await page.getByText('八天前就在手机上').first().waitFor({ timeout: 30_000 });
  expect((await rowsOf('第八天写的一句话')).length).toBe(1);
  await context.close();
});

test('nothing went wrong on any page', () => {
  expect(field.errors).toEqual([]);
});
