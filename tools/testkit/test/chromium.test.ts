import { once } from 'node:events';
import { createServer } from 'node:http';
import { chromium } from 'playwright';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chromiumLaunchOptions, prepareChromium } from '../src/chromium.ts';
import { ServerUnavailableError } from '../src/server-unavailable-error.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('prepareChromium', () => {
  it('gives a browser that opens a page, with the security of a real one', async () => {
    const other = createServer((_request, response) => response.end('secret')).listen(0, '127.0.0.1');
    const page = createServer((_request, response) => response.end('<title>ready</title>')).listen(
      0,
      '127.0.0.1',
    );
    await Promise.all([once(other, 'listening'), once(page, 'listening')]);
    const browser = await chromium.launch(await prepareChromium());
    const tab = await browser.newPage();
    await tab.goto(addressOf(page));
    expect(await tab.title()).toBe('ready');
    const stolen = tab.evaluate((url) => fetch(url).then((response) => response.text()), addressOf(other));
    await expect(stolen).rejects.toThrow('Failed to fetch');
    await browser.close();
    other.close();
    page.close();
  });

  it('rejects with what to set when CHROMIUM_BIN does not run', async () => {
    vi.stubEnv('CHROMIUM_BIN', '/nowhere/chromium');
    const error = await prepareChromium().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServerUnavailableError);
    expect(String(error)).toMatch(/\/nowhere\/chromium.*; set CHROMIUM_BIN to/);
  });
});

describe('chromiumLaunchOptions', () => {
  it('takes CHROMIUM_BIN before anything else', () => {
    vi.stubEnv('CHROMIUM_BIN', '/opt/chromium');
    expect(chromiumLaunchOptions()).toEqual({ executablePath: '/opt/chromium' });
  });

  it('turns nothing off with a switch of its own', () => {
    expect(chromiumLaunchOptions()).not.toHaveProperty('args');
  });
});

function addressOf(server: ReturnType<typeof createServer>): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}/`;
}
