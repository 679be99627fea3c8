/** The console in a real Chromium against the real server, with its jobs running: people sign in, steps are done by hand. */
import fs from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFailed } from 'vitest';
import { demoPassword } from '../demo/county.ts';
import { lapseDue, project } from '../matters/jobs.ts';
import { runOneTask } from '../tasks.ts';
import { launchBrowser } from './browser.ts';
import { serve } from './client.ts';
import { testHouse } from './harness.ts';

/** `clock`: the server's time, the machine's unless a test moves it. */
export async function openConsole(clock: () => number = Date.now) {
  const house = await testHouse({ clock });
  const server = await serve(house);
  const screens = path.join(import.meta.dirname, '..', '..', '.tmp', 'screens');
  fs.mkdirSync(screens, { recursive: true });
  let browser: Browser;
  let jobs: Promise<void>;
  let stopped = false;

  beforeAll(async () => {
    browser = await launchBrowser();
    jobs = (async () => {
      while (!stopped) {
        await project(house.loop);
        await lapseDue(house.loop, clock());
        while (await runOneTask(house));
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    })();
  });
  afterAll(async () => {
    stopped = true;
    await jobs;
    await browser.close();
    await server.app.close();
  });

  const errors: string[] = [];
  async function signIn(
    login: string,
    size = { width: 1366, height: 768 },
  ): Promise<{ page: Page; context: BrowserContext }> {
    const context = await browser.newContext({ viewport: size, locale: 'zh-CN', acceptDownloads: true });
    const page = await context.newPage();
    page.on('pageerror', error => errors.push(String(error)));
    page.on('console', message => {
      if (message.type() === 'error' && !/status of 4|ERR_INTERNET_DISCONNECTED/.test(message.text()))
        errors.push(message.text());
    });
    onTestFailed(async () => {
      await page.screenshot({ path: path.join(screens, `failed-${login}.png`) }).catch(() => {});
    });
    await page.goto(server.address);
    await page.getByLabel('用户名').fill(login);
    await page.getByLabel('密码').fill(demoPassword);
    await page.keyboard.press('Enter');
    await page.getByText('退出').waitFor();
    return { page, context };
  }

  /** Axe finds nothing, and the three widths are kept as pictures to look at. */
  async function clean(page: Page, name: string): Promise<void> {
    await page.waitForLoadState('networkidle');
    // A page that is fetched when it is opened has its heading once it is there.
    await page.getByRole('heading').first().waitFor();
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.map(v => `${v.id}: ${v.nodes[0]!.html.slice(0, 200)}`),
      name,
    ).toEqual([]);
    const before = page.viewportSize()!;
    for (const [width, height] of [
      [1366, 768],
      [1440, 900],
      [1920, 1080],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: path.join(screens, `${name}-${width}.png`) });
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
        `${name} fits ${width}`,
      ).toBe(true);
    }
    await page.setViewportSize(before);
  }

  const button = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true });
  async function choose(page: Page, label: string, typed: string): Promise<void> {
    // A form before the page stands over the page's own filters.
    const form = page.locator('.ant-modal:visible');
    const within = (await form.count()) ? form : page;
    await within.getByLabel(label, { exact: true }).first().click();
    await page.keyboard.type(typed);
    await page.locator('.ant-select-item-option:visible').first().waitFor();
    await page.keyboard.press('Enter');
  }
  /** Does a step of the loop on the page of a matter that is open. */
  async function step(page: Page, name: string, fill: () => Promise<void> = async () => {}): Promise<void> {
    await button(page, name).first().click();
    await fill();
    await page.locator('form').getByRole('button', { name, exact: true }).click();
    await page.getByText(`${name} · 已完成`).waitFor();
  }

  return { house, server, errors, signIn, clean, button, choose, step, browser: () => browser };
}
