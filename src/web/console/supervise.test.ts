/** The supervisor's desk in a real browser: overdue → order → reply, return → ruling, whistle → report in → close. */
import { expect, test } from 'vitest';
import { uuid } from '../../kernel/ids.ts';
import { act } from '../../matters/acting.ts';
import { Action } from '../../matters/actions.ts';
import { lapseDue } from '../../matters/jobs.ts';
import { registerMatter } from '../../matters/registration.ts';
import { openConsole } from '../../test/console.ts';
import { letter } from '../../test/harness.ts';

const { house, server, errors, signIn, clean, button, choose, step } = await openConsole();
const unitNamed = (name: string) => [...house.keeper.current.units.values()].find(unit => unit.name.includes(name))!.id;

/** A matter that came some days ago and got as far as these steps then. */
async function matter(text: string, daysAgo: number, steps: [string, Action['type'], object][]): Promise<string> {
  const then = Date.now() - daysAgo * 86_400_000;
  const input = letter({ text, region: '411081101000', receivedAt: then });
  const as = async (login: string, now: number) => ({ ...(await house.as(login)), now });
  await registerMatter(house.loop, await as('shundian', then), input);
  for (const [i, [login, type, data]] of steps.entries())
    await act(house.loop, await as(login, then + (i + 1) * 60_000), '411081', input.id, {
      id: uuid(),
      action: Action.parse({ type, data, words: { text: '文字' } }),
    });
  return input.id;
}
const urban = () => unitNamed('城市管理局');
const given = (): [string, Action['type'], object][] => [
  ['shundian', 'accept', {}],
  ['shundian', 'dispatch', { unit: urban() }],
];

test('overdue: it stands in the list with its reasons; the supervisor orders, the unit is told and replies', async () => {
  const id = await matter('集镇南头的垃圾堆放点十多天没有清运，气味很大。', 20, [...given(), ['urban', 'sign', {}]]);
  while ((await lapseDue(house.loop, Date.now())) > 0);
  const centre = await signIn('county');
  await centre.page.goto(`${server.address}/watch`);
  const row = centre.page.getByRole('row', { name: /垃圾堆放点/ });
  await row.getByText(/已超期/).waitFor();
  await clean(centre.page, 'watch');
  await row.getByRole('checkbox').check();
  await button(centre.page, '督办所选').click();
  await centre.page.getByLabel('内容').fill('两日内清运完毕并回复。');
  await button(centre.page, '确定').click();
  await centre.page.getByText('已完成').first().waitFor();
  await row.getByText(/督办待回复/).waitFor();

  const unit = await signIn('urban');
  await unit.page.goto(`${server.address}/notices`);
  await unit.page.getByText('督办，须回复').first().waitFor();
  await clean(unit.page, 'notices');
  await unit.page.goto(`${server.address}/matters/411081/${id}`);
  await step(unit.page, '回复督办', async () => {
    await unit.page.getByLabel('回复哪一件').click();
    await unit.page.locator('.ant-select-item-option:visible').last().click();
    await unit.page.getByLabel('内容').fill('已调运两车，明日清完。');
  });
  await unit.page
    .getByText(/已回复/)
    .first()
    .waitFor();
  await clean(unit.page, 'matter-orders');
  await unit.context.close();
  await centre.context.close();
});

test('returned as not its own: the centre rules, the named unit may not return it again', async () => {
  const id = await matter('镇区公厕的门坏了一个月没人修。', 0, given());
  const unit = await signIn('urban');
  await unit.page.goto(`${server.address}/matters/411081/${id}`);
  await step(unit.page, '退回', async () => {
    await choose(unit.page, '理由', '非本单位');
    await unit.page.getByLabel('意见').fill('公厕由住建部门管理。');
  });
  const centre = await signIn('shundian');
  await centre.page.goto(`${server.address}/matters/411081/${id}`);
  await step(centre.page, '裁定', async () => {
    await choose(centre.page, '单位', '城市管理局');
    await centre.page.getByLabel('意见').fill('按职责清单由城管局承办。');
  });
  await unit.page.reload();
  await button(unit.page, '签收').first().waitFor();
  expect(await button(unit.page, '退回').count()).toBe(0);
  await unit.context.close();
  await centre.context.close();
});

test('whistle: a township calls a department to a part; it reports in, is done, and only then the whole can report', async () => {
  const id = await matter('河道边有人私建猪圈，污水直接排进河里。', 0, [
    ['shundian', 'accept', {}],
    ['shundian', 'dispatch', { unit: unitNamed('顺店镇综治中心') }],
    ['shundian', 'sign', {}],
  ]);
  const town = await signIn('shundian');
  await town.page.goto(`${server.address}/matters/411081/${id}`);
  await step(town.page, '吹哨协办', async () => {
    await choose(town.page, '呼叫单位', '自然资源');
    await town.page.keyboard.press('Escape');
    await town.page.getByLabel('内容').fill('请到现场认定用地性质。');
  });
  await town.page.getByRole('heading', { name: '协办', exact: true }).waitFor();
  expect(await button(town.page, '反馈结果').count()).toBe(0);
  await clean(town.page, 'matter-parts');

  const land = await signIn('land');
  await land.page
    .getByRole('link', { name: /认定用地性质/ })
    .first()
    .click();
  await step(land.page, '签收');
  await step(land.page, '反馈结果', async () => {
    await choose(land.page, '办理结果', '已解决');
    await land.page.getByLabel('内容').fill('属河道管理范围，已责令拆除。');
  });
  await town.page.reload();
  await step(town.page, '反馈结果', async () => {
    await choose(town.page, '办理结果', '已解决');
    await town.page.getByLabel('内容').fill('已拆除并清理。');
  });
  await land.context.close();
  await town.context.close();
});

test('graded by points with the lines shown; figures, causes, hot spots, drives, rules: each clean and in words', async () => {
  const texts = [
    '水泥厂夜里排放粉尘，窗台一层灰。',
    '水泥厂夜里排放粉尘，孩子咳嗽。',
    '水泥厂夜里排放粉尘，庄稼叶子都白了。',
  ];
  for (const text of texts) await matter(text, 1, []);
  const id = await matter('水泥厂夜里排放粉尘，一百多户联名反映。', 1, []);
  const town = await signIn('shundian');
  await town.page.goto(`${server.address}/matters/411081/${id}`);
  await button(town.page, '评定等级').click();
  await town.page.getByRole('spinbutton').first().fill('120');
  await town.page
    .getByRole('status')
    .getByText(/较大（40 分）/)
    .waitFor();
  await town.page.locator('form').getByRole('button', { name: '评定等级' }).click();
  await town.page.getByText('评定等级 · 已完成').waitFor();
  await town.page.getByText(/等级：/).click();
  await town.page.getByText(/涉及人数 120 \+40/).waitFor();
  await clean(town.page, 'matter-grade');

  await town.page.goto(`${server.address}/watch`);
  await town.page.getByRole('tab', { name: '单位办理' }).click();
  await town.page.getByRole('cell', { name: '城市管理局' }).first().waitFor();
  await clean(town.page, 'watch-units');
  await town.page.getByRole('tab', { name: '热点' }).click();
  await town.page.getByText(/水泥/).first().waitFor();
  await clean(town.page, 'watch-spots');
  await button(town.page, '确认为热点').first().click();
  await town.page.getByText('没有发现热点。').waitFor();
  await town.page.getByRole('tab', { name: '原因与预防' }).click();
  await town.page.getByText('没有反复出现的原因。').waitFor();
  await clean(town.page, 'watch-causes');
  await town.page.getByRole('tab', { name: '专班行动' }).click();
  await button(town.page, '成立专班').click();
  await town.page.getByLabel('名称').fill('扬尘整治');
  await town.page.getByLabel('目标').fill('月底前水泥厂夜间停排');
  await town.page.getByLabel('范围：当前在办的').click();
  await town.page.locator('.ant-select-item-option:visible', { hasText: '诉求' }).click();
  await button(town.page, '确定').click();
  await town.page.getByRole('cell', { name: '扬尘整治' }).waitFor();
  await clean(town.page, 'watch-drives');
  await town.page.goto(`${server.address}/rules`);
  await town.page.getByRole('heading', { name: '评分表' }).waitFor();
  await clean(town.page, 'rules');
  await town.context.close();
});

test('an administrator sets the county’s own rule from a day on; what is wrong is said', async () => {
  const { page, context } = await signIn('system');
  await page.goto(`${server.address}/rules`);
  const tab = (name: string) => page.getByRole('tabpanel', { name });
  const alarms = tab('期限前后怎么办');
  await alarms.getByLabel('依据').fill('禹州市督办办法第八条');
  // Out of the order of time: refused in words.
  await alarms.getByRole('group').nth(1).getByLabel('数量').fill('300');
  await alarms.getByRole('button', { name: '保存' }).click();
  await alarms.getByRole('alert').waitFor();
  await alarms.getByRole('group').nth(1).getByLabel('数量').fill('0');
  await alarms.getByRole('button', { name: '保存' }).click();
  await page.getByText('已完成').first().waitFor();
  // A law's clock may be shortened, not lengthened.
  const pick = async (label: string, name: string) => {
    await page.getByLabel(label, { exact: true }).click();
    await page.locator('.ant-select-item-option:visible', { hasText: name }).click();
  };
  await pick('类型', '信访');
  await page.getByRole('tab', { name: '时限' }).click();
  const clock = tab('时限');
  await pick('下一步', '受理');
  await clock.getByLabel('依据').fill('禹州市首办责任制');
  await clock.getByLabel('数量').fill('20');
  await clock.getByRole('button', { name: '保存' }).click();
  await clock.getByRole('alert').waitFor();
  await clean(page, 'rules-clock');
  await clock.getByLabel('数量').fill('4');
  await clock.getByRole('button', { name: '保存' }).click();
  await page.getByRole('heading', { name: '本县自定规则' }).waitFor();
  await page.getByText('时限：受理').waitFor();
  await clean(page, 'rules-own');
  await context.close();
});

test('nothing broke in any page above', () => expect(errors).toEqual([]));
