/** Two sides on their phones and a mediator at the desk, in real browsers at once: from the first word to the filed dossier. */

import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { uuid } from '../../kernel/ids.ts';
import { act } from '../../matters/acting.ts';
import { Action } from '../../matters/actions.ts';
import { registerMatter } from '../../matters/registration.ts';
import { openConsole } from '../../test/console.ts';
import { letter } from '../../test/harness.ts';

const { house, server, errors, signIn, clean, button } = await openConsole();
const county = '411081';
const screens = path.join(import.meta.dirname, '..', '..', '..', '.tmp', 'screens');

async function quarrel(): Promise<string> {
  const input = letter({
    region: '411081101000',
    kind: 'dispute',
    category: '02',
    text: '两家为一堵院墙争了三年，墙倒了砸坏三轮车。',
    parties: [
      {
        id: uuid(),
        role: 'applicant',
        name: '王小明',
        phone: '13800138000',
        identity: '11010519491231002X',
        anonymous: false,
      },
      { id: uuid(), role: 'respondent', name: '李大山', identity: '110105194912310038', anonymous: false },
    ],
  });
  const doing = await house.as('shundian');
  await registerMatter(house.loop, doing, input);
  const unit = [...house.keeper.current.units.values()].find(one => one.name === '顺店镇综治中心')!.id;
  for (const [type, data] of [
    ['accept', {}],
    ['dispatch', { unit }],
    ['sign', {}],
  ] as const)
    await act(house.loop, doing, county, input.id, { id: uuid(), action: Action.parse({ type, data, words: {} }) });
  return input.id;
}
async function draw(page: Page, label: string): Promise<void> {
  const box = page.getByRole('img', { name: label });
  await box.scrollIntoViewIfNeeded();
  const { x, y } = (await box.boundingBox())!;
  await page.mouse.move(x + 20, y + 20);
  await page.mouse.down();
  for (const [dx, dy] of [
    [60, 40],
    [100, 20],
    [140, 50],
  ])
    await page.mouse.move(x + dx!, y + dy!);
  await page.mouse.up();
}
/** The page of a side on a phone of 360 pixels, clean at normal and at double text size. */
async function side(context: Awaited<ReturnType<typeof signIn>>['context'], url: string): Promise<Page> {
  const phone = await context.browser()!.newContext({ viewport: { width: 360, height: 640 }, locale: 'zh-CN' });
  const page = await phone.newPage();
  page.on('pageerror', error => errors.push(String(error)));
  page.on('dialog', dialog => void dialog.accept());
  await page.goto(url);
  return page;
}
async function cleanPhone(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(v => `${v.id}: ${v.nodes[0]!.html.slice(0, 160)}`),
    name,
  ).toEqual([]);
  await page.screenshot({ path: path.join(screens, `${name}-360.png`), fullPage: true });
  await page.evaluate(() => {
    document.body.style.fontSize = '36px';
  });
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} at 200 %`).toBe(
    true,
  );
  await page.evaluate(() => {
    document.body.style.fontSize = '';
  });
}

test('two sides and a mediator: chosen, agreed with instalments, signed by all, filed, brought to court', async () => {
  const id = await quarrel();
  const { page, context } = await signIn('shundian');
  await page.goto(`${server.address}/matters/${county}/${id}`);
  await page.getByRole('link', { name: '调解工作台' }).click();
  await page.getByLabel('调解委员会').click();
  await page.keyboard.type('顺店镇');
  await page.locator('.ant-select-item-option:visible').first().click();
  await button(page, '启动调解').click();
  await page.getByRole('heading', { name: '当事人' }).waitFor();
  const links: string[] = [];
  for (const n of [0, 1]) {
    await page.getByRole('button', { name: '生成当事人链接' }).nth(n).click();
    const field = page.getByRole('textbox', { name: '当事人链接' });
    await field.waitFor();
    links.push(await field.inputValue());
    await page.keyboard.press('Escape');
    await field.waitFor({ state: 'hidden' });
  }
  const [wang, li] = [await side(context, links[0]!), await side(context, links[1]!)];
  await cleanPhone(li, 'side-rights');
  await li.getByRole('button', { name: '我愿意', exact: true }).click();
  await li.getByText('您已同意调解。').waitFor();
  for (const [phone, names] of [
    [wang, ['毛卫东', '李静']],
    [li, ['毛卫东']],
  ] as const) {
    for (const name of names) await phone.getByRole('checkbox', { name: new RegExp(name) }).check();
    await phone.getByRole('button', { name: '提交选择' }).click();
    await phone.getByText('已提交。').waitFor();
  }
  await page.getByRole('button', { name: '接受', exact: true }).click();
  await page.getByText('已接受').waitFor();
  await button(page, '告知权利义务').click();
  await page.getByText('权利义务未告知').first().waitFor({ state: 'hidden' });
  await clean(page, 'mediation-begun');
  for (const said of ['墙是去年冬天倒的。', '愿意赔三千元，分两次给。']) {
    await page.getByRole('textbox', { name: '内容' }).fill(said);
    await button(page, '写一条').click();
    await page.locator('.timeline').getByText(said).waitFor();
  }
  await button(page, '拟定协议').click();
  await page.getByLabel('事实与争议').fill('院墙年久失修，墙倒后砸坏三轮车一辆。');
  await page.getByLabel('条款文字').fill('李大山赔偿王小明三轮车损失三千元，分两期付清。');
  const pick = async (label: string, name: string) => {
    await page.getByLabel(label, { exact: true }).click();
    await page.locator('.ant-select-item-option:visible', { hasText: name }).click();
  };
  await pick('付款人', '李大山');
  await pick('收款人', '王小明');
  await button(page, '增加一期').click();
  for (const [n, date] of ['2027-01-01', '2027-02-01'].entries()) {
    await page.getByLabel(`日期 ${n + 1}`).fill(date);
    await page.keyboard.press('Enter');
    await page.getByLabel(`金额（元） ${n + 1}`).fill('1500');
  }
  await page.getByText('合计 3000.00').waitFor();
  await clean(page, 'mediation-writing');
  await page.locator('form').getByRole('button', { name: '拟定协议' }).click();
  await page.getByText('生效还缺：').waitFor();
  for (const phone of [wang, li]) {
    await phone.getByText('三轮车损失三千元').waitFor({ timeout: 20_000 });
    await draw(phone, '在框内手写签名');
    if (phone === li) await cleanPhone(li, 'side-agreement');
    await phone.getByRole('button', { name: '我已看清，签名' }).click();
    await phone.getByText('您已签名。').waitFor();
  }
  await page.getByRole('button', { name: '毛卫东 签名' }).click({ timeout: 20_000 });
  await draw(page, '请在框内手写签名');
  await page.getByRole('dialog').getByRole('button', { name: '签名', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: '加盖公章 签名' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '加盖公章' }).click();
  await page.getByText('生效日期').waitFor();
  await button(page, '达成协议').click();
  await page.getByRole('heading', { name: '履行' }).waitFor();
  await clean(page, 'mediation-agreed');
  await wang.getByText('调解已结束：').waitFor({ timeout: 20_000 });
  await page.getByLabel('双方共同申请').check();
  await button(page, '申请司法确认').click();
  await page.getByText('禹州市人民法院').first().waitFor();
  await button(page, '归档').click();
  await page.getByText('人调字第1号').first().waitFor();
  const { mediation } = (await house.owner.query('SELECT mediation FROM matter WHERE id = $1', [id])).rows[0];
  expect(mediation).toMatchObject({
    outcome: 'agreed',
    confirmation: { result: null },
    dossier: { number: '（2026）顺店人调字第1号' },
  });
  expect(mediation.agreement.signatures.map((one: { signer: { as: string } }) => one.signer.as)).toEqual([
    'side',
    'side',
    'mediator',
    'seal',
  ]);
  // A link of no one.
  const stranger = await side(context, `${server.address}/side#${'x'.repeat(32)}`);
  await stranger.getByRole('alert').waitFor();
  await page.goto(`${server.address}/mediators`);
  await page.getByRole('cell', { name: '顺店镇人民调解委员会' }).waitFor();
  await clean(page, 'mediators');
  for (const [tab, name] of [
    ['调解员', 'people'],
    ['调解排期', 'calendar'],
    ['法律顾问', 'advisers'],
    ['调解统计', 'figures'],
    ['以案定补', 'pay'],
  ] as const) {
    await page.getByRole('tab', { name: tab, exact: true }).click();
    await clean(page, `mediators-${name}`);
  }
  const payer = (await signIn('county')).page;
  await payer.goto(`${server.address}/mediators`);
  await payer.getByRole('tab', { name: '以案定补', exact: true }).click();
  await button(payer, '核算').click();
  await payer.getByText('已核算，待审核').waitFor();
  await payer.getByRole('cell', { name: '毛卫东' }).waitFor();
  await clean(payer, 'mediators-pay-computed');
});

test('a matter is handed to another body, and a hearing is called, from its page', async () => {
  const id = await quarrel();
  const { page, context } = await signIn('shundian');
  await page.goto(`${server.address}/matters/${county}/${id}`);
  await button(page, '移送对接').click();
  await page.getByLabel('对方').fill('禹州市人民法院');
  await page.getByRole('dialog').getByRole('button', { name: '移送对接' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.getByText('已移送').waitFor();
  await page.getByRole('button', { name: '已接收', exact: true }).click();
  await page.getByRole('dialog').getByLabel('内容').fill('法院已收。');
  await page.getByRole('dialog').getByRole('button', { name: '确定' }).click();
  await page.getByRole('button', { name: '已办结', exact: true }).waitFor();
  await button(page, '召开听证').click();
  await page.getByRole('dialog').getByLabel('时间').fill('2027-03-01 09:00');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByLabel('听证员').fill('张律师，律协\n李代表，人大\n王委员，政协');
  await page.getByRole('dialog').getByLabel('内容').fill('请双方到场。');
  await page.getByRole('dialog').getByRole('button', { name: '召开听证' }).click();
  await page.getByText('待召开').waitFor();
  await clean(page, 'docks');
  await context.close();
});

test('nothing broke in any page above', () => expect(errors).toEqual([]));
