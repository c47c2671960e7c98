import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { seededRandom } from '#kernel/seeded-random';
import { openBrowser } from '#testkit/browser';
import { picture, violations } from '#testkit/page-audit';
import { testConsole, type TestConsole } from '../testing/console.js';
import { fillWithLife } from '../testing/life.js';

const now = new Date('2026-03-10T12:34:56Z');
const span = 'from=2026-01-01&to=2026-03-31';
let c: TestConsole;
let browser: Browser;

beforeAll(async () => {
  c = await testConsole(now);
  await fillWithLife(c.build, now);
  await fillWithWeeks();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await c?.close();
});

/** Closed weeks before, with two texts, two services and one centre that is worse. */
async function fillWithWeeks(): Promise<void> {
  const random = seededRandom('weeks');
  const at = (daysAgo: number): Date => new Date(now.getTime() - daysAgo * 86_400_000);
  for (let i = 0; i < 420; i++) {
    const centre = random.weighted([['kyiv-01', 4], ['lviv-01', 3], ['odesa-01', 2]] as const); // prettier-ignore
    const finishedAt = at(15 + random.below(50));
    const answered = random.chance(0.6);
    const satisfied = random.chance(centre === 'odesa-01' ? 0.55 : 0.93);
    await c.build.path({
      centre, finishedAt, service: random.chance(0.5) ? 'passport' : 'land',
      channel: random.chance(0.4) ? 'viber' : 'sms', variant: random.chance(0.5) ? 'text-a' : 'text-b',
      facts: answered ? { sent: true, delivered: true, opened: true, started: true, completed: true } : { sent: true, delivered: true },
      answers: answered ? { quality: satisfied ? 5 : 2, ...(i % 5 === 0 && { comment: 'Дякую' }) } : {},
    }); // prettier-ignore
  }
}

/** A page whose console and network are watched: whatever goes wrong in the browser fails the test. */
async function open(options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ locale: 'uk-UA', ...options });
  const wrong: string[] = [];
  try {
    const page = await context.newPage();
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    page.on('request', (request) => request.url().startsWith(c.url) || wrong.push(`asked ${request.url()}`));
    const [name = '', value = ''] = (await c.signIn('analyst')).split('=');
    await context.addCookies([{ name, value, url: c.url }]);
    await work(page);
    expect(wrong).toEqual([]);
  } finally {
    await context.close();
  }
}

describe.each([
  [320, 'uk'],
  [1280, 'en'],
  [1280, 'uk'],
  [320, 'en'],
] as const)('at %d px in %s', (width, locale) => {
  test('the analysis is accessible, drawn, and does not scroll sideways', async () => {
    await open({ viewport: { width, height: 900 } }, async (page) => {
      await page.context().addCookies([{ name: 'vidhuk_locale', value: locale, url: c.url }]);
      await page.goto(`${c.url}/analysis?${span}`);
      await page.waitForSelector('body[data-drawn]');
      await picture(page, `analysis-${width}-${locale}`);
      expect(await page.evaluate('document.querySelectorAll("[data-chart] canvas").length')).toBeGreaterThan(
        3,
      );
      expect(
        await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
      ).toBe(0);
      expect(await violations(page)).toEqual([]);
    });
  });
});

describe('the analysis page', () => {
  test('keeps its filters in the address and shows the same without JavaScript', async () => {
    await open({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } }, async (page) => {
      await page.goto(`${c.url}/analysis?${span}&centre=odesa-01`);
      await page.selectOption('select[name=channel]', 'sms');
      await page.click('.filters button');
      expect(page.url()).toContain('centre=odesa-01');
      expect(page.url()).toContain('channel=sms');
      await page.click('nav.period a:text("послугою")');
      expect(page.url()).toContain('channel=sms');
      expect(page.url()).toContain('group=service');
      expect(await page.textContent('#rates')).toContain('passport');
      expect(await page.textContent('#scores')).toContain('Оцінки');
    });
  });

  test('says in words which centre is below and that others cannot be told apart', async () => {
    await open({ viewport: { width: 1280, height: 900 } }, async (page) => {
      await page.goto(`${c.url}/analysis?${span}`);
      const rows = await page.locator('#compare tr').allTextContents();
      expect(rows.some((row) => row.includes('ЦНАП Одеси') && row.includes('значно нижче за всіх'))).toBe(
        true,
      );
      expect(rows.some((row) => row.includes('не відрізнити від усіх'))).toBe(true);
    });
  });

  test('hides small groups in words, in the page and in the data of its charts', async () => {
    await open({ viewport: { width: 1280, height: 900 } }, async (page) => {
      await c.build.path({ centre: 'tiny-1', finishedAt: new Date('2026-01-05T09:00:00Z'), facts: { sent: true, started: true }, answers: { quality: 1 } }); // prettier-ignore
      await page.goto(`${c.url}/analysis?${span}`);
      const row = page.locator('#scores-by tr', { hasText: 'Центр tiny-1' });
      expect(await row.textContent()).toContain('приховано');
      const data = await page.locator('#scores-by [data-chart]').first().getAttribute('data-chart');
      expect(data).not.toContain('tiny-1');
      expect(await page.textContent('#compare')).toContain('Приховано центрів');
    });
  });
});

describe('the monthly report of a centre', () => {
  const address = '/monthly?centre=kyiv-01&month=2026-02';

  test('prints on A4 in Ukrainian with rate, scores, comparison and texts without numbers', async () => {
    for (let i = 0; i < 12; i++)
      await c.build.path({ centre: 'kyiv-01', finishedAt: new Date('2026-02-10T09:00:00Z'), facts: { sent: true, started: true, completed: true }, answers: { quality: 5, comment: `Дзвоніть 050 123 45 6${i % 10}, допис ${i}` } }); // prettier-ignore
    await open({ viewport: { width: 1280, height: 900 } }, async (page) => {
      await page.context().addCookies([{ name: 'vidhuk_locale', value: 'en', url: c.url }]);
      await page.goto(`${c.url}${address}`);
      await picture(page, 'monthly-1280');
      expect(await page.getAttribute('html', 'lang')).toBe('uk');
      const text = (await page.textContent('main')) ?? '';
      for (const part of [
        'лютий 2026',
        'Рівень відповідей, RR2',
        'Задоволені',
        'Поруч з іншими центрами',
        'допис 3',
        'Як пораховано',
      ])
        expect(text).toContain(part);
      expect(text).not.toContain('123 45');
      expect(await violations(page)).toEqual([]);
      const pdf = await page.pdf({ preferCSSPageSize: true });
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      // A4 in points; pages are counted in the file's own words.
      expect(pdf.toString('latin1')).toMatch(/MediaBox \[0 0 59[45][.\d]* 84[12]/);
      const pages = pdf.toString('latin1').match(/\/Type \/Page\b(?!s)/g)?.length ?? 0;
      expect(pages).toBeGreaterThan(0);
      expect(pages).toBeLessThanOrEqual(4);
    });
  });

  test('shows no texts of fewer than ten, and no centre that does not exist', async () => {
    await open({}, async (page) => {
      await page.goto(`${c.url}/monthly?centre=lutsk-01&month=2026-03`);
      expect(await page.textContent('main')).toContain('менше десяти');
      page.removeAllListeners('console'); // the browser itself reports a 404
      expect((await page.goto(`${c.url}/monthly?centre=nowhere`))?.status()).toBe(404);
    });
  });
});
