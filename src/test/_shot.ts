import { launchBrowser } from '/work/main/src/test/browser.ts';
const [,, login, url, out, w='1440', h='900', click=''] = process.argv;
const b = await launchBrowser();
const p = await b.newPage({ viewport: { width: +w, height: +h }, locale: 'zh-CN' });
const logs: string[] = [];
p.on('console', m => m.type()==='error' && logs.push(m.text())); p.on('pageerror', e => logs.push(String(e)));
await p.goto('http://127.0.0.1:8123/');
if (login !== '-') {
  await p.getByLabel('用户名').fill(login); await p.getByLabel('密码').fill('Yuandian-2026'); await p.keyboard.press('Enter');
  await p.getByText('退出').waitFor();
  await p.goto('http://127.0.0.1:8123' + url);
}
await p.waitForTimeout(1500);
if (click) for (const c of click.split('|')) { await p.getByText(c).first().click(); await p.waitForTimeout(700); }
await p.screenshot({ path: out });
console.log(p.url(), logs.slice(0,8));
await b.close();
