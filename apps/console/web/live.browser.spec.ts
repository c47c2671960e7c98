import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from '#testkit/browser';
import { picture, violations } from '#testkit/page-audit';
import { eventually } from '#testkit/running-system';
import { testConsole, type TestConsole } from '../testing/console.js';
import { fillWithLife } from '../testing/life.js';

const now = new Date('2026-03-10T12:34:56Z');
const widths = [320, 1280] as const;
let c: TestConsole;
let browser: Browser;

beforeAll(async () => {
  c = await testConsole(now);
  await fillWithLife(c.build, now);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await c?.close();
});

/** A page whose console and network are watched: whatever goes wrong in the browser fails the test. */
async function open(options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ locale: 'uk-UA', ...options });
  const wrong: string[] = [];
  try {
    const page = await context.newPage();
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    page.on('request', (request) => request.url().startsWith(c.url) || wrong.push(`asked ${request.url()}`));
    await work(page);
    expect(wrong).toEqual([]);
  } finally {
    await context.close();
  }
}

async function signIn(page: Page, role = 'admin'): Promise<void> {
  const [name = '', value = ''] = (await c.signIn(role as 'admin')).split('=');
  await page.context().addCookies([{ name, value, url: c.url }]);
}

async function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

describe.each(widths.flatMap((width) => (['uk', 'en'] as const).map((locale) => [width, locale] as const)))(
  'at %d px in %s',
  (width, locale) => {
    const viewport = { width, height: 900 };

    test.each([
      ['sign-in', '/sign-in'],
      ['live', '/?days=14'],
      ['empty', '/?from=2020-01-01&to=2020-01-02'],
      ['error', '/nowhere'],
    ])('the page %s is accessible and does not scroll sideways', async (name, path) => {
      await open({ viewport }, async (page) => {
        await page.context().addCookies([{ name: 'vidhuk_locale', value: locale, url: c.url }]);
        if (name !== 'sign-in') await signIn(page);
        if (name === 'error') page.removeAllListeners('console'); // the browser itself reports a 404
        await page.goto(`${c.url}${path}`);
        expect(await page.getAttribute('html', 'lang')).toBe(locale);
        await picture(page, `${name}-${width}-${locale}`);
        expect(await overflow(page)).toBe(0);
        expect(await violations(page)).toEqual([]);
      });
    });
  },
);

test('a person signs in with the keyboard alone and is on the live page', async () => {
  await open({ viewport: { width: 1280, height: 900 } }, async (page) => {
    await page.goto(c.url);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.focus('#email');
    await page.keyboard.type('operator@example.ua');
    await page.keyboard.press('Tab');
    await page.keyboard.type('a password for tests');
    await Promise.all([page.waitForURL(`${c.url}/`), page.keyboard.press('Enter')]);
    expect(await page.textContent('h1')).toBe('Стан опитування');
  });
});

describe('the open page', () => {
  test('shows what happens without being loaded again, marks what is new, and leaves a reader alone', async () => {
    await open({ viewport: { width: 1280, height: 900 } }, async (page) => {
      await signIn(page);
      await page.goto(`${c.url}/?days=7`);
      await page.evaluate('globalThis.sameDocument = true');
      const { invitationId } = await c.build.path({
        facts: { sent: true },
        finishedAt: new Date(now.getTime() - 3_600_000),
      });
      const id = await c.build.message(invitationId ?? '', {
        due_at: now,
        state: 'delivered',
        accepted_at: now,
        settled_at: now,
      });
      c.clock.advance(400_000);
      await page.waitForSelector(`[data-key="message:${id}:delivered"].fresh`);
      await page.focus('.feed');
      const before = await page.innerHTML('#feed');
      const { invitationId: next } = await c.build.path({ facts: { sent: true }, finishedAt: now });
      await c.build.message(next ?? '', { due_at: now, state: 'queued' });
      const visits = await page.textContent('#ledger tfoot .number');
      c.clock.advance(400_000);
      await eventually(async () => {
        const shown = await page.textContent('#ledger tfoot .number');
        return shown !== visits || undefined;
      }, 'another visit is counted');
      expect(await page.innerHTML('#feed')).toBe(before);
      expect(await page.evaluate('globalThis.sameDocument')).toBe(true);
    });
  });

  test('pauses on request', async () => {
    await open({}, async (page) => {
      await signIn(page);
      await page.goto(c.url);
      await page.click('#pause');
      expect(await page.textContent('#status')).toBe('На паузі');
      await page.click('#pause');
      expect(await page.textContent('#status')).toBe('Наживо');
    });
  });

  test('says when the connection is lost and comes back by itself', async () => {
    await open({}, async (page) => {
      page.removeAllListeners('console'); // the browser reports the broken connection
      await signIn(page);
      await page.goto(c.url);
      await page.route('**/live?*', (route) => route.abort());
      await page.waitForSelector('#status.lost');
      expect(await page.textContent('#status')).toContain('Немає звʼязку');
      await page.unroute('**/live?*');
      await page.waitForSelector('#status.on');
    });
  });

  test('reads the same without JavaScript', async () => {
    await open({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } }, async (page) => {
      await signIn(page);
      await page.goto(`${c.url}/?days=14`);
      expect(await page.textContent('#funnel')).toContain('Завершено');
      expect(await page.textContent('noscript, main')).toContain('перезавантажте');
    });
  });
});
