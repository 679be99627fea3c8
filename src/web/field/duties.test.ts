/** Rounds and visits on the phone, without a network; a phone that is full, that was away for a week, below another path. */
import http from 'node:http';
import { expect, test } from 'vitest';
import { sql, systemScope } from '../../kernel/db.ts';
import { uuid } from '../../kernel/ids.ts';
import { endPost } from '../../people/store.ts';
import { type PlaceInput, placeContracts } from '../../places/contract.ts';
import { placeCode } from '../../places/store.ts';
import { roundContracts } from '../../rounds/contract.ts';
import { makeDuties } from '../../rounds/store.ts';
import { syncContracts } from '../../sync/contract.ts';
import { loseNetwork } from '../../test/browser.ts';
import { openField, pointIn } from '../../test/field.ts';

const time = { shift: 0 };
const field = await openField(() => Date.now() + time.shift);
const { house, server, phone, tab, clean, unlock, enrol, synced } = field;

const today = () => new Date(house.clock() + 8 * 3_600_000).toISOString().slice(0, 10);
async function placeAndPlan(kind: PlaceInput['kind'], sort: 'round' | 'visit', name: string): Promise<string> {
  const village = await server.signedIn('village-head');
  const at = await pointIn(house);
  const place = uuid();
  await village.call(placeContracts.put, {
    body: { id: place, kind, name, region: '411081101205001', location: { lng: at.longitude, lat: at.latitude } },
  });
  const unit = (await house.staff('village-head')).posts[0]!.unit;
  await village.call(roundContracts.putPlan, {
    body: {
      id: uuid(),
      sort,
      name: `${name}检查`,
      guide: '逐项看，拍照留存。',
      unit,
      region: '411081101205',
      each: 'place',
      placeKind: kind,
      places: [place],
      rule: 'FREQ=DAILY;BYHOUR=0;BYMINUTE=0;BYSECOND=0',
      hours: 40,
      starts: today(),
    },
  });
  await makeDuties(house, house.clock());
  return place;
}

test('a round without a network: guide, proof by nearness, checklist, a finding that becomes a hazard, all sent together', async () => {
  const place = await placeAndPlan('water', 'round', '南坑塘');
  const { page, context } = await phone('village-head');
  await page
    .getByRole('link', { name: /南坑塘检查/ })
    .first()
    .click();
  await page.getByText('逐项看，拍照留存。').waitFor();
  await loseNetwork(page);
  await page.getByRole('button', { name: '定位证明到场' }).click();
  await page.getByText('✓ 已证明到场').waitFor();
  await page.getByRole('group', { name: '护栏完好' }).getByRole('button', { name: '不合格', exact: true }).click();
  await page.getByRole('button', { name: '发现问题', exact: true }).click();
  await page.getByRole('button', { name: '提交记录' }).click();
  await page.getByText('发现问题须至少登记一个。').waitFor();
  await clean(page, 'duty');
  await page.getByRole('button', { name: '登记发现的问题' }).click();
  await page.getByLabel('什么情况').fill('南坑塘没有护栏，有溺水隐患。');
  await page.getByLabel('类型').selectOption('hazard');
  await page.getByRole('button', { name: '发送' }).click();
  await page.getByText('已登记 1 个问题').waitFor();
  await page.getByRole('button', { name: '提交记录' }).click();
  await page.getByRole('heading', { name: '记录' }).waitFor();
  await page.getByText('2 条待发送').waitFor();
  await context.setOffline(false);
  await page.getByText('条待发送').waitFor({ state: 'detached', timeout: 20_000 });
  const [entry] = await house.db.read<any>(systemScope, sql`SELECT * FROM entry WHERE place = ${place}`);
  expect(entry).toMatchObject({ outcome: 'findings', presence: 'near', answers: { fence: 'bad' } });
  const [matter] = await house.db.read<any>(
    systemScope,
    sql`SELECT kind, fields, grid FROM matter WHERE id = ${entry.matters[0]}`,
  );
  expect(matter).toMatchObject({ kind: 'hazard', fields: { place }, grid: '411081101205001' });
  expect((await house.db.read<any>(systemScope, sql`SELECT state FROM duty WHERE id = ${entry.duty}`))[0].state).toBe(
    'done',
  );
  await context.close();
});

test("a visit with the host's name and signature, proven by the code at the door; search finds the place", async () => {
  const place = await placeAndPlan('household', 'visit', '毛吕村3组12号');
  const { page, context } = await phone('village');
  await tab(page, '查找');
  await page.getByRole('searchbox').fill('3组12');
  await page
    .getByRole('link', { name: /毛吕村3组12号/ })
    .first()
    .waitFor();
  await clean(page, 'find');
  await tab(page, '任务');
  await page.getByRole('button', { name: '按距离' }).click();
  await page.getByText('0 米').first().waitFor();
  await clean(page, 'near');
  await page
    .getByRole('link', { name: /毛吕村3组12号检查/ })
    .first()
    .click();
  await loseNetwork(page);
  await page.getByLabel('或输入点位码').fill(placeCode(house.secrets, '411081', place));
  await page.getByText('✓ 已证明到场').waitFor();
  await page.getByRole('button', { name: '未发现问题' }).click();
  await page.getByLabel('听到了什么').fill('老人说路灯又亮了，满意。');
  await page.getByLabel('接待人姓名').fill('毛老汉');
  const pad = page.getByRole('img', { name: '接待人签名' });
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  await page.mouse.move(box.x + 20, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 50, { steps: 5 });
  await page.mouse.up();
  await page.getByText('✓ 接待人签名').waitFor();
  await clean(page, 'visit');
  await page.getByRole('button', { name: '提交记录' }).click();
  await context.setOffline(false);
  await page.getByText('✓ 已送达').first().waitFor({ timeout: 20_000 });
  const [entry] = await house.db.read<any>(
    systemScope,
    sql`SELECT id, presence, words, wrapped, version FROM entry WHERE place = ${place}`,
  );
  expect(entry.presence).toBe('code');
  expect(house.secrets.openRow<any>(entry)).toMatchObject({
    host: '毛老汉',
    signature: expect.stringMatching(/^data:image\/png;base64,/),
  });
  await tab(page, '我的');
  await clean(page, 'mine');
  await context.close();
});

test('a full phone: the report stays in the form with what to do; room is made from what can be had again', async () => {
  const { page, context } = await phone('village');
  await tab(page, '上报');
  await page.getByLabel('什么情况').fill('存储满了也不能丢的一句话。');
  await page.getByText('草稿已自动保存').waitFor();
  // The phone says that nothing more fits, however small.
  await page.evaluate(() => {
    const { add, put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: [any, any?]) {
      if (this.name === 'blocks') throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, args);
    };
    IDBObjectStore.prototype.add = function (this: IDBObjectStore, ...args: [any, any?]) {
      if (this.name === 'outbox') throw new DOMException('full', 'QuotaExceededError');
      return add.apply(this, args);
    };
    (window as any).room = () => {
      Object.assign(IDBObjectStore.prototype, { add, put });
    };
  });
  await page.getByLabel('什么情况').fill('存储满了也不能丢的一句话');
  await page.getByText('草稿没有保存').waitFor();
  await page.getByLabel('什么情况').fill('存储满了也不能丢的一句话。');
  await page.getByRole('button', { name: '发送' }).click();
  await page.getByText('请再试，或删除照片').waitFor();
  expect(await page.getByLabel('什么情况').inputValue()).toBe('存储满了也不能丢的一句话。');
  await clean(page, 'full');
  await page.evaluate(() => (window as any).room());
  await page.getByRole('button', { name: '发送' }).click();
  await page.getByText('✓ 已送达').first().waitFor({ timeout: 20_000 });
  expect((await house.db.read(systemScope, sql`SELECT 1 FROM matter WHERE summary LIKE '存储满了%'`)).length).toBe(1);
  await context.close();
});

test('a phone that is slow to seal: the last word typed stays, and what was sent leaves no draft behind', async () => {
  const { page, context } = await phone('village');
  await tab(page, '上报');
  await page.getByText('当前位置：').waitFor();
  const slowOnce = () =>
    page.evaluate(() => {
      const { encrypt } = crypto.subtle;
      const slow = Promise.withResolvers<void>();
      (window as any).slow = slow.promise;
      crypto.subtle.encrypt = async (...args) => {
        crypto.subtle.encrypt = encrypt;
        await new Promise(resolve => setTimeout(resolve, 1500));
        const sealed = await encrypt.apply(crypto.subtle, args);
        setTimeout(slow.resolve, 200);
        return sealed;
      };
    });
  const again = async () => {
    await page.evaluate(() => (window as any).slow);
    await page.reload();
    await unlock(page);
    await tab(page, '上报');
    await page.getByText('当前位置：').waitFor();
    return page.getByLabel('什么情况').inputValue();
  };
  await slowOnce();
  await page.getByLabel('什么情况').fill('先写的');
  await page.getByLabel('什么情况').fill('先写的，后写的。');
  await page.getByText('草稿已自动保存').waitFor();
  expect(await again()).toBe('先写的，后写的。');
  await slowOnce();
  await page.getByLabel('什么情况').fill('先写的，后写的，最后写的。');
  await page.getByRole('button', { name: '发送' }).click();
  await page.getByText('✓ 已送达').first().waitFor({ timeout: 20_000 });
  expect(await again()).toBe('');
  await context.close();
});

test('seven days away while its owner changed post: what was seen is taken, what was decided is refused and kept, the new post brings its own tasks', async () => {
  const { page, context } = await phone('village-head');
  const place = await placeAndPlan('school', 'round', '毛吕小学');
  await page.getByRole('navigation').getByRole('link', { name: '我的' }).click();
  await page.getByRole('button', { name: '立即同步' }).click();
  await synced(page);
  await tab(page, '任务');
  await page
    .getByRole('link', { name: /毛吕小学检查/ })
    .first()
    .click();
  await loseNetwork(page);
  await page.getByRole('button', { name: '未发现问题' }).click();
  await page.getByRole('button', { name: '提交记录' }).click();
  await page.getByText('待发送').first().waitFor();
  await tab(page, '任务');
  await page
    .getByRole('link', { name: /溺水隐患/ })
    .first()
    .click();
  await page.getByRole('button', { name: '受理', exact: true }).click();
  await page.getByLabel('说明').fill('这条是七天前的决定。');
  await page.getByRole('button', { name: '发送' }).click();
  await page.getByText('2 条待发送').waitFor();
  const person = await house.staff('village-head');
  const { person: substitute } = await house.staff('shundian2');
  const { person: security } = await house.staff('security');
  for (const post of person.posts) await endPost(house, security, post.id, substitute);
  // Six days and some hours later, by the server's clock and by the phone's.
  const away = 6.9 * 86_400_000;
  time.shift += away;
  await page.evaluate(ms => {
    const real = Date.now;
    Date.now = () => real() + ms;
  }, away);
  await page.waitForTimeout(500); // an attempt to send that read the clock before has failed by now
  await context.setOffline(false);
  await page.getByText('1 条被退回').waitFor({ timeout: 30_000 });
  await page.getByText('这条是七天前的决定。').waitFor();
  await clean(page, 'after-a-week');
  const [entry] = await house.db.read<any>(
    systemScope,
    sql`SELECT person, at, claimed_at FROM entry WHERE place = ${place}`,
  );
  expect(entry.person).toBe(person.person);
  await tab(page, '任务');
  await page.getByText('没有待办。').waitFor();
  await tab(page, '我的');
  await page.getByText('事项 0 件').waitFor();
  await context.close();
});

test('a phone that is revoked from afar forgets everything it held, and says so; what it had not sent is kept for its owner', async () => {
  const { page, context } = await phone('huolong');
  await loseNetwork(page);
  await tab(page, '上报');
  await page.getByLabel('什么情况').fill('注销前写下、还没发出的话。');
  await page.getByLabel('在哪里').selectOption({ index: 1 });
  await page.getByRole('button', { name: '发送' }).click();
  await page.getByText('○ 待发送').waitFor();
  const security = await server.signedIn('security');
  const { person } = await house.staff('huolong');
  await security.call(syncContracts.revoke, { params: { person } });
  await context.setOffline(false);
  await page.getByRole('heading', { name: '登录这部手机' }).waitFor({ timeout: 20_000 });
  await page.getByText('这部手机已退出或被注销').waitFor();
  const left = await page.evaluate(async () => {
    const open = indexedDB.open('yuandian-field');
    const db = await new Promise<IDBDatabase>(resolve => {
      open.onsuccess = () => resolve(open.result);
    });
    const count = (name: string) =>
      new Promise<number>(resolve => {
        const asked = db.transaction(name).objectStore(name).count();
        asked.onsuccess = () => resolve(asked.result);
      });
    return [await count('keys'), await count('blocks')];
  });
  expect(left).toEqual([0, 0]);
  const desk = await server.signedIn('huolong');
  await expect
    .poll(async () => (await desk.call(syncContracts.held, {})).items.map(one => one.code), { timeout: 20_000 })
    .toEqual(['device_ended']);
  await context.close();
});

test('it works below any path, and brings itself up to date without losing what is being typed', async () => {
  // A proxy that keeps everything below /yd/.
  const target = new URL(server.address);
  const proxy = http.createServer((request, response) => {
    const away = http.request(
      {
        host: target.hostname,
        port: target.port,
        path: request.url!.replace(/^\/yd/, ''),
        method: request.method,
        headers: newer ? { ...request.headers, 'if-none-match': '', 'if-modified-since': '' } : request.headers,
      },
      answer => {
        // A new version of the app: its service worker differs by a byte.
        if (newer && request.url!.endsWith('/sw.js')) {
          const { 'content-length': _, ...headers } = answer.headers;
          response.writeHead(answer.statusCode!, headers);
          answer.pipe(response, { end: false });
          answer.on('end', () => response.end('\n// newer\n'));
          return;
        }
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(away);
  });
  let newer = false;
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(proxy.address() as { port: number }).port}/yd`;
  const context = await field.browser().newContext(await field.options());
  const page = await context.newPage();
  field.watch(page, 'proxied');
  await page.goto(`${address}/field`);
  await page.waitForURL(/\/yd\/field\/$/);
  await enrol(page, 'huolong', `${address}/field/`);
  await loseNetwork(page);
  await page.reload();
  await unlock(page);
  await context.setOffline(false);
  await tab(page, '上报');
  await page.getByLabel('什么情况').fill('更新时正在写的话。');
  await page.getByText('草稿已自动保存').waitFor();
  newer = true;
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())!.update());
  await page.getByRole('button', { name: '更新' }).click({ timeout: 20_000 });
  await page.getByLabel('PIN').waitFor();
  await unlock(page);
  await tab(page, '上报');
  await expect.poll(() => page.getByLabel('什么情况').inputValue()).toBe('更新时正在写的话。');
  await context.close();
  proxy.closeAllConnections();
  await new Promise(resolve => proxy.close(resolve));
});

test('nothing went wrong on any page', () => {
  expect(field.errors).toEqual([]);
});
