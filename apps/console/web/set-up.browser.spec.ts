import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { projectRoot } from '#config/project';
import { applyPack } from '#planning/pack/apply-pack';
import { AnswerBook } from '#replies/answer-book';
import { SurveyShelf } from '#replies/survey-shelf';
import type { Role } from '#store/entities';
import { openBrowser } from '#testkit/browser';
import { violations } from '#testkit/page-audit';
import { testConsole, type TestConsole } from '../testing/console.js';

const now = new Date('2026-03-02T12:00:00Z');

let c: TestConsole;
let browser: Browser;
beforeAll(async () => {
  c = await testConsole(now);
  await applyPack(c.db, join(projectRoot, 'templates', 'cnap'), { publish: true, now });
  const questions = [
    { key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Як Вас обслужили?' }, alertAtMost: 2 },
    { key: 'comment', type: 'text', text: { uk: 'Що поліпшити?' }, optional: true },
  ];
  const campaign = await c.build.campaign('alerts', questions);
  await c.db.query(`update definition set withdrawn_at = $1 where key = 'alerts'`, [now]);
  const book = new AnswerBook(c.db, c.build.vault, new SurveyShelf());
  for (const [centre, comment] of [['kyiv-1', '<b>Грубо</b> й довго'], ['lviv-1', 'Черга']] as const) {
    const { invitationId } = await c.build.path({ centre, campaign, facts: { sent: true } });
    const answers = [{ questionKey: 'quality', value: 1 }, { questionKey: 'comment', value: comment }];
    await book.save(invitationId ?? '', answers, { via: 'page', at: now });
  }
  browser = await openBrowser();
}); // prettier-ignore
afterAll(async () => {
  await browser.close();
  await c.close();
});

/** A page of somebody who is signed in. */
async function signedIn(role: Role, options: { width?: number; script?: boolean; locale?: string } = {}): Promise<Page> {
  const { width = 1280, script = true, locale = 'uk' } = options;
  const context = await browser.newContext({ viewport: { width, height: 800 }, javaScriptEnabled: script });
  const [name = '', value = ''] = (await c.signIn(role)).split('=');
  const { hostname: domain } = new URL(c.url);
  await context.addCookies([
    { name, value, domain, path: '/' },
    { name: 'vidhuk_locale', value: locale, domain, path: '/' },
  ]);
  return context.newPage();
} // prettier-ignore

describe.each([
  ['uk', 320],
  ['uk', 1280],
  ['en', 1280],
])('in %s at %d pixels', (locale, width) => {
  test('no page breaks a rule of WCAG 2.2 AA or is too wide', async () => {
    const page = await signedIn('admin', { width, locale });
    const broken: string[] = [];
    const look = async (path: string): Promise<void> => {
      await page.goto(c.url + path);
      broken.push(...(await violations(page)).map((one) => `${path}: ${one}`));
      const isWide = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth'); // prettier-ignore
      if (isWide === true) broken.push(`${path} is too wide`);
    };
    await look('/cases');
    await page.locator('tbody a').first().click();
    await look(new URL(page.url()).pathname);
    for (const path of ['/cases?state=closed', '/campaigns', '/texts', '/texts?key=cnap-invite&textLocale=uk&channel=sms']) await look(path); // prettier-ignore
    expect(broken).toEqual([]);
    await page.context().close();
  });
});

test('an operator takes a case, notes and closes it, without any script', async () => {
  const page = await signedIn('operator', { script: false });
  await page.goto(`${c.url}/cases`);
  await page.getByRole('row', { name: /lviv-1/ }).getByRole('link').click(); // prettier-ignore
  await page.getByText('Черга').waitFor();
  await page.getByRole('button', { name: 'Взяти в роботу' }).click();
  await page.getByText('у роботі').first().waitFor();
  await page.getByRole('button', { name: 'Закрити' }).click();
  await page.getByRole('alert').getByText('Напишіть нотатку').waitFor();
  await page.getByLabel('Нотатка').fill('Подзвонили, вибачилися');
  await page.getByRole('button', { name: 'Закрити' }).click();
  await page.getByText('Подзвонили, вибачилися').waitFor();
  await page.goto(`${c.url}/cases`);
  expect(await page.getByRole('row', { name: /lviv-1/ }).count()).toBe(0);
  await page.goto(`${c.url}/cases?state=closed`);
  expect(await page.getByRole('row', { name: /lviv-1/ }).count()).toBe(1);
  await page.context().close();
});

test('what a person wrote is text and nothing else', async () => {
  const page = await signedIn('operator');
  await page.goto(`${c.url}/cases`);
  await page.getByRole('row', { name: /kyiv-1/ }).getByRole('link').click(); // prettier-ignore
  await page.getByText('<b>Грубо</b> й довго').waitFor();
  await page.context().close();
});

test('a text is shown with its parts while one types, and by the button without a script', async () => {
  for (const script of [true, false]) {
    const page = await signedIn('admin', { script });
    await page.goto(`${c.url}/texts`);
    await page.getByLabel('Текст', { exact: true }).fill('{{centre}}: оцініть візит {{link}}');
    if (!script) await page.getByRole('button', { name: 'Показати' }).click();
    await page.getByText('ЦНАП міста Львова: оцініть візит').waitFor();
    await page.getByText('частин SMS: 2').waitFor();
    await page.getByLabel('Текст', { exact: true }).fill('{{nope}}');
    if (!script) await page.getByRole('button', { name: 'Показати' }).click();
    await page.getByText('рядок 1, знак 1').waitFor();
    await page.context().close();
  }
});

test('the campaign in force shows its schedule and leads to its texts', async () => {
  const page = await signedIn('admin');
  await page.goto(`${c.url}/campaigns`);
  await page.getByText('через 45 хв після візиту').waitFor();
  await page.getByText('пн вт ср чт пт сб 09:00–20:00').waitFor();
  await page.getByRole('link', { name: 'cnap-reminder' }).click();
  expect(await page.getByLabel('Текст', { exact: true }).inputValue()).toContain('{{deadline}}');
  await page.context().close();
});
