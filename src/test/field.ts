/** Phones in a real Chromium with a real service worker and a real IndexedDB, against the real server. */
import fs from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFailed } from 'vitest';
import { demoPassword } from '../demo/county.ts';
import { launchBrowser } from './browser.ts';
import { serve } from './client.ts';
import { testHouse } from './harness.ts';

export const pin = '274913';
/** A point inside 毛吕村第一网格 of the demonstration county. */
export async function pointIn(
  house: { keeper: { current: { boundary(code: string): any } } },
  grid = '411081101205001',
) {
  const ring = house.keeper.current.boundary(grid).coordinates[0] as [number, number][];
  const [a, , c] = ring as [[number, number], [number, number], [number, number]];
  return { longitude: (a[0] + c[0]) / 2, latitude: (a[1] + c[1]) / 2 };
}

export async function openField(clock: () => number = Date.now) {
  const house = await testHouse({ clock });
  const server = await serve(house);
  const screens = path.join(import.meta.dirname, '..', '..', '.tmp', 'screens');
  fs.mkdirSync(screens, { recursive: true });
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await server.app.close();
  });
  const errors: string[] = [];

  const watch = (page: Page, name: string) => {
    page.on('pageerror', error => errors.push(`${name}: ${error}`));
    page.on('console', message => {
      if (
        message.type() === 'error' &&
        !/status of|ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_CONNECTION/.test(message.text())
      )
        errors.push(`${name}: ${message.text()}`);
    });
    page.on('dialog', dialog => void dialog.accept());
  };
  const options = async () => ({
    viewport: { width: 360, height: 640 },
    locale: 'zh-CN',
    hasTouch: true,
    isMobile: true,
    geolocation: await pointIn(house),
    permissions: ['geolocation', 'microphone'],
  });
  async function phone(login: string): Promise<{ page: Page; context: BrowserContext }> {
    const context = await browser.newContext(await options());
    const page = await context.newPage();
    watch(page, login);
    onTestFailed(async () => {
      await page.screenshot({ path: path.join(screens, `failed-field-${login}.png`) }).catch(() => {});
    });
    await enrol(page, login);
    return { page, context };
  }
  async function enrol(page: Page, login: string, address = `${server.address}/field/`): Promise<void> {
    await page.goto(address);
    await page.getByLabel('用户名').fill(login);
    await page.getByLabel('密码').fill(demoPassword);
    await page.getByRole('button', { name: '登录' }).click();
    await page.getByLabel('设置 6 位 PIN').fill(pin);
    await page.getByLabel('再输一次').fill(pin);
    await page.getByRole('button', { name: '确定' }).click();
    await page.getByRole('heading', { name: '任务' }).waitFor();
    await synced(page);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  }
  const synced = (page: Page) =>
    page
      .getByRole('status')
      .getByText(/已同步/)
      .first()
      .waitFor();
  async function unlock(page: Page): Promise<void> {
    await page.getByLabel('PIN').fill(pin);
    await page.getByRole('button', { name: '解锁' }).click();
    await page.getByRole('navigation').waitFor();
  }
  const tab = (page: Page, name: string) =>
    page.getByRole('navigation').getByRole('link', { name, exact: true }).click();

  /** Axe finds nothing; pictures at both widths, and at 200 % text nothing is cut. */
  async function clean(page: Page, name: string): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.map(v => `${v.id}: ${v.nodes[0]!.html.slice(0, 200)}`),
      name,
    ).toEqual([]);
    const before = page.viewportSize()!;
    for (const [width, height] of [
      [360, 640],
      [412, 915],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: path.join(screens, `field-${name}-${width}.png`) });
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
        `${name} fits ${width}`,
      ).toBe(true);
    }
    await page.setViewportSize(before);
  }
  return {
    house,
    server,
    errors,
    screens,
    phone,
    enrol,
    unlock,
    tab,
    synced,
    clean,
    options,
    watch,
    browser: () => browser,
  };
}
