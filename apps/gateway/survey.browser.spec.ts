import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser } from '#testkit/browser';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { testGateway, type TestGateway } from '#testkit/gateway';
import { violations } from '#testkit/page-audit';
import { ReplyDesk, type Sent } from '#testkit/reply-desk';
import { answerEverything } from '#testkit/survey-page';

/** Runs in the page: what is tapped and is lower or narrower than 44 pixels, and whether the page is too wide. */
const TOO_SMALL = `[
  ...[...document.querySelectorAll('a:not(.skip), button, .option label, textarea')]
    .filter((target) => target.getBoundingClientRect().height < 44 || target.getBoundingClientRect().width < 44)
    .map((target) => target.outerHTML),
  ...(document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['the page is too wide'] : []),
]`;

let t: TestDatabase;
let desk: ReplyDesk;
let gateway: TestGateway;
let browser: Browser;
let sent: Sent;
beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  await desk.setUp();
  const env = { VIBER_AUTH_TOKEN: 'token', VIBER_SENDER_NAME: 'Центр', VIBER_CHAT_URI: 'centre' };
  gateway = await testGateway(t, desk, { env });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await gateway.close();
  await t.drop();
});
beforeEach(async () => {
  sent = await desk.invite();
});

/** A page at a width; complaints of the browser (a blocked style, a failed request) make `complaints`. */
async function open(options: { width?: number; script?: boolean } = {}): Promise<{ page: Page; complaints: string[]; context: BrowserContext }> {
  const { width = 320, script = true } = options;
  const context = await browser.newContext({ viewport: { width, height: 640 }, javaScriptEnabled: script, bypassCSP: false });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('request', (request) => request.url().startsWith(gateway.url) || request.url().startsWith('data:') || complaints.push(request.url()));
  return { page, complaints, context };
} // prettier-ignore

/** Visits every kind of page there is, as a person would come to it. */
async function everyPage(page: Page, lang: string, look: (name: string) => Promise<void>): Promise<void> {
  const go = async (path: string, name: string): Promise<void> => {
    await page.goto(`${gateway.url}/${path}${path.includes('?') ? '&' : '?'}lang=${lang}`);
    await look(name);
  };
  const submit = (): Promise<unknown> => page.locator('main form button[type=submit]').first().click();
  await go(sent.code, 'scale');
  await submit();
  await look('scale with a problem');
  await page.locator('input[type=radio]').first().check();
  await look('scale answered');
  await submit();
  await look('several choices');
  await page.locator('input[type=checkbox]').first().check();
  await submit();
  await look('likelihood');
  await page.locator('input[type=radio]').last().check();
  await look('likelihood answered');
  await submit();
  await look('words');
  await go(`${sent.code}?q=quality`, 'back at the scale');
  await go(`${sent.code}/stop`, 'stop');
  await submit();
  await look('stopped');
  await go(`${sent.code}/viber`, 'to Viber');
  await go(sent.code, 'words again');
  await page.locator('textarea').fill('Дякую');
  await submit();
  await look('thanks');
  await go('zzzzzzzz', 'unknown');
  const expired = await desk.invite();
  await t.db.query('update invitation set expires_at = $2 where id = $1', [expired.invitationId, desk.clock.now()]);
  await go(expired.code, 'expired');
} // prettier-ignore

describe.each([320, 1280])('at %d pixels', (width) => {
  test.each(['uk', 'en'])('in %s no page breaks a rule of WCAG 2.2 AA', async (lang) => {
    const { page, context, complaints } = await open({ width });
    const broken: string[] = [];
    await everyPage(page, lang, async (name) => {
      broken.push(...(await violations(page)).map((violation) => `${name}: ${violation}`));
    });
    expect(broken).toEqual([]);
    expect(complaints.filter((complaint) => !/status of (404|410|422)/.test(complaint))).toEqual([]);
    await context.close();
  });

  test('nothing has to be scrolled sideways, and whatever is tapped is large enough', async () => {
    const { page, context } = await open({ width });
    const small: string[] = [];
    await everyPage(page, 'uk', async (name) => {
      const found = await page.evaluate<string[]>(TOO_SMALL);
      small.push(...found.map((what) => `${name}: ${what}`));
    });
    expect(small).toEqual([]);
    await context.close();
  });
});

test('the whole survey can be answered without JavaScript', async () => {
  const { page, context } = await open({ script: false });
  await page.goto(`${gateway.url}/${sent.code}`);
  expect(await answerEverything(page)).toBe(3);
  expect(await desk.answers(sent.invitationId)).toMatchObject({ quality: 5, recommend: 10 });
  await context.close();
});

test('the whole survey can be answered by the keyboard alone', async () => {
  const { page, context } = await open();
  await page.goto(`${gateway.url}/${sent.code}?lang=en`);
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = (): Promise<string> => page.evaluate('document.activeElement.type ?? ""');
  const toField = async (): Promise<void> => {
    while (!['radio', 'checkbox'].includes(await focused())) await press('Tab');
  };
  await toField();
  await press('ArrowDown', 'ArrowDown', 'ArrowDown', 'Tab', 'Enter');
  await page.getByText('Question 2').waitFor();
  await toField();
  await press('ArrowRight', 'Tab', 'Enter');
  await page.locator('textarea').waitFor();
  await page.locator('textarea').focus();
  await page.keyboard.type('Fine');
  await press('Tab', 'Enter');
  await page.getByText('Thank you!').waitFor();
  expect(await desk.answers(sent.invitationId)).toEqual({ quality: 4, recommend: 1, comment: 'Fine' });
  await context.close();
});

test('one tap and one button answer the first question', async () => {
  const { page, context } = await open();
  await page.goto(`${gateway.url}/${sent.code}`);
  await page.getByLabel('добре').click();
  await page.getByRole('button', { name: 'Далі' }).click();
  expect(await desk.answers(sent.invitationId)).toEqual({ quality: 4 });
  await context.close();
});

test('the first page is one request; touching it tells that it was opened', async () => {
  const { page, context } = await open({ width: 1280 });
  const requests: string[] = [];
  page.on('request', (request) => request.url().startsWith('data:') || requests.push(new URL(request.url()).pathname));
  await page.goto(`${gateway.url}/${sent.code}`, { waitUntil: 'networkidle' });
  expect(requests).toEqual([`/${sent.code}`]);
  const dot = page.waitForResponse(/\/opened$/);
  await page.locator('h1').hover();
  await dot;
  expect((await desk.invitation(sent.invitationId))['opened_at']).toBeInstanceOf(Date);
  await context.close();
}); // prettier-ignore

test('a problem is announced and leads to the field', async () => {
  const { page, context } = await open();
  await page.goto(`${gateway.url}/${sent.code}`);
  await page.locator('main form button').first().click();
  expect(await page.title()).toMatch(/^Помилка: /);
  await page.getByRole('alert').getByRole('link').click();
  expect(page.url()).toContain('#a1');
  await context.close();
});

test('the page still reads at twice the size of text', async () => {
  const { page, context } = await open({ width: 640 });
  await page.goto(`${gateway.url}/${sent.code}`);
  await page.evaluate(`document.documentElement.style.fontSize = '200%'`);
  expect(await page.evaluate<string[]>(TOO_SMALL)).toEqual([]);
  await context.close();
}); // prettier-ignore
