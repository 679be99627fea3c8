/** The desk over the field in a real browser: places, plans, coverage on the map, duties, teams, hazards, phones. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { sql, systemScope } from '../../kernel/db.ts';
import { uuid } from '../../kernel/ids.ts';
import { act } from '../../matters/acting.ts';
import { Action } from '../../matters/actions.ts';
import { registerMatter } from '../../matters/registration.ts';
import { placeContracts } from '../../places/contract.ts';
import { roundContracts } from '../../rounds/contract.ts';
import { makeDuties, missDuties } from '../../rounds/store.ts';
import { openConsole } from '../../test/console.ts';
import { letter } from '../../test/harness.ts';
import { Phone } from '../../test/phone.ts';

const { house, server, errors, signIn, clean, button, choose } = await openConsole();

/** Chooses in a list that is not searched. */
async function pick(page: Page, label: string, option: string): Promise<void> {
  await page.locator('.ant-modal:visible').getByLabel(label, { exact: true }).click();
  await page.locator('.ant-select-item-option:visible').getByText(option, { exact: true }).click();
}

test('a plan by hand becomes duties; coverage on the map and in figures; a reason is given and excused', async () => {
  const { page, context } = await signIn('shundian');
  await page.getByRole('link', { name: '排查与走访' }).click();
  await page.getByText('这段时间没有任务。').waitFor();
  await clean(page, 'coverage-empty');
  await page.getByRole('tab', { name: '计划' }).click();
  await clean(page, 'plans-empty');
  await button(page, '制定计划').click();
  await page.getByLabel('计划名称').fill('矛盾纠纷日排查');
  await pick(page, '频次', '每日');
  await page.getByLabel('完成时限（小时）').fill('1');
  await page.getByLabel('工作指引').fill('逐户问一问。');
  await clean(page, 'plan-form');
  await page.locator('form').getByRole('button', { name: '确定' }).click();
  await page.getByRole('cell', { name: '矛盾纠纷日排查' }).waitFor();
  await clean(page, 'plans');
  await house.owner.query(`UPDATE plan SET made_through = now() - interval '2 days'`);
  await makeDuties(house, Date.now());
  await missDuties(house, Date.now());
  const village = await server.signedIn('village-head');
  const missed = (await village.call(roundContracts.duties, { query: { state: 'missed' } })).rows;
  expect(missed.length).toBeGreaterThan(0);
  await village.call(roundContracts.enter, {
    body: {
      id: uuid(),
      county: '411081',
      duty: missed[0]!.id,
      sort: 'round',
      region: missed[0]!.region,
      outcome: 'nothing',
      words: { note: '问过了' },
    },
  });
  await page.getByRole('tab', { name: '覆盖' }).click();
  await page.locator('.map canvas').waitFor();
  await page.getByText('颜色越深完成率越高').waitFor();
  await page.waitForTimeout(500);
  await clean(page, 'coverage');
  await page.getByRole('tab', { name: '记录' }).click();
  await page.getByText('问过了').waitFor();
  await clean(page, 'entries');
  await page.getByRole('tab', { name: '任务' }).click();
  await page.getByText('矛盾纠纷日排查').first().waitFor();
  await clean(page, 'duties');
  await button(page, '发布志愿任务').click();
  await page.getByLabel('任务内容').fill('给独居老人送菜');
  await page.keyboard.press('Escape');
  await page.getByRole('tab', { name: '队伍与排班' }).click();
  await button(page, '新建队伍').click();
  await page.getByLabel('队伍名称').fill('顺店镇巡逻队');
  await page.locator('form').getByRole('button', { name: '确定' }).click();
  await page.getByRole('cell', { name: '顺店镇巡逻队' }).waitFor();
  await button(page, '增加队员').click();
  await page.getByLabel('姓名').fill('王铁柱');
  await page.locator('form').getByRole('button', { name: '确定' }).click();
  await page.getByText('王**').waitFor();
  await clean(page, 'teams');
  await context.close();
});

test('places, listing, footage, certificates at the desk', async () => {
  const { page, context } = await signIn('shundian');
  await page.getByRole('link', { name: '点位与设施' }).click();
  await page.getByText('没有点位。').waitFor();
  await clean(page, 'places-empty');
  await button(page, '登记点位').click();
  await page.locator('.ant-modal').getByLabel('名称').fill('毛吕建材厂');
  await pick(page, '点位类别', '企业');
  await page.locator('.ant-modal').getByLabel('所在地').first().click();
  await page.keyboard.type('毛吕');
  await page.locator('.ant-select-item-option:visible').first().waitFor();
  await page.keyboard.press('Enter');
  await clean(page, 'place-form');
  await page.locator('form').getByRole('button', { name: '确定' }).click();
  await page.getByRole('cell', { name: '毛吕建材厂' }).waitFor();
  await clean(page, 'places');
  await page.getByRole('tab', { name: '按村统计' }).click();
  await page.getByText('没有该类点位的村').waitFor();
  await clean(page, 'places-summary');
  await page.getByRole('tab', { name: '重点监管单位' }).click();
  await button(page, '提请列为重点监管').click();
  await choose(page, '企业', '毛吕');
  await pick(page, '法定理由', '重大事故隐患逾期未消除');
  await page.getByLabel('原因').fill('重大隐患逾期未消除');
  await page.locator('form').getByRole('button', { name: '确定' }).click();
  await page.getByText('已提请，待听取意见').waitFor();
  await clean(page, 'listings');
  await page.getByRole('tab', { name: '调取录像' }).click();
  await page.getByText('没有调取申请。').waitFor();
  await clean(page, 'footage');
  await page.getByRole('tab', { name: '执法证' }).click();
  await clean(page, 'certificates');
  await context.close();
});

test('a hazard is ordered away at the desk by two officers; phones and what they left are seen at the account', async () => {
  const leader = await server.signedIn('leader');
  for (const [login, number] of [
    ['urban', 'K-1'],
    ['urban2', 'K-2'],
  ] as const)
    await leader.call(placeContracts.addCertificate, { body: { login, number, until: '2030-01-01' } });
  const input = letter({
    kind: 'hazard',
    category: '09',
    text: '沿街广告牌松动，随时会掉下来',
    region: '411081000000',
  });
  await registerMatter(house.loop, { ...(await house.as('county')), now: Date.now() }, input);
  const unit = (await house.staff('urban')).posts[0]!.unit;
  const go = async (login: string, type: string, data: object = {}) =>
    act(house.loop, { ...(await house.as(login)), now: Date.now() }, '411081', input.id, {
      id: uuid(),
      action: Action.parse({ type, data, words: { text: '办' } }),
    });
  await go('county', 'accept');
  await go('county', 'dispatch', { unit });
  await go('urban', 'sign');
  const phone = await new Phone(server.anyone()).enrol('urban', '城管一号机');
  await phone.client.raw('DELETE', `/api/v1/me/devices/${phone.id}`, undefined, phone.headers);
  const item = {
    do: 'act' as const,
    id: uuid(),
    county: '411081',
    matter: input.id,
    saw: 1,
    action: { type: 'sign' as const, data: {}, words: { text: '手机上的签收' } },
  };
  await phone.send(item, Date.now());
  const { page, context } = await signIn('urban');
  await page.goto(`${server.address}/matters/411081/${input.id}`);
  await button(page, '责令整改').click();
  await page
    .getByLabel('责令整改期限')
    .fill(new Date(Date.now() + 2 * 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' '));
  await page.locator('.ant-picker-ok button').click();
  await page.getByLabel('执法人员（两人，须含本人）').click();
  await page.locator('.ant-select-item-option:visible').nth(0).click();
  await page.locator('.ant-select-item-option:visible').nth(1).click();
  await page.keyboard.press('Escape');
  await page.getByLabel('内容').fill('两日内加固或拆除。');
  await page.locator('form').getByRole('button', { name: '责令整改' }).click();
  await page.getByText('责令整改 · 已完成').waitFor();
  await page.getByRole('heading', { name: '隐患整改' }).waitFor();
  await clean(page, 'hazard');
  await page.getByRole('link', { name: '我的账号' }).click();
  await page.getByText('城管一号机').waitFor();
  await page.getByText('手机上的签收').waitFor();
  await clean(page, 'phones');
  await page.getByRole('button', { name: '不要了' }).click();
  await page.getByRole('tooltip').getByRole('button', { name: '确定' }).click();
  await page.getByText('手机上的签收').waitFor({ state: 'detached' });
  expect((await house.db.readOne<any>(systemScope, sql`SELECT state FROM held_item WHERE id = ${item.id}`)).state).toBe(
    'dropped',
  );
  await context.close();
  expect(errors).toEqual([]);
});
