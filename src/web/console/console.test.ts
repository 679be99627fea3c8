/** The console in a real Chromium against the real server: the whole loop by several people, import with bad rows, axe. */
import path from 'node:path';
import ExcelJS from 'exceljs';
import { expect, test } from 'vitest';
import { act } from '../../matters/acting.ts';
import { Action } from '../../matters/actions.ts';
import { registerMatter } from '../../matters/registration.ts';
import { loseNetwork } from '../../test/browser.ts';
import { openConsole } from '../../test/console.ts';
import { letter } from '../../test/harness.ts';

const { house, server, errors, signIn, clean, button, choose, step, browser } = await openConsole();

test('wrong password: said in words, nothing lost', async () => {
  const context = await browser().newContext({ locale: 'zh-CN' });
  const page = await context.newPage();
  await page.goto(server.address);
  await page.getByLabel('用户名').fill('county');
  await page.getByLabel('密码').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('用户名或密码不对').waitFor();
  expect(await page.getByLabel('用户名').inputValue()).toBe('county');
  await clean(page, 'sign-in');
  await context.close();
});

test('from the desk to the answer: registered by keyboard, a duplicate linked, handled and followed up by others', async () => {
  const text = '毛吕村东头的桥面塌了一个大洞，骑车的人夜里看不见，很危险';
  const desk = await signIn('village-head');

  // Keyboard only, from an empty page to the receipt: type, tab, choose, Ctrl+Enter.
  let keys = 0;
  const register = async () => {
    keys = 2; // the place chosen, and sent
    await desk.page.goto(`${server.address}/new`);
    await desk.page.getByLabel('反映内容').waitFor();
    await desk.page.keyboard.type(text);
    const reach = async (label: string) => {
      for (let i = 0; i < 40; i++) {
        await desk.page.keyboard.press('Tab');
        keys += 1;
        if ((await desk.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))) === label) return;
      }
      throw new Error(`Tab never reached ${label}`);
    };
    await reach('电话');
    await desk.page.keyboard.type('13800138000');
    await reach('姓名/名称');
    await desk.page.keyboard.type('王小明');
    await reach('所在地');
    await desk.page.keyboard.type('maolv');
    await desk.page.locator('.ant-select-item-option-active:visible', { hasText: '毛吕村（' }).first().waitFor();
    await desk.page.keyboard.press('Enter');
  };
  await register();
  await desk.page.keyboard.press('Control+Enter');
  await desk.page.getByText('请把查询码告诉来人').waitFor();
  // Besides what is said, some twenty keys: at a quarter of a second each, the minute is for listening and typing.
  expect(keys).toBeLessThanOrEqual(24);
  expect(await desk.page.locator('.ant-modal strong').last().innerText()).toMatch(/^\d{4} \d{4} \d{4}$/);
  await desk.page.keyboard.press('Enter');
  await expect
    .poll(async () => (await house.owner.query('SELECT count(*) AS n FROM matter_search')).rows[0].n, {
      timeout: 20_000,
    })
    .toBe(1);

  // The second letter about the same thing: the likely duplicate appears, and is linked.
  await register();
  await desk.page.getByText('疑似重复（1）').waitFor();
  await desk.page.getByText('此号码以前的事项（1）').waitFor();
  await clean(desk.page, 'intake');
  await button(desk.page, '关联为重复').click();
  await button(desk.page, '已关联').waitFor();
  await desk.page.keyboard.press('Control+Enter');
  await desk.page.getByText('请把查询码告诉来人').waitFor();
  await desk.page.getByRole('link', { name: '打开事项' }).click();
  await desk.page.getByRole('link', { name: '重复' }).waitFor();
  const address = desk.page.url();
  const open = async (login: string) => {
    const person = await signIn(login);
    await person.page.goto(address);
    await person.page.getByText('办理过程').waitFor();
    return person;
  };

  // A number heard wrongly leads to a stranger: it is taken away, and the right one put there once it is known.
  const people = desk.page.locator('section', { has: desk.page.getByRole('heading', { name: '当事人' }) });
  const dialog = desk.page.getByRole('dialog');
  await people.getByRole('button', { name: '更正' }).click();
  await clean(desk.page, 'correct-party');
  await dialog.getByRole('checkbox', { name: '电话' }).check();
  await dialog.getByLabel('理由').fill('接电话的说打错了');
  await desk.page.keyboard.press('Enter');
  await people.getByText('138****8000').waitFor({ state: 'detached' });
  await people.getByRole('button', { name: '更正' }).click();
  await dialog.getByRole('textbox', { name: '电话', exact: true }).fill('13900001113');
  await dialog.getByLabel('理由').fill('登记时听错一位');
  await desk.page.keyboard.press('Enter');
  await people.getByText('139****1113').waitFor();
  await desk.page.getByText('登记时听错一位').waitFor();

  await step(desk.page, '受理');
  await step(desk.page, '提级上报', () => desk.page.getByLabel('理由').fill('桥面属镇管道路'));
  await desk.context.close();

  const town = await open('shundian');
  await step(town.page, '提级上报', () => town.page.getByLabel('理由').fill('需市里部门处理'));
  await town.context.close();

  const county = await open('county');
  await step(county.page, '分流交办', async () => {
    await choose(county.page, '单位', '城市管理');
    await county.page.getByLabel('意见').fill('请三日内先设警示');
  });
  await clean(county.page, 'matter');

  const urban = await signIn('urban');
  await urban.page
    .getByRole('link', { name: /毛吕村东头的桥面/ })
    .first()
    .click();
  await step(urban.page, '签收');
  await step(urban.page, '联系当事人', async () => {
    await urban.page.getByLabel('联系途径').click();
    await urban.page.locator('.ant-select-item-option:visible', { hasText: '电话' }).click();
    await urban.page.getByLabel('内容').fill('已电话告知先绕行');
  });
  await step(urban.page, '反馈结果', async () => {
    await urban.page.getByLabel('办理结果').click();
    await urban.page.locator('.ant-select-item-option:visible', { hasText: '已解决' }).first().click();
    await urban.page.getByLabel('内容').fill('桥面已修补，护栏已装');
  });

  await county.page.reload();
  await step(county.page, '答复当事人', async () => {
    await county.page.getByLabel('答复方式').click();
    await county.page.locator('.ant-select-item-option:visible', { hasText: '电话' }).click();
    await county.page.getByLabel('答复结论').click();
    await county.page.locator('.ant-select-item-option:visible', { hasText: '支持' }).first().click();
    await county.page.getByLabel('答复内容').fill('桥已修好，感谢反映');
  });
  await step(county.page, '办结');
  // Who answered may not follow up: the button is not there; somebody else has it.
  await county.page.getByText('您办理过此事项，回访须由中心的其他人进行。').waitFor();
  const second = await open('county2');
  await step(second.page, '回访', async () => {
    await second.page.getByLabel('回访结果').click();
    await second.page.locator('.ant-select-item-option:visible', { hasText: '满意' }).first().click();
  });
  await step(second.page, '评价', async () => {
    await second.page.getByLabel('评价').click();
    await second.page.locator('.ant-select-item-option:visible', { hasText: '5 很满意' }).click();
  });
  await second.page.getByText('已销号').first().waitFor();
  await clean(second.page, 'matter-done');
  for (const { context } of [county, urban, second]) await context.close();
});

test('two clerks on one matter: the later is told, sees the present state, and keeps what was typed', async () => {
  const a = await signIn('village-head');
  await a.page
    .getByRole('link', { name: /毛吕村东头的桥面/ })
    .first()
    .click();
  await button(a.page, '不予受理').click();
  await a.page.getByLabel('理由').fill('我写了很久的理由');
  await choose(a.page, '类型', '').catch(() => {});
  const b = await signIn('village');
  await b.page.goto(a.page.url());
  await b.page.getByText('办理过程').waitFor();
  const rows = await house.owner.query("SELECT id FROM matter WHERE state = 'registered'");
  const clerk = await house.as('village-head');
  await act(house.loop, { ...clerk, now: Date.now() }, '411081', rows.rows[0].id, {
    id: crypto.randomUUID(),
    action: Action.parse({ type: 'note', data: {}, words: { text: '刚刚去看过' } }),
  });
  await a.page.getByLabel('应当向何处提出').click();
  await a.page.locator('.ant-select-item-option:visible').first().click();
  await a.page.getByLabel('告知方式').click();
  await a.page.locator('.ant-select-item-option:visible').first().click();
  await a.page.locator('form').getByRole('button', { name: '不予受理', exact: true }).click();
  await a.page.getByText('已刷新为最新状态').waitFor();
  await a.page.getByText('刚刚去看过').waitFor();
  expect(await a.page.getByLabel('理由').inputValue()).toBe('我写了很久的理由');
  for (const { context } of [a, b]) await context.close();
});

test('what another does meanwhile is shown within a minute, and what was typed is still there', async () => {
  const watched = letter({ text: '毛吕村西头的水渠堵了，请派人清一清。' });
  const now = Date.now();
  const { id } = await registerMatter(house.loop, { ...(await house.as('village-head')), now }, watched);
  const a = await signIn('village-head');
  await a.page.clock.install();
  await a.page.goto(new URL(`/matters/411081/${id}`, a.page.url()).href);
  await button(a.page, '办理记录').click();
  await a.page.getByLabel('内容').fill('打电话问过村组');
  const note = Action.parse({ type: 'note', data: { audience: 'participants' }, words: { text: '已到现场看过' } });
  await act(house.loop, { ...(await house.as('village')), now }, '411081', id, {
    id: crypto.randomUUID(),
    action: note,
  });
  await a.page.clock.fastForward(61_000);
  await a.page.getByText('已刷新为最新状态').waitFor();
  await a.page.getByText('已到现场看过').waitFor();
  expect(await a.page.getByLabel('内容').inputValue()).toBe('打电话问过村组');
  await a.context.close();
});

test('the network gone: said in words, and what was typed is still there', async () => {
  const { page, context } = await signIn('village-head');
  await page.goto(`${server.address}/new`);
  await page.getByLabel('反映内容').fill('断网时写的内容');
  await choose(page, '所在地', 'maolv');
  await loseNetwork(page);
  await page.getByLabel('所在地').first().click();
  await page.keyboard.type('huolong');
  await page.locator('.ant-select-dropdown:visible').getByText('网络不通').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Enter');
  await page.locator('.ant-message').getByText('网络不通').first().waitFor();
  expect(await page.getByLabel('反映内容').inputValue()).toBe('断网时写的内容');
  await context.setOffline(false);
  await page.keyboard.press('Control+Enter');
  await page.getByText('请把查询码告诉来人').waitFor();
  await context.close();
});

test('an import with bad rows: mapped by itself, progress, refused rows to download', async () => {
  const file = path.join(house.data, '来信.xlsx');
  const book = new ExcelJS.Workbook();
  book.addWorksheet('来信').addRows([
    ['留言编号', '留言主题', '留言时间', '留言详情'],
    ['1', '路灯', '2019/1/2', '路灯不亮'],
    ['2', '坏日期', '2019/2/31', '日期不对'],
    ['3', '空的', '2019/1/2', ' '],
  ]);
  await book.xlsx.writeFile(file);
  const { page, context } = await signIn('county');
  await page.goto(`${server.address}/import`);
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByText('共有行数 3').waitFor();
  await clean(page, 'import');
  await page.getByRole('button', { name: '导入', exact: true }).click();
  await page.getByText('读取 3　导入 1　重复 0　退回 2').waitFor();
  const [got] = await Promise.all([page.waitForEvent('download'), button(page, '下载退回的行').click()]);
  expect(got.suggestedFilename()).toBe('退回的行.xlsx');
  await context.close();
});

test('lists: search with a mark, filters in the address, a saved view, an export; axe on every page', async () => {
  const { page, context } = await signIn('county', { width: 1440, height: 900 });
  await page.goto(`${server.address}/all`);
  await page.getByRole('link', { name: /桥面/ }).first().waitFor();
  await clean(page, 'list');
  await page.getByLabel('搜索', { exact: true }).fill('桥面');
  await page.keyboard.press('Enter');
  await page.locator('mark', { hasText: '桥面' }).first().waitFor();
  expect(page.url()).toContain('q=');
  await button(page, '存为视图').click();
  await page.getByLabel('视图名称').fill('桥');
  await page.keyboard.press('Enter');
  await button(page, '导出').click();
  await page.goto(`${server.address}/tasks`);
  await button(page, '下载结果').first().waitFor();
  await clean(page, 'tasks');
  for (const view of ['inbox', 'given', 'awaited', 'late', 'account']) {
    await page.goto(`${server.address}/${view}`);
    await page.locator('h1').waitFor();
    await clean(page, view);
  }
  await context.close();
  for (const [login, view] of [
    ['system', 'admin/people'],
    ['system', 'admin/reference'],
    ['security', 'admin/tokens'],
    ['audit', 'admin/audit'],
  ] as const) {
    const admin = await signIn(login);
    await admin.page.goto(`${server.address}/${view}`);
    await admin.page.locator('h1').waitFor();
    await clean(admin.page, view.replace('/', '-'));
    await admin.context.close();
  }
});

test('a second post is asked for by one administrator, granted by another, and read by the third', async () => {
  const system = await signIn('system');
  await system.page.goto(`${server.address}/admin/people`);
  await system.page.locator('tr', { hasText: 'shundian2' }).getByRole('button', { name: '增加岗位' }).click();
  const dialog = system.page.getByRole('dialog');
  await dialog.getByLabel('单位').fill('火龙镇综治');
  await system.page.locator('.ant-select-item-option-active:visible', { hasText: '火龙镇综治中心' }).waitFor();
  await system.page.keyboard.press('Enter');
  await dialog.getByLabel('身份').click();
  await system.page.locator('.ant-select-item-option:visible', { hasText: '中心工作人员' }).first().click();
  // Found by pinyin, among all people: what is offered answers what is typed, and an Enter that comes before waits for it.
  await dialog.getByLabel('接替人').click();
  await system.page.locator('.ant-select-item-option:visible', { hasText: '孙涛（huolong）' }).waitFor();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  await system.page.route(/people\?search=suntao/, async route => {
    asked.resolve();
    await answer.promise;
    await route.continue();
  });
  await dialog.getByLabel('接替人').fill('suntao');
  await asked.promise;
  expect(await system.page.locator('.ant-select-item-option:visible').count()).toBe(0);
  await system.page.keyboard.press('Enter');
  answer.resolve();
  await dialog.getByText('孙涛（huolong）').waitFor();
  await system.page.locator('.ant-select-dropdown:visible').waitFor({ state: 'detached' });
  await dialog.getByText('可办敏感事项', { exact: true }).click();
  await clean(system.page, 'add-post');
  await button(dialog, '确定').click();
  await system.page.getByText('待安全管理员授权').waitFor();
  await clean(system.page, 'people-pending');
  await system.context.close();

  const security = await signIn('security');
  await security.page.goto(`${server.address}/admin/people`);
  await security.page.getByText('只看待授权').click();
  await expect.poll(() => security.page.locator('tbody tr.ant-table-row').count()).toBe(1);
  await security.page.locator('thead').getByRole('checkbox').check();
  await button(security.page, '授权所选（1）').click();
  await button(security.page.locator('.ant-popover:visible'), '确定').click();
  await security.page.getByText('没有这样的人员。').waitFor();
  await clean(security.page, 'people-granted');
  await security.context.close();
  const { rows } = await house.owner.query(
    "SELECT need_to_know, pending FROM post o JOIN person p ON p.id = o.person WHERE p.login = 'shundian2' ORDER BY need_to_know",
  );
  expect(rows).toEqual([
    { need_to_know: false, pending: false },
    { need_to_know: true, pending: false },
  ]);

  const audit = await signIn('audit');
  await audit.page.goto(`${server.address}/admin/audit`);
  await audit.page.getByLabel('操作').click();
  await audit.page.keyboard.type('授权岗位');
  await audit.page.keyboard.press('Enter');
  await audit.page.getByRole('cell', { name: '赵磊', exact: true }).waitFor();
  expect(audit.page.url()).toContain('what=post-grant');
  await clean(audit.page, 'audit-granted');
  const [got] = await Promise.all([audit.page.waitForEvent('download'), button(audit.page, '导出').click()]);
  expect(got.suggestedFilename()).toBe('审计日志.xlsx');
  await audit.context.close();
});

test('danger: the words are seen, whom to call stands there, and who was told when is on record with the matter', async () => {
  const { page, context } = await signIn('village-head');
  await page.goto(`${server.address}/new`);
  await page.getByLabel('反映内容').fill('男人又动手打人，拿刀说要杀了她，孩子也在家里');
  await page
    .getByText(/文中出现“/)
    .first()
    .waitFor();
  await button(page, '紧急').first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('紧急情况：先打电话，再登记').waitFor();
  expect(await dialog.getByRole('button', { name: /^确\s?定$/ }).isDisabled()).toBe(true);
  const before = Date.now();
  await dialog.getByRole('button', { name: '110 报警' }).click();
  await dialog.getByRole('button', { name: /110 报警 ✓/ }).waitFor();
  await clean(page, 'urgent');
  await dialog.getByRole('button', { name: /^确\s?定$/ }).click();
  await page.getByLabel('电话', { exact: true }).first().fill('13900139000');
  await page.getByLabel('所在地').first().focus();
  await page.keyboard.type('maolv');
  await page.locator('.ant-select-item-option-active:visible', { hasText: '毛吕村（' }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+Enter');
  await page.getByText('请把查询码告诉来人').waitFor();
  const { rows } = await house.owner.query("SELECT data FROM matter_action WHERE type = 'urgent'");
  expect(rows).toHaveLength(1);
  const { danger, told } = rows[0].data;
  expect(danger).toBe('violence');
  expect(told).toEqual([{ who: '110', at: expect.any(Number) }]);
  expect(told[0].at).toBeGreaterThanOrEqual(before);
  await context.close();
});

test('nothing broke in any page above', () => expect(errors).toEqual([]));
