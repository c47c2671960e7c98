import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { projectRoot } from '#config/project';
import { checkPack } from './check-pack.js';
import { problemLine } from './problem.js';
import { smallPack } from '../testing/small-pack.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pack-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function problemsOf(changes: Record<string, string | undefined>): Promise<string[]> {
  const files = { ...smallPack, ...changes };
  for (const [file, text] of Object.entries(files)) {
    if (text === undefined) continue;
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  return (await checkPack(dir)).map(problemLine);
}

const campaign = (change: (text: string) => string): Record<string, string> => ({
  'campaigns/after.yaml': change(smallPack['campaigns/after.yaml']),
});

test.each(['cnap', 'mvs'])('the pack %s that comes with the project has no problem', async (pack) => {
  expect(await checkPack(join(projectRoot, 'templates', pack))).toEqual([]);
});

test('a small pack needs only what has no default', async () => {
  expect(await problemsOf({})).toEqual([]);
});

describe('campaigns', () => {
  test.each<[string, (text: string) => string, string]>([
    ['an unknown key', (t) => `${t}priorty: 3\n`, 'campaigns/after.yaml:8:1 unknown key "priorty"'],
    [
      'an unknown key deeper down',
      (t) => `${t}window: {form: "09:00"}\n`,
      'campaigns/after.yaml:8:10 unknown key "window.form"',
    ],
    [
      'a missing legal basis',
      (t) => t.replace('legalBasis: public_task\n', ''),
      'campaigns/after.yaml:1:1 legalBasis is missing',
    ],
    [
      'a duration that is none',
      (t) => `${t}delay: 45 min\n`,
      'campaigns/after.yaml:8:8 delay: must be an ISO 8601 duration such as PT45M, P2D or P1M',
    ],
    [
      'a cap over no time at all',
      (t) => `${t}cap: {invitations: 1, per: P0D}\n`,
      'campaigns/after.yaml:8:28 cap.per: must be longer than zero',
    ],
    [
      'a sample over a hundred percent',
      (t) => `${t}sample: 101\n`,
      'campaigns/after.yaml:8:9 sample: Too big: expected number to be <=100',
    ],
    [
      'a window that ends before it begins',
      (t) => `${t}window: {from: "20:00", to: "09:00"}\n`,
      'campaigns/after.yaml:8:29 window.to: must be later than "from": a window lies within one day',
    ],
    [
      'an hour that no clock shows',
      (t) => `${t}window: {to: "24:30"}\n`,
      'campaigns/after.yaml:8:14 window.to: must be a time such as "20:00", or "24:00" for the end of the day',
    ],
    [
      'a closed day that no calendar has',
      (t) => `${t}window: {closed: [2026-02-30]}\n`,
      'campaigns/after.yaml:8:19 window.closed.0: must be a day such as 2026-08-24',
    ],
    [
      'a weekday named twice',
      (t) => `${t}window: {days: [mon, mon]}\n`,
      'campaigns/after.yaml:8:16 window.days: names something twice',
    ],
    [
      'a reminder without a text',
      (t) => `${t}reminder: {after: P2D}\n`,
      'campaigns/after.yaml:7:11 messages: a reminder is set but messages.reminder names no text',
    ],
    [
      'a survey that is not there',
      (t) => t.replace('survey: short', 'survey: shrot'),
      'campaigns/after.yaml:6:9 there is no survey "shrot" in surveys/',
    ],
    [
      'a message that is not there',
      (t) => t.replace('invite: hello', 'invite: helo'),
      'campaigns/after.yaml:7:20 there is no message "helo" in messages/',
    ],
    [
      'a variant that is not there',
      (t) => `${t}variants: {invite: {hello: 50, other: 50}}\n`,
      'campaigns/after.yaml:8:39 there is no message "other" in messages/',
    ],
    [
      'two keys alike',
      (t) => `${t}delay: PT1H\ndelay: PT2H\n`,
      'campaigns/after.yaml:9:1 Map keys must be unique',
    ],
    [
      'braces that do not close',
      (t) => `${t}window: {from: "09:00"\n`,
      'campaigns/after.yaml:9:1 Flow map in block collection must be sufficiently indented and end with a }',
    ],
  ])('%s is shown where it stands', async (_, change, expected) => {
    expect(await problemsOf(campaign(change))).toContain(expected);
  });

  test('"24:00" closes a window at the end of the day', async () => {
    expect(await problemsOf(campaign((t) => `${t}window: {from: "00:00", to: "24:00"}\n`))).toEqual([]);
  });

  test('one key in two files is a problem of the second', async () => {
    const text = smallPack['campaigns/after.yaml'];
    expect(await problemsOf({ 'campaigns/again.yaml': text })).toEqual([
      'campaigns/again.yaml:1:6 key "after" is used in campaigns/after.yaml too',
    ]);
  });
});

describe('message texts', () => {
  test('a campaign needs each text in every language of the others, for each of its channels', async () => {
    expect(await problemsOf({ 'messages/hello/en.sms.hbs': 'Rate us: {{link}}' })).toEqual([
      'campaigns/after.yaml:6:9 locale "en" is missing in survey "short": messages have it',
      'campaigns/after.yaml:7:20 locale "en" is missing in message "hello" for viber: add messages/hello/en.viber.hbs',
    ]);
  });

  test('a survey in two languages needs texts in both', async () => {
    const survey = smallPack['surveys/short.yaml'].replaceAll(/uk: \S+?(?=})/g, '$&, en: Word');
    expect(await problemsOf({ 'surveys/short.yaml': survey })).toEqual([
      'campaigns/after.yaml:7:20 locale "en" is missing in message "hello" for sms: add messages/hello/en.sms.hbs',
      'campaigns/after.yaml:7:20 locale "en" is missing in message "hello" for viber: add messages/hello/en.viber.hbs',
    ]);
  });

  test.each([
    ['no link in an invitation', 'Оцініть візит', /^messages\/hello\/uk\.sms\.hbs:1:1 .*link.* is missing/],
    [
      'an unknown field',
      'Так\n {{link}} {{phone}}',
      /^messages\/hello\/uk\.sms\.hbs:2:11 unknown field "phone"/,
    ],
    [
      'more parts than the campaign allows',
      `${'довго '.repeat(30)}{{link}}`,
      /^messages\/hello\/uk\.sms\.hbs:1:1 takes up to 4 SMS parts/,
    ],
  ])('%s is shown in the text', async (_, text, expected) => {
    expect(await problemsOf({ 'messages/hello/uk.sms.hbs': text })).toEqual([
      expect.stringMatching(expected),
    ]);
  });

  test('maxParts of the campaign sets the limit', async () => {
    const long = { 'messages/hello/uk.sms.hbs': `${'довго '.repeat(30)}{{link}}` };
    expect(await problemsOf({ ...long, ...campaign((t) => `${t}maxParts: 4\n`) })).toEqual([]);
  });

  test('a text that no campaign uses yet is held to the syntax only', async () => {
    expect(await problemsOf({ 'messages/later/uk.sms.hbs': 'Без посилання' })).toEqual([]);
    expect(await problemsOf({ 'messages/later/uk.sms.hbs': 'Так {{name}}' })).toEqual([
      expect.stringMatching(/^messages\/later\/uk\.sms\.hbs:1:5 unknown field "name"/),
    ]);
  });

  test('a file that is no text is named', async () => {
    expect(await problemsOf({ 'messages/hello/uk.email.hbs': 'x' })).toEqual([
      'messages/hello/uk.email.hbs:1:1 is no message text: the name must be <locale>.<sms|viber>.hbs',
    ]);
  });
});

describe('centres', () => {
  const header = 'code,name,timezone,region,city,address,latitude,longitude\n';
  test.each([
    [
      'a zone the tz database lacks',
      `${header}a,"А, перший",Europe/Kyjiv,,,,,\n`,
      '2:15 timezone: is no zone of the tz database, such as Europe/Kyiv',
    ],
    [
      'a latitude with a comma',
      `${header}a,А,Europe/Kyiv,,,,"50,45",30.5\n`,
      '2:20 latitude: must be degrees with a decimal point, between -90 and 90',
    ],
    [
      'half a position',
      `${header}a,А,Europe/Kyiv,,,,50.45,\n`,
      '2:20 latitude: latitude and longitude come together',
    ],
    [
      'a code twice, after an empty line and a line break inside quotes',
      `${header}a,А,Europe/Kyiv,,,"вул.\nдруга",,\n\na,Б,Europe/Kyiv,,,,,\n`,
      '5:1 code "a" stands in line 2 too',
    ],
    ['an unknown column', 'code,name,timezone,phone\na,А,Europe/Kyiv,1\n', '1:20 unknown column "phone"'],
    ['a missing column', 'code,name\na,А\n', '1:1 column "timezone" is missing'],
    [
      'a row with too many fields',
      'code,name,timezone\na,А,Europe/Kyiv,1\n',
      '2:1 Invalid Record Length: columns length is 3, got 4 on line 2',
    ],
  ])('%s is shown where it stands', async (_, text, expected) => {
    expect(await problemsOf({ 'centres.csv': text })).toEqual([`centres.csv:${expected}`]);
  });

  test('columns may be fewer and in any order', async () => {
    expect(await problemsOf({ 'centres.csv': 'timezone,name,code\nEurope/Kyiv,ЦНАП,1\n' })).toEqual([]);
  });
});

test('problems of all files are reported together, in reading order', async () => {
  const problems = await problemsOf({
    'pack.yaml': 'key: Small\nname: {uk: Мій}\n',
    'centres.csv': 'code,name\n',
    'surveys/short.yaml': 'key: short\n',
    ...campaign((t) => `${t}sample: many\n`),
    'messages/hello/uk.viber.hbs': '{{#each centre}}{{link}}{{/each}}',
  });
  expect(problems.map((line) => line.split(' ')[0])).toEqual([
    'campaigns/after.yaml:8:9',
    'centres.csv:1:1',
    'messages/hello/uk.viber.hbs:1:1',
    'pack.yaml:1:1',
    'pack.yaml:1:6',
    'surveys/short.yaml:1:1',
    'surveys/short.yaml:1:1',
  ]);
});

test('a folder without pack.yaml is told so, a missing folder is an unreadable input', async () => {
  expect(await problemsOf({ 'pack.yaml': undefined })).toContain(
    'pack.yaml:1:1 is missing: it names the pack (key, name, version)',
  );
  await expect(checkPack(join(dir, 'nowhere'))).rejects.toMatchObject({ code: 'pack_missing', exitCode: 2 });
  await expect(checkPack(join(dir, 'messages/hello/uk.sms.hbs'))).rejects.toMatchObject({
    code: 'pack_missing',
  });
});

describe('approved wordings', () => {
  const approvals = (text: string, more = ''): Record<string, string> => ({
    'approvals.yaml': `- sender: turbosms-viber\n  state: approved\n  text: "${text}"\n${more}`,
  });

  test('one that a text has word by word is sound', async () => {
    expect(await problemsOf(approvals('Оцініть, будь ласка, візит: {{link}} Дякуємо!', '  templateId: 4711\n'))).toEqual([]);
  });

  test.each<[string, Record<string, string>, string]>([
    ['a text changed since it was approved', approvals('Оцініть візит: {{link}} Дякуємо!'), 'approvals.yaml:3:9 no Viber text of this pack has this wording'],
    ['a wording that no carrier approves', { ...approvals('Оцініть: {{link}}'), 'messages/hello/uk.viber.hbs': 'Оцініть: {{link}}' }, 'approvals.yaml:3:9 an approved text must end with fixed words'],
    ['a state that does not exist', { 'approvals.yaml': '- {sender: turbosms-viber, state: maybe, text: a}' }, 'approvals.yaml:1:35 0.state'],
  ])('%s is shown where it stands', async (_, change, expected) => {
    expect(await problemsOf(change)).toEqual([expect.stringContaining(expected)]);
  });
}); // prettier-ignore
