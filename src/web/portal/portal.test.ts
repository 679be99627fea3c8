/** The portal in a real Chromium: an old phone over 3G, text at 200 %, by keyboard, read by a screen reader; the person's whole way. */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { uuid } from '../../kernel/ids.ts';
import { act } from '../../matters/acting.ts';
import { Action } from '../../matters/actions.ts';
import { portalDesk } from '../../portal/desk-contract.ts';
import { launchBrowser, loseNetwork } from '../../test/browser.ts';
import { serve } from '../../test/client.ts';
import { testHouse } from '../../test/harness.ts';
import { tipContracts } from '../../tips/contract.ts';
import { newOrganKey, openTip, unlock } from '../../tips/sealing.ts';

const county = '411081';
const house = await testHouse({ clock: Date.now });
const server = await serve(house);
const origin = server.address.replace('127.0.0.1', 'localhost');
const screens = path.join(import.meta.dirname, '..', '..', '..', '.tmp', 'screens');
fs.mkdirSync(screens, { recursive: true });
const grid = [...house.keeper.current.regions.values()].find(
  one => one.level === 'grid' && one.parent === '411081101205',
)!;
const corner = (house.keeper.current.boundary(grid.code)!.coordinates as [number, number][][])[0]![0]!;
const point = { longitude: corner[0] + 0.002, latitude: corner[1] + 0.002 };
let browser: Browser;
const errors: string[] = [];
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await server.app.close();
});

async function phone(
  options: { senior?: boolean; slow?: boolean; grant?: boolean } = {},
): Promise<{ page: Page; context: BrowserContext }> {
  const context = await browser.newContext({
    viewport: { width: 360, height: 640 },
    locale: 'zh-CN',
    hasTouch: true,
    ...(options.grant && { geolocation: point, permissions: ['geolocation'] }),
  });
  const page = await context.newPage();
  page.on('pageerror', error => errors.push(String(error)));
  page.on('console', message => {
    if (message.type() === 'error' && !/status of 4|ERR_INTERNET_DISCONNECTED/.test(message.text()))
      errors.push(message.text());
  });
  onTestFailed(async () => {
    await page.screenshot({ path: path.join(screens, 'failed-portal.png') }).catch(() => {});
  });
  if (options.slow) {
    // 3G as Lighthouse has it: 400 kbit/s, 400 ms; and a processor a quarter as fast.
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 400,
      downloadThroughput: 50_000,
      uploadThroughput: 50_000,
    });
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  }
  return { page, context };
}
const open = (page: Page, where = '') => page.goto(`${origin}/portal/${county}${where}`);

/** Axe finds nothing; no width scrolls sideways; kept as pictures to look at. */
async function clean(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(v => `${v.id}: ${v.nodes[0]!.html.slice(0, 200)}`),
    name,
  ).toEqual([]);
  for (const [width, height] of [
    [360, 640],
    [412, 915],
    [1366, 768],
  ] as const) {
    await page.setViewportSize({ width, height });
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
      `${name} fits ${width}`,
    ).toBe(true);
    await page.screenshot({ path: path.join(screens, `portal-${name}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 360, height: 640 });
}
const step = async (login: string, id: string, type: string, data: object = {}, text = '已办') =>
  act(house.loop, await house.as(login), county, id, {
    id: uuid(),
    action: Action.parse({ type, data, words: { text } }),
  });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

test('the budget: the script that a resident waits for is far below 150 kB, compressed', () => {
  const dist = path.join(import.meta.dirname, '..', '..', '..', 'dist');
  const html = fs.readFileSync(path.join(dist, 'portal', 'index.html'), 'utf8');
  const scripts = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(found => found[1]!);
  expect(scripts.length).toBeGreaterThan(0);
  const sum = scripts.reduce((total, file) => total + zlib.gzipSync(fs.readFileSync(path.join(dist, file))).length, 0);
  expect(sum).toBeLessThan(40_000);
  expect(html).not.toMatch(/<script(?![^>]*src=)/);
});

test('a matter is raised over 3G by an old person, with a picture and a voice note; the code brings it back', {
  timeout: 120_000,
}, async () => {
  const { page, context } = await phone({ slow: true });
  await open(page);
  await page.getByRole('heading', { name: '有事您说' }).waitFor();
  await button(page, '长辈版').click();
  await expect.poll(() => page.evaluate(() => getComputedStyle(document.body).fontSize)).toBe('24px');
  await page.getByRole('link', { name: '我要反映', exact: true }).click();
  await page.getByLabel(/请说清楚/).fill('村东头的羊昨夜被偷了三只，门锁被撬，请帮忙找。');
  await page.locator('input[type=file]').setInputFiles({
    name: '羊圈.png',
    mimeType: 'image/png',
    buffer: Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    ),
  });
  await button(page, '按这里说话').click();
  await page.waitForTimeout(1200);
  await button(page, '说完了').click();
  await page.getByText('录音（将一起发送）.webm').waitFor();
  // Nothing is lost by pressing too early: what is missing is named, the focus goes there.
  await button(page, '提交').click();
  await page.getByText('请填写：乡镇（街道）').waitFor();
  await page.getByLabel('乡镇（街道）').selectOption({ label: '顺店镇' });
  await page.getByLabel('村（社区）').selectOption({ label: '毛吕村' });
  await button(page, '提交').click();
  await page.getByText('请填写：姓名').waitFor();
  await page.getByLabel('姓名', { exact: true }).fill('毛老汉');
  await page.getByLabel('电话', { exact: true }).fill('13900001234');
  // No network for a moment: what was typed is there, and the same press sends it.
  await loseNetwork(page);
  await button(page, '提交').click();
  await page.getByText('没有网络').waitFor();
  await context.setOffline(false);
  await button(page, '提交').click();
  await page.getByRole('heading', { name: '已登记' }).waitFor();
  const receipt = (await page.locator('.big').innerText()).replace(/\D/g, '');
  expect(receipt).toMatch(/^\d{12}$/);
  await page.getByText('材料都已收到').waitFor();
  await page.locator('img.qr').waitFor();
  // The tab keeps nothing of the draft.
  expect(
    await page.evaluate(() => JSON.stringify({ ...sessionStorage }) + JSON.stringify({ ...localStorage })),
  ).not.toMatch(/羊|毛老汉|1234/);
  await clean(page, 'done');
  await page.getByRole('link', { name: '看进度' }).click();
  await page.getByLabel('电话后四位').fill('0000');
  await button(page, '查询').click();
  await page.getByText('没有找到').waitFor();
  await page.getByLabel('电话后四位').fill('1234');
  await button(page, '查询').click();
  await page.getByText('已登记，等待受理').waitFor();
  expect((await page.locator('ol.steps li').allInnerTexts()).filter(one => one.startsWith('您的材料')).length).toBe(2);
  const { rows } = await house.owner.query('SELECT files, source FROM matter WHERE source = $1', ['online']);
  expect(rows[0].files.map((file: { type: string }) => file.type).sort()).toEqual(['image/png', 'video/webm']);
  await context.close();
});

test('the way of a matter: question, answer, not solved with a cause, my data; a screen reader hears its structure', {
  timeout: 120_000,
}, async () => {
  const { page, context } = await phone({ grant: true });
  await open(page, '/raise');
  await page.getByLabel('公共设施坏了').check();
  await page.getByLabel(/请说清楚/).fill('井盖破了，晚上有人绊倒。');
  await button(page, '用我的位置').click();
  await page.getByRole('status').filter({ hasText: '网格' }).waitFor();
  await button(page, '在地图上点').click();
  const paths = page.locator('svg.map path');
  await paths.first().waitFor();
  await paths.last().focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => paths.last().getAttribute('aria-pressed')).toBe('true');
  await button(page, '用我的位置').click();
  await page.getByLabel('不留姓名电话').check();
  await clean(page, 'raise');
  await button(page, '提交').click();
  await page.getByRole('heading', { name: '已登记' }).waitFor();
  const receipt = (await page.locator('.big').innerText()).replace(/\D/g, '');
  const { rows } = await house.owner.query("SELECT id, location, path FROM matter WHERE kind = 'repair'");
  const { id, location } = rows[0];
  expect(location).toMatchObject({ lng: point.longitude, lat: point.latitude });
  expect(rows[0].path).toContain('411081101205');
  const clerk = 'village-head';
  await step(clerk, id, 'accept');
  await step(clerk, id, 'dispatch', { unit: (await house.staff('urban')).posts[0]!.unit });
  await step('urban', id, 'sign');
  await step('urban', id, 'ask', {}, '井盖在路的哪一边？');
  await open(page, `/track#${receipt}`);
  await page.reload();
  await button(page, '查询').click();
  await page.getByText('井盖在路的哪一边？').first().waitFor();
  await page.getByLabel('回答').fill('路东，小学门口。');
  await page
    .getByRole('region')
    .or(page.locator('section'))
    .filter({ hasText: '经办单位问您' })
    .getByRole('button', { name: '提交' })
    .click();
  await page.getByText('已收到。').waitFor();
  await clean(page, 'track');
  expect(await page.locator('main').ariaSnapshot()).toMatch(/heading "办理经过"[\s\S]*list[\s\S]*listitem/);
  await step('urban', id, 'report', { result: 'resolved' });
  await step(clerk, id, 'answer', { way: 'message', position: 'supported' }, '已换新井盖。');
  await step(clerk, id, 'close', {});
  await page.reload();
  await button(page, '查询').click();
  await page.getByText('已换新井盖。').waitFor();
  await page.getByLabel('没有解决').check();
  await page.getByLabel('又发生了').check();
  await page.getByLabel('1 分').check();
  await clean(page, 'rate');
  await page.locator('section').filter({ hasText: '是不是真的解决了' }).getByRole('button', { name: '提交' }).click();
  await page.getByText('正在办理').waitFor();
  await button(page, '我的个人信息').click();
  await page.getByText('还没有人看过明文。').waitFor();
  await clean(page, 'data');
  await context.close();
});

test('at 200 % text nothing is cut off and every page can be reached and read', { timeout: 120_000 }, async () => {
  const leader = await server.signedIn('leader');
  const clerk = await server.signedIn('county');
  await leader.call(portalDesk.makeAlert, {
    params: { county },
    body: {
      id: uuid(),
      sort: 'fraud',
      level: 'red',
      title: '谨防冒充客服退款诈骗',
      body: '凡是要求共享屏幕、转账到安全账户的都是诈骗。',
      regions: ['411081000000'],
      audience: ['elders'],
      until: Date.now() + 86_400_000,
    },
  });
  await clerk.call(portalDesk.putService, {
    params: { county, id: uuid() },
    body: {
      name: '老年优待证办理',
      sort: '民政',
      unit: null,
      body: { papers: '身份证、照片一张', steps: '村委会申请', time: '15 个工作日', fee: '不收费' },
      errand: true,
      ended: false,
    },
  });
  await clerk.call(portalDesk.putReception, {
    params: { county, id: uuid() },
    body: {
      unit: (await house.staff('county')).posts[0]!.unit,
      who: '郑建国',
      sort: 'leader',
      at: Date.now() + 86_400_000,
      minutes: 15,
      slots: 4,
      room: '一楼接访室',
      ended: false,
    },
  });
  const { page, context } = await phone();
  for (const where of [
    '',
    '/contacts',
    '/services',
    '/open',
    '/wishes',
    '/alerts',
    '/mediators',
    '/tip',
    '/track',
    '/raise',
  ]) {
    await open(page, where);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '36px';
    });
    if (where === '/services') await page.locator('summary').first().click();
    if (where === '/contacts') {
      await page.getByLabel('乡镇（街道）').selectOption({ label: '顺店镇' });
      await page.getByLabel('村（社区）').selectOption({ label: '毛吕村' });
      await page.getByText('刘大山').waitFor();
    }
    await clean(page, `large${where.replace('/', '-')}`);
  }
  // Booked by a person; then the errand begins with its words already there.
  await open(page, '/services');
  await page.locator('summary').filter({ hasText: '郑建国' }).click();
  await page.getByLabel('时间').selectOption({ index: 2 });
  await page.getByLabel('姓名').fill('赵六');
  await page.getByLabel('电话', { exact: true }).fill('13500135000');
  await page.getByLabel('想说什么事').fill('低保');
  await button(page, '预约').click();
  await page.getByRole('heading', { name: '预约成功' }).waitFor();
  await open(page, '/services');
  await page.locator('summary').filter({ hasText: '优待证' }).click();
  await button(page, '请网格员代办').click();
  await expect.poll(() => page.getByLabel(/请说清楚/).inputValue()).toBe('请代办：老年优待证办理。');
  await button(page, 'English').click();
  await page.getByRole('heading', { name: 'Report something' }).waitFor();
  await context.close();
});

test('a tip-off is sealed in the page and opened by its organ alone; a ballot is cast once', {
  timeout: 120_000,
}, async () => {
  const police = await server.signedIn('police');
  const made = await newOrganKey('七里河边一棵老柳树');
  const unit = (await house.staff('police')).posts[0]!.unit;
  await police.call(tipContracts.makeKey, { body: { county, unit, sort: 'crime', ...made } });
  const { page, context } = await phone();
  const sent: string[] = [];
  page.on('request', request => sent.push(request.postData() ?? ''));
  await open(page, '/tip');
  await page.getByLabel(/公安局/).check();
  await page.getByLabel('线索').fill('东河桥下夜里有人倒废油。');
  await button(page, '提交').click();
  await page.getByRole('heading', { name: '已加密送达' }).waitFor();
  const receipt = await page.locator('.big').innerText();
  expect(sent.join()).not.toMatch(/东河桥/);
  expect(sent.join()).not.toContain(receipt.replace(/\s/g, ''));
  await clean(page, 'tip-done');
  const [row] = (await police.call(tipContracts.list, {})).rows;
  const { keys } = await police.call(tipContracts.keys, {});
  expect((await openTip(await unlock(keys[0]!.locked, '七里河边一棵老柳树'), row!.sealed)).text).toBe(
    '东河桥下夜里有人倒废油。',
  );
  await open(page, '/tip');
  await page.locator('summary').click();
  await page.getByLabel('回执码（只显示这一次）').fill(receipt.toLowerCase());
  await button(page, '查看回复')
    .or(page.locator('details').getByRole('button', { name: '查询' }))
    .last()
    .click();
  await page.getByText('已送达，等待开启').waitFor();

  const leader = await server.signedIn('leader');
  const review = uuid();
  const { tickets } = await leader.call(portalDesk.makeReview, {
    params: { county },
    body: {
      id: review,
      year: 2026,
      title: '2026 年度群众评议',
      units: [unit],
      from: Date.now() - 1000,
      until: Date.now() + 86_400_000,
      villages: 1,
      tickets: 1,
      seed: 's',
    },
  });
  await open(page, `/ballot/${review}#${tickets[0]!.ticket}`);
  await page.getByLabel('4 分').check();
  await clean(page, 'ballot');
  await button(page, '投票').click();
  await page.getByText('已投。谢谢。').waitFor();
  expect((await house.owner.query('SELECT marks FROM review_ballot')).rows).toEqual([{ marks: { [unit]: 4 } }]);
  await context.close();
  expect(errors).toEqual([]);
});
