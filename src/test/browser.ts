/** A real Chromium from an npm package, with Chinese fonts from another: nothing of the machine's is needed. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const require = createRequire(import.meta.url);

async function options() {
  // The package unpacks its own libraries only where it believes to run on Lambda.
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs22.x';
  const { default: packaged } = await import('@sparticuz/chromium');
  const fonts = path.join(path.dirname(require.resolve('@embedpdf/fonts-sc')), '..', 'fonts');
  // One for all runs: what fontconfig learns of the fonts is kept beside it.
  const config = path.join(import.meta.dirname, '..', '..', '.tmp', 'fonts');
  fs.mkdirSync(config, { recursive: true });
  fs.writeFileSync(
    path.join(config, 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${fonts}</dir><cachedir>${config}/cache</cachedir><alias><family>sans-serif</family><prefer><family>Noto Sans Hans</family></prefer></alias></fontconfig>`,
  );
  const executablePath = await packaged.executablePath();
  return {
    executablePath,
    args: [
      ...packaged.args.filter(arg => !['--single-process', '--no-zygote'].includes(arg)),
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-quic',
      '--no-first-run',
      // A microphone that hums, where a test asks for one.
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    ],
    env: { ...process.env, FONTCONFIG_PATH: config, FONTCONFIG_FILE: path.join(config, 'fonts.conf') } as Record<
      string,
      string
    >,
    headless: true,
  };
}

export const launchBrowser = async (): Promise<Browser> => chromium.launch(await options());

/** A browser with a profile on disk, as a phone has: what it wrote is there after its process was killed. */
export const launchPersistent = async (
  directory: string,
  more: Parameters<typeof chromium.launchPersistentContext>[1],
) => chromium.launchPersistentContext(directory, { ...(await options()), ...more });

/**
 * Takes the network from a page and whatever runs beside it. The browser answers before its network process has heard of
 * it: only when a call fails is the network gone.
 */
export async function loseNetwork(page: Page): Promise<void> {
  await page.context().setOffline(true);
  await page.waitForFunction(() =>
    fetch('/api/v1/health', { cache: 'no-store' }).then(
      () => false,
      () => true,
    ),
  );
}
