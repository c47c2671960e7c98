import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '#testkit/browser';
import { violations } from '#testkit/page-audit';
import { OWN_NUMBER, sandboxAccounts } from '../options.js';
import { steeredSandbox, type SteeredSandbox } from '../testing/steered-sandbox.js';

const KEYBOARD = {
  Type: 'keyboard',
  Buttons: ['Добре', 'Чудово'].map((text, i) => ({
    Columns: 3,
    ActionBody: `v1:Ab3dE5gH:quality:${i + 4}`,
    Text: text,
  })),
};
const WELCOME = {
  sender: { name: 'Відгук' },
  type: 'text',
  text: 'Як Ви оцінюєте послугу?',
  keyboard: KEYBOARD,
};

let sandbox: SteeredSandbox;
let browser: Browser;
beforeAll(async () => {
  [sandbox, browser] = await Promise.all([steeredSandbox(), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await sandbox.close();
});
beforeEach(async () => {
  await sandbox.api('DELETE', '/state');
  sandbox.ours.respond(({ path, raw }) =>
    path === '/hooks/viber' && raw.includes('conversation_started')
      ? { contentType: 'application/json', body: JSON.stringify(WELCOME) }
      : {},
  );
});

const opened: Page[] = [];
afterEach(async () => {
  for (const page of opened.splice(0)) await page.close();
});

async function open(
  path: string,
  options: { width?: number; javaScriptEnabled?: boolean } = {},
): Promise<Page> {
  const { width = 1280, javaScriptEnabled = true } = options;
  const context = await browser.newContext({ viewport: { width, height: 700 }, javaScriptEnabled });
  const page = await context.newPage();
  opened.push(page);
  await page.goto(sandbox.url + path);
  return page;
}
const threadOf = (number: string): string => `/?phone=${encodeURIComponent(number)}`;
const invite = (to = OWN_NUMBER, more: Record<string, string> = {}) =>
  sandbox.twilio({
    To: to,
    From: sandboxAccounts.twilio.serviceNumber,
    Body: `Оцініть візит: ${sandbox.ours.url}/Ab3dE5gH <b>`,
    ...more,
  });

describe.each([320, 1280])('at %i px', (width) => {
  test('nothing sticks out and no accessibility rule is broken', async () => {
    await invite();
    await invite('+380501234567');
    await sandbox.api('POST', `/phones/${OWN_NUMBER}/viber`, { context: 'Ab3dE5gH' });
    for (const path of ['/', threadOf(OWN_NUMBER), `${threadOf(OWN_NUMBER)}&lang=en`]) {
      const page = await open(path, { width });
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
      expect(await violations(page)).toEqual([]);
    }
  });
});

describe('the page', () => {
  test('shows a message that arrives while it is open, and what became of it', async () => {
    const page = await open(threadOf(OWN_NUMBER));
    await page.getByText('Тут з’являться повідомлення').waitFor();
    await invite();
    const bubble = page.locator('.bubble', { hasText: 'Оцініть візит' });
    await bubble.waitFor();
    await sandbox.pass(10_000);
    await bubble.getByText('доставлено').waitFor();
    const link = bubble.getByRole('link', { name: /Ab3dE5gH/ });
    expect(await link.getAttribute('href')).toBe(`${sandbox.ours.url}/Ab3dE5gH`);
    expect(await link.getAttribute('target')).toBe('_blank');
  });

  test('a typed reply goes out and the draft of another is kept while messages come in', async () => {
    await invite();
    const page = await open(threadOf(OWN_NUMBER));
    await page.getByLabel('Ваша відповідь').fill('Дякую');
    await page.getByLabel('Ваша відповідь').press('Enter');
    await page.locator('.bubble.person', { hasText: 'Дякую' }).getByText('надіслано').waitFor();
    await page.getByLabel('Ваша відповідь').fill('чернетка');
    await invite(OWN_NUMBER, { Body: 'Друге' });
    await page.getByRole('log').getByText('Друге').waitFor();
    expect(await page.getByLabel('Ваша відповідь').inputValue()).toBe('чернетка');
    expect(sandbox.ours.arrivals.at(-1)?.form.get('Body')).toBe('Дякую');
  });

  test('text of messages is never taken for markup', async () => {
    await invite();
    const page = await open(threadOf(OWN_NUMBER));
    expect(await page.locator('.bubble .text').textContent()).toContain('<b>');
    expect(await page.locator('.bubble b').count()).toBe(0);
  });

  test('says why a name cannot be answered', async () => {
    await invite('+380501234567', { From: 'Vidhuk' });
    const page = await open(threadOf('+380501234567'));
    await page.getByText('відповісти йому через SMS не можна').waitFor();
    await page.getByRole('button', { name: '5', exact: true }).click();
    await page
      .getByRole('alert')
      .getByText(/goes nowhere/)
      .waitFor();
  });
});

describe.each([true, false])('with JavaScript %s', (javaScriptEnabled) => {
  test('the link leads into Viber, where a button answers', async () => {
    await invite();
    const page = await open(threadOf(OWN_NUMBER), { javaScriptEnabled });
    await page.getByRole('button', { name: 'Відкрити у Viber' }).click();
    await page.getByRole('button', { name: 'Чудово' }).click();
    await page.locator('.bubble.person.viber', { hasText: 'Чудово' }).waitFor();
    const pressed = sandbox.ours.viberEvents().find(({ event }) => event === 'message');
    expect(pressed).toMatchObject({ message: { text: 'v1:Ab3dE5gH:quality:5' } });
  });

  test('a phone is found and another one added', async () => {
    await invite('+380671112233');
    await invite('+380501234567');
    const page = await open('/', { javaScriptEnabled });
    await page.getByLabel('Пошук за номером або іменем').fill('67 111');
    await page.getByLabel('Пошук за номером або іменем').press('Enter');
    await page.getByRole('link', { name: /67 111 22 33/ }).waitFor();
    expect(await page.locator('#phones li').count()).toBe(1);
    await page.getByText('Додати телефон').click();
    await page.getByLabel('Номер телефону').fill('093 222 33 44');
    await page.getByRole('button', { name: 'Додати' }).click();
    await page.getByRole('heading', { name: '+380 93 222 33 44' }).waitFor();
  });
});

test('a form posted from another site is refused', async () => {
  const reply = await fetch(`${sandbox.url}/phones`, {
    method: 'POST',
    headers: { origin: 'https://elsewhere.example', 'content-type': 'application/x-www-form-urlencoded' },
    body: 'number=0501234567',
  });
  expect(reply.status).toBe(403);
});
