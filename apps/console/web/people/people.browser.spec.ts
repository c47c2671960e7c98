import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { createUser } from '#access/users';
import { openBrowser } from '#testkit/browser';
import { picture, violations } from '#testkit/page-audit';
import { PASSWORD, testConsole, type TestConsole } from '../../testing/console.js';

const now = new Date('2026-03-02T12:00:00Z');
let c: TestConsole;
let browser: Browser;

beforeAll(async () => {
  [c, browser] = await Promise.all([testConsole(now), openBrowser()]);
  for (const code of ['kyiv-01', 'lviv-01']) await c.build.centre(code);
  for (const [email, role, centres] of [
    ['olena.petrenko@example.gov.ua', 'analyst', null],
    ['mykola.z.a.dovhym.imiam@very.long.subdomain.example.gov.ua', 'operator', ['kyiv-01', 'lviv-01']],
  ] as const) {
    await createUser(c.db, { email, password: PASSWORD, role, centres, now });
  }
  await c.as('admin', '/api/v1/users', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'new@example.gov.ua', role: 'operator', centres: ['kyiv-01'] }),
  });
});
afterAll(async () => {
  await browser.close();
  await c.close();
});

async function open(
  path: string,
  width: number,
  locale: 'uk' | 'en',
  options: { bypassCSP?: boolean; javaScriptEnabled?: boolean } = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, bypassCSP: true, ...options });
  const [name = '', value = ''] = (await c.signIn('admin')).split('=');
  await context.addCookies([
    { name, value, url: c.url },
    { name: 'vidhuk_locale', value: locale, url: c.url },
  ]);
  const page = await context.newPage();
  await page.goto(`${c.url}${path}`);
  return page;
}

describe.each([
  ['uk', 1280],
  ['uk', 320],
  ['en', 1280],
  ['en', 320],
] as const)('in %s at %d px', (locale, width) => {
  test.each(['/users', '/account', '/audit', '/sign-in/code'])(
    '%s is within reach of everyone',
    async (path) => {
      const page = await open(path, width, locale);
      for (const summary of await page.locator('summary').all()) await summary.click();
      await picture(page, `${path.slice(1).replace('/', '-')}-${locale}-${width}`);
      expect(await violations(page)).toEqual([]);
      const overflow = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = (globalThis as unknown as { document: { documentElement: { scrollWidth: number; clientWidth: number } } }).document.documentElement; // prettier-ignore
        return scrollWidth - clientWidth;
      });
      expect(overflow).toBeLessThanOrEqual(0);
      await page.context().close();
    },
  );
});

test('the second factor is set up by hand and eye, by keyboard alone', async () => {
  const page = await open('/account', 1280, 'uk');
  await page.getByRole('button', { name: 'Налаштувати' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForLoadState();
  await picture(page, 'account-enrolment');
  expect(await page.locator('img.qr').evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth)).toBeGreaterThan(40); // prettier-ignore
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});

test('a new person is added without any script', async () => {
  const page = await open('/users', 1280, 'uk');
  await page.getByLabel('Електронна пошта').fill('zovsim.nova@example.gov.ua');
  await page.getByRole('button', { name: 'Додати' }).click();
  await picture(page, 'users-added');
  expect(await page.locator('code.secret').textContent()).toMatch(/^\w{16}$/);
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});

describe('a password field', () => {
  const typed = 'сім зелених чапель';

  test.each(['uk', 'en'] as const)('shows what was typed and how strong it is, in %s, without asking anybody else', async (locale) => {
    const page = await open('/account', 1280, locale, { bypassCSP: false });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    const problems: string[] = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    const field = page.locator('#next');
    expect(await page.locator('#next-strength').isVisible()).toBe(false);
    await field.fill('qwerty');
    const strength = page.locator('#next-strength output');
    await strength.filter({ hasText: locale === 'uk' ? 'заслабкий' : 'too weak' }).waitFor();
    await field.fill(typed);
    await strength.filter({ hasText: locale === 'uk' ? 'дуже добрий' : 'very good' }).waitFor();
    expect(await page.locator('#next-strength meter').evaluate((meter) => (meter as unknown as { value: number }).value)).toBe(4);
    expect(await field.getAttribute('type')).toBe('password');
    await page.getByRole('button', { name: locale === 'uk' ? 'Показати: Новий пароль' : 'Show: New password' }).click();
    expect([await field.getAttribute('type'), await field.inputValue()]).toEqual(['text', typed]);
    await page.getByRole('button', { name: locale === 'uk' ? 'Приховати: Новий пароль' : 'Hide: New password' }).click();
    expect(await field.getAttribute('type')).toBe('password');
    expect(new Set(asked)).toEqual(new Set([c.url]));
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test.each([['uk', 1280], ['en', 320]] as const)('is within reach of everyone with both, in %s at %d px', async (locale, width) => {
    const page = await open('/account', width, locale);
    await page.locator('#next').fill(typed);
    await page.locator('#next-strength output').filter({ hasText: /\S/ }).waitFor();
    await page.locator('#next ~ .sight, #next + .sight').first().click();
    await picture(page, `account-password-${locale}-${width}`);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  test('is sent as a password, however it was shown, and works without any script', async () => {
    const page = await open('/account', 1280, 'uk', { javaScriptEnabled: false });
    expect(await page.locator('.sight').count()).toBe(0);
    expect(await page.locator('#next-strength').isVisible()).toBe(false);
    await page.locator('#present').fill('not the password');
    await page.locator('#next').fill(typed);
    await page.getByRole('button', { name: 'Змінити пароль' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('Теперішній пароль не підходить');
    await page.context().close();
    const entrance = await browser.newPage();
    await entrance.goto(`${c.url}/sign-in`);
    await entrance.locator('#password').fill('wrong');
    await entrance.locator('.sight').click();
    expect(await entrance.locator('#password').getAttribute('type')).toBe('text');
    expect(await entrance.evaluate(() => {
      const { document } = globalThis as unknown as { document: { forms: { addEventListener(name: string, does: (event: { preventDefault(): void }) => void): void; requestSubmit(): void; elements: { password: { type: string } } }[] } };
      const [form] = document.forms;
      form?.addEventListener('submit', (event) => event.preventDefault());
      (form?.elements as unknown as Record<string, { value: string }>)['email']!.value = 'a@b.ua';
      form?.requestSubmit();
      return form?.elements.password.type;
    })).toBe('password');
    await entrance.close();
  });
}); // prettier-ignore
