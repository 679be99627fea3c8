/** The desk behind the portal, hotline and window, tip-offs, channels and second factors, by hand in a real Chromium. */
import { TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { channelContracts } from '../../channels/contract.ts';
import { demoPassword } from '../../demo/county.ts';
import { sql, systemScope } from '../../kernel/db.ts';
import { uuid } from '../../kernel/ids.ts';
import { act } from '../../matters/acting.ts';
import { Action } from '../../matters/actions.ts';
import { registerMatter } from '../../matters/registration.ts';
import { portalContracts } from '../../portal/contract.ts';
import { openConsole } from '../../test/console.ts';
import { letter } from '../../test/harness.ts';
import { Resident, work } from '../../test/resident.ts';
import { answerKeyOf, codeOf, newReceipt, openAnswer, sealTip } from '../../tips/sealing.ts';

const { house, server, errors, signIn, clean, button } = await openConsole();
const county = '411081';
const tab = (page: import('playwright-core').Page, name: string) =>
  page.getByRole('tab', { name, exact: true }).click();

test('what everybody reads is written by one and released by another; alerts, services and receptions reach the portal', {
  timeout: 120_000,
}, async () => {
  const made = await registerMatter(
    house.loop,
    await house.as('county'),
    letter({ text: '村口路灯坏了，王小明反映。' }),
  );
  const { page: clerk } = await signIn('county');
  await clerk.getByRole('link', { name: '便民服务' }).click();
  await clerk.getByText('还没有公开的内容。').waitFor();
  await clean(clerk, 'residents-empty');
  await button(clerk, '起草公开').click();
  await clerk.getByLabel('事项编号').fill(made.number);
  await clerk.getByLabel('公开标题').fill('路灯多久能修好');
  await clerk.getByLabel('群众问（不含个人信息）').fill('王小明问路灯');
  await button(clerk, '确定').click();
  await clerk.getByText('公开的文字里还有').waitFor();
  await clerk.getByLabel('群众问（不含个人信息）').fill('村口路灯不亮');
  await clerk.getByLabel('答复').fill('三日内修复。');
  await button(clerk, '确定').click();
  await clerk.getByText('待审').waitFor();
  const { page: leader } = await signIn('leader');
  await leader.getByRole('link', { name: '便民服务' }).click();
  await clean(leader, 'residents-open');
  await button(leader, '同意公开').click();
  await leader.getByText('已公开').waitFor();
  await tab(leader, '预警发布');
  await button(leader, '发布预警').click();
  await leader.getByLabel('标题').fill('今晚有暴雨');
  await leader.getByLabel('内容').fill('请低洼处住户转移。');
  await leader.getByLabel('有效至').click();
  await leader.keyboard.type('2030-01-01 08:00');
  await leader.locator('.ant-picker-ok button:visible').click();
  await leader.locator('.ant-picker-dropdown').waitFor({ state: 'hidden' });
  await clean(leader, 'alert-form');
  await button(leader, '确定').click();
  await leader.getByText('今晚有暴雨').waitFor();
  await clean(leader, 'alerts');
  await tab(leader, '服务清单');
  await button(leader, '增加服务').click();
  await leader.getByLabel('服务名称').fill('老年优待证');
  await leader.getByLabel('门类').fill('民政');
  await button(leader, '确定').click();
  await leader.getByText('老年优待证').waitFor();
  await clean(leader, 'services');
  await tab(leader, '接待与预约');
  await button(leader, '安排接待').click();
  await leader.getByLabel('谁接待').fill('郑建国');
  await leader.getByLabel('开始时间').click();
  await leader.keyboard.type('2030-01-01 09:00');
  await leader.locator('.ant-picker-ok button:visible').click();
  await leader.locator('.ant-picker-dropdown').first().waitFor({ state: 'hidden' });
  await leader.getByLabel('地点').fill('一楼');
  await button(leader, '确定').click();
  await leader.getByText('0 / 8').waitFor();
  await clean(leader, 'receptions');
  await tab(leader, '年度评议');
  await leader.getByText('还没有评议。').waitFor();
  await clean(leader, 'reviews');
  await tab(leader, '微心愿认领');
  await clean(leader, 'offers');
  const resident = new Resident(server.address);
  expect(
    (await resident.call(portalContracts.open, { params: { county }, query: { sort: 'answer' } })).rows,
  ).toHaveLength(1);
  expect((await resident.call(portalContracts.alerts, { params: { county }, query: {} })).alerts).toHaveLength(1);
  expect((await resident.call(portalContracts.services, { params: { county } })).services.map(one => one.name)).toEqual(
    ['老年优待证'],
  );
});

test('a call is written while it is spoken: an answer with one key, or a matter with its number; numbers at the window', {
  timeout: 120_000,
}, async () => {
  await registerMatter(
    house.loop,
    await house.as('county'),
    letter({ parties: [{ id: uuid(), role: 'applicant', name: '孙大娘', phone: '13700000009', anonymous: false }] }),
  );
  const { page } = await signIn('county');
  await page.getByRole('link', { name: '热线与窗口' }).click();
  await tab(page, '知识库');
  await button(page, '增加答案').click();
  await page.getByLabel('群众怎么问').last().fill('老年优待证怎么办');
  await page.getByLabel('可以这样答').fill('带身份证到村委会办理。');
  await button(page, '确定').click();
  await page.getByText('带身份证到村委会办理。').waitFor();
  await clean(page, 'knowledge');
  await tab(page, '来电');
  await page.getByText('最近一小时没有来电。').waitFor();
  await clean(page, 'calls-empty');
  const ring = async () => {
    await button(page, '手工登记来电').click();
    await page.getByLabel('来电号码').fill('13700000009');
    await button(page, '确定').click();
    await button(page, '接听').first().click();
    await page.getByText('30 日内来电次数').waitFor();
  };
  await ring();
  await page.getByLabel('边听边记（会自动找答案）').fill('我妈想办老年优待证，问带什么');
  await page.getByText('带身份证到村委会办理。').waitFor();
  await clean(page, 'call');
  await page.keyboard.press('Alt+1');
  await page.getByText('通话已登记').waitFor();
  await page.getByText('当场答复').waitFor();
  await ring();
  await page.getByLabel('边听边记（会自动找答案）').fill('村口路灯又坏了，晚上看不见。');
  await button(page, '登记为事项').click();
  await page.getByLabel('反映内容').waitFor();
  await expect.poll(() => page.getByLabel('反映内容').inputValue()).toContain('村口路灯又坏了');
  await expect.poll(() => page.getByLabel('电话').first().inputValue()).toBe('13700000009');
  await page.getByText(/此号码以前的事项（\d）/).waitFor();
  await button(page, '高拍仪').click();
  await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0);
  await button(page, '拍一页（0）').click();
  await page.getByText('高拍仪-1.jpg').waitFor();
  await page.locator('.ant-modal').getByRole('button', { name: '关闭' }).last().click();
  await page.getByLabel('所在地').click();
  await page.keyboard.type('maolv');
  await page.locator('.ant-select-item-option-active:visible', { hasText: '毛吕村（' }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+Enter');
  await page.getByText('请把查询码告诉来人').waitFor();
  await expect
    .poll(
      async () =>
        (
          await house.db.read<{ outcome: string }>(
            systemScope,
            sql`SELECT outcome FROM call ORDER BY arrived_at DESC LIMIT 1`,
          )
        )[0]?.outcome,
    )
    .toBe('matter');
  await page.goto(`${server.address}/hotline`);
  await tab(page, '窗口叫号');
  await button(page, '取号').click();
  await page.getByText('A001').first().waitFor();
  await page.locator('.ant-modal').getByRole('button').last().click();
  await button(page, '叫下一位').click();
  await page.getByText('已叫号').waitFor();
  await clean(page, 'queue');
  await page.getByRole('link', { name: '大厅屏' }).click();
  await page.getByText('A001').waitFor();
  await clean(page, 'hall');
  await page.goto(`${server.address}/hotline`);
  await tab(page, '找回查询码');
  await button(page, '读身份证').click();
  await page.getByLabel('身份证号').fill('11010519491231002X');
  await page.getByLabel('姓名/名称').fill('无此人');
  await button(page, '找回').click();
  await page.getByText('没有对应的事项（证号与姓名须一致）。').waitFor();
  await clean(page, 'restore');
  await tab(page, '话务');
  await page.getByText('15 秒内接听').waitFor();
  await clean(page, 'call-figures');
});

test('a tip-off is opened by the passphrase in this browser, and answered under the receipt', {
  timeout: 90_000,
}, async () => {
  const { page } = await signIn('police');
  await page.getByRole('link', { name: '举报线索' }).click();
  await page.getByText('还没有设置密钥').waitFor();
  await button(page, '设置密钥').click();
  await page.getByLabel('口令', { exact: true }).fill('七里河边一棵老柳树在村东头');
  await page.getByLabel('再输一次').or(page.locator('#again')).first().fill('七里河边一棵老柳树在村东头');
  await button(page, '确定').click();
  await page.getByText('本机关密钥 1').waitFor({ timeout: 20_000 });
  const resident = new Resident(server.address);
  const { organs } = await resident.call(portalContracts.organs, { params: { county } });
  const receipt = newReceipt();
  const sealed = await sealTip(organs[0]!.key, {
    text: '东河桥下倒废油',
    about: '',
    contact: '',
    answer: await answerKeyOf(receipt),
  });
  await resident.call(portalContracts.tip, {
    params: { county },
    body: { id: uuid(), unit: organs[0]!.unit, n: 1, sealed, code: await codeOf(receipt), work: await work(resident) },
  });
  await page.reload();
  await page.getByText('●●●●●●').waitFor();
  await clean(page, 'tips-locked');
  await button(page, '打开').first().click();
  await page.getByLabel('口令', { exact: true }).fill('错的口令错的口令错的');
  await button(page, '确定').click();
  await page.getByText('口令不对。').waitFor({ timeout: 20_000 });
  await page.getByLabel('口令', { exact: true }).fill('七里河边一棵老柳树在村东头');
  await button(page, '确定').click();
  await page.getByText('东河桥下倒废油').waitFor({ timeout: 20_000 });
  await page.locator('.ant-modal').first().waitFor({ state: 'hidden' });
  await page.locator('td').getByRole('button', { name: '打开' }).click();
  await page.getByLabel('回复举报人（加密）').fill('已立案。');
  await clean(page, 'tip-open');
  await button(page, '受理').click();
  await page.getByRole('cell', { name: '受理', exact: true }).waitFor();
  const state = await resident.call(portalContracts.tipState, {
    params: { county },
    body: { code: await codeOf(receipt) },
  });
  expect(await openAnswer(await answerKeyOf(receipt), state.replies[0]!)).toBe('已立案。');
});

test('channels, templates, outbox, webhooks and peers by the system administrator; a key for one door', {
  timeout: 90_000,
}, async () => {
  const { page } = await signIn('system');
  await page.getByRole('link', { name: '渠道与对接' }).click();
  await page.getByLabel('热线电话').fill('0374-12345');
  await button(page, '保存').click();
  await page.getByText('已保存').waitFor();
  await clean(page, 'channel-settings');
  await tab(page, '发送渠道');
  await page.getByRole('row', { name: /短信/ }).getByRole('button', { name: '设置' }).click();
  await page.getByLabel('参数').fill('{"url": "x"}');
  await button(page, '确定').click();
  await page.getByText('填写有误').waitFor();
  await page.getByLabel('参数').fill('{"url": "http://127.0.0.1:9/x", "enterprise": "e", "account": "a", "sign": "s"}');
  await page.getByLabel('密钥（不填则不变）').fill('s3cret');
  await button(page, '确定').click();
  await page.getByText('已设密钥').waitFor();
  await button(page, '写模板').click();
  await page.getByLabel('用于').click();
  await page.locator('.ant-select-item-option:visible').getByText('答复').click();
  await page.getByLabel('运营商报备编号').fill('T1');
  await page.getByLabel('内容').fill('{name}');
  await button(page, '确定').click();
  await page.getByText('模板里的 name 不能用').waitFor();
  await page.getByLabel('内容').fill('事项 {number} 已答复');
  await button(page, '确定').click();
  await page.getByText('事项 {number} 已答复').waitFor();
  await clean(page, 'channels');
  await tab(page, '推送（Webhook）');
  await button(page, '增加推送').click();
  await page.getByLabel('地址').fill('http://127.0.0.1:9/hook');
  await button(page, '确定').click();
  await page.getByText(/whsec_/).waitFor();
  await page.locator('.ant-modal-confirm').getByRole('button', { name: '确定' }).click();
  await clean(page, 'hooks');
  await tab(page, '对接单位');
  await page.getByText('没有对接单位。').waitFor();
  await clean(page, 'peers');
  await tab(page, '发件箱');
  await page.getByText('没有消息。').waitFor();
  await clean(page, 'outbox');
  const { page: security } = await signIn('security');
  await security
    .getByRole('link', { name: '接口令牌' })
    .or(security.locator('a[href="/admin/tokens"]'))
    .first()
    .click();
  await security.getByLabel('权限').click();
  await security.locator('.ant-select-item-option:visible').getByText('电话系统').click();
  await security.keyboard.press('Escape');
  await clean(security, 'tokens');
});

test('a matter is handed to another system from its page; a data request is carried out on its own', {
  timeout: 90_000,
}, async () => {
  const system = await server.signedIn('system');
  const { ownKeys } = await import('../../channels/packages.ts');
  await system.call(channelContracts.addPeer, {
    params: { county },
    body: {
      id: uuid(),
      name: '许昌市信访局',
      system: 'petition',
      keys: (await ownKeys(house.secrets)).public,
      url: null,
      pulls: false,
    },
  });
  const made = await registerMatter(house.loop, await house.as('village-head'), letter());
  const { page } = await signIn('village-head');
  await page.goto(`${server.address}/matters/${county}/${made.id}`);
  await button(page, '移送其他系统').click();
  await page.getByLabel('对接单位').click();
  await page.locator('.ant-select-item-option:visible').getByText('许昌市信访局').click();
  await page.locator('.ant-modal').getByLabel('内容').fill('请办理');
  await button(page, '确定').click();
  await page.getByText(/去件 · 许昌市信访局 · 已送/).waitFor();
  await clean(page, 'exchange');
  const { page: desk } = await signIn('county');
  await desk.goto(`${server.address}/channels`);
  await tab(desk, '对接单位');
  const [file] = await Promise.all([desk.waitForEvent('download'), button(desk, '导出文件').click()]);
  expect(file.suggestedFilename()).toContain('许昌市信访局');

  const resident = new Resident(server.address);
  const { id: of } = await resident.raise();
  await resident.act({ what: 'withdraw', text: '好了' });
  const asked = await resident.raw(
    'POST',
    '/api/v1/portal/receipt/data',
    { id: uuid(), action: uuid(), right: 'delete', text: '请删除' },
    resident.key,
  );
  const { id } = (await house.owner.query('SELECT id FROM matter WHERE number = $1', [asked.body.number])).rows[0];
  const unit = (await house.staff('village-head')).posts[0]!.unit;
  for (const [type, data] of [
    ['accept', {}],
    ['dispatch', { unit }],
    ['sign', {}],
  ] as const)
    await act(house.loop, await house.as('village-head'), county, id, {
      id: uuid(),
      action: Action.parse({ type, data, words: {} }),
    });
  await page.goto(`${server.address}/matters/${county}/${id}`);
  await page.getByRole('heading', { name: '个人信息请求' }).waitFor();
  await clean(page, 'privacy');
  await button(page, '删除').click();
  await page.locator('.ant-popconfirm').getByRole('button', { name: '确定' }).click();
  await page.locator('.ant-modal').getByLabel('理由').fill('依申请删除');
  await page.locator('.ant-modal').getByRole('button', { name: '确定' }).click();
  await expect
    .poll(
      async () =>
        (await house.owner.query('SELECT count(*) AS n FROM matter_party WHERE matter = $1 AND wrapped IS NULL', [of]))
          .rows[0].n,
    )
    .toBe(1);
});

test('one-time codes and a passkey are set up in the account and asked for at the next sign-in', {
  timeout: 90_000,
}, async () => {
  const { page, context } = await signIn('labour');
  // Passkeys belong to names, not to numbers.
  const named = server.address.replace('127.0.0.1', 'localhost');
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(named);
  const password = async () => {
    await page.getByLabel('用户名').fill('labour');
    await page.getByLabel('密码').fill(demoPassword);
    await page.keyboard.press('Enter');
  };
  await password();
  await page.getByRole('link', { name: '我的账号' }).or(page.locator('a[href="/account"]')).first().click();
  await button(page, '启用动态口令').click();
  await page.getByRole('textbox', { name: '登录密码' }).fill(demoPassword);
  await button(page, '确定').click();
  const secret = await page.locator('.ant-modal code').innerText();
  const code = (steps = 0) => new TOTP({ secret: secret.trim() }).generate({ timestamp: Date.now() + steps * 30_000 });
  await page.getByLabel('6 位口令').fill(code());
  await clean(page, 'totp');
  await button(page, '确定').last().click();
  await page.getByText('已启用').waitFor();
  await button(page, '增加通行密钥').click();
  await page.getByRole('textbox', { name: '登录密码' }).fill(demoPassword);
  await page.getByLabel('名称（如：办公电脑）').fill('办公电脑');
  await button(page, '确定').click();
  await page.getByText('办公电脑').waitFor();
  await clean(page, 'account-factors');
  await page.getByText('退出').click();
  await password();
  await page.getByRole('heading', { name: '第二重验证' }).waitFor();
  await clean(page, 'second-step');
  await page.getByLabel('6 位口令').fill(code(1));
  await page.keyboard.press('Enter');
  await page.getByText('退出').click();
  await password();
  await button(page, '用通行密钥').click();
  await page.getByText('退出').click();
  await button(page, '用通行密钥登录').click();
  await page.getByText('退出').waitFor();
  expect(
    (
      await house.owner.query(
        "SELECT DISTINCT factor FROM session s JOIN person p ON p.id = s.person WHERE p.login = 'labour' ORDER BY 1",
      )
    ).rows.map(row => row.factor),
  ).toEqual(['passkey', 'totp', null]);
  expect(errors).toEqual([]);
});
