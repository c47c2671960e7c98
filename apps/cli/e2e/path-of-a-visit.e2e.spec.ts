import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { projectRoot } from '#config/project';
import { openBrowser } from '#testkit/browser';
import { answerEverything } from '#testkit/survey-page';
import { virtualPhone } from '#testkit/virtual-phone';
import { eventually, removeSystem, startSystem, writeCsv, type RunningSystem } from '#testkit/running-system';

/** Local times of Monday 13 January 2020; the clock starts at ten in Kyiv and runs sixty times as fast. */
const CLOCK = '2020-01-13T10:00:00+02:00@60';
const MAPPING = `
key: hall
format: csv
delimiter: ";"
timezone: Europe/Kyiv
defaultCountry: UA
dateFormat: "yyyy-MM-dd HH:mm"
columns: {recordId: id, centre: office, serviceCode: queue, ticket: ticket, calledAt: called, finishedAt: closed,
          outcome: status, phone: phone, consent: consent, language: lang}
values: {consent: {"1": granted, "0": refused, "": unknown}}
`;
const HEADER = 'id;office;queue;ticket;called;closed;status;phone;consent;lang';
const DAY = ['--from', '2020-01-13', '--to', '2020-01-13'];

let system: RunningSystem;
let browser: Browser;
beforeAll(async () => {
  [system, browser] = await Promise.all([startSystem({ env: { VIDHUK_CLOCK: CLOCK } }), openBrowser()]);
  const pack = await packWithoutCap(system.dir);
  expect(await system.vidhuk('pack', 'apply', pack, '--publish')).toMatchObject({ code: 0 });
}, 120_000);
afterAll(async () => {
  await browser.close();
  await system.stop();
  await removeSystem(system);
});

/** The demo pack, except that one person may be invited twice a day: the test needs a second invitation. */
async function packWithoutCap(dir: string): Promise<string> {
  const pack = join(dir, 'pack');
  await cp(join(projectRoot, 'templates', 'cnap'), pack, { recursive: true });
  const file = join(pack, 'campaigns', 'cnap-after-visit.yaml');
  const campaign = await readFile(file, 'utf8');
  const changed = campaign.replace(/^cap:.*$/m, 'cap: {invitations: 2, per: P1D}');
  expect(changed).not.toBe(campaign);
  await writeFile(file, changed);
  return pack;
}

/** Imports one visit that finished at 09:14, so that its message is due at once. */
async function visit(id: string, phone: string): Promise<void> {
  const mapping = await writeCsv(system.dir, 'mapping.yaml', MAPPING.split('\n'));
  const row = `${id};hall-1;7;A${id};2020-01-13 09:05;2020-01-13 09:14;served;${phone};1;uk`;
  const file = await writeCsv(system.dir, `visit-${id}.csv`, [HEADER, row]);
  const result = await system.vidhuk(
    'visits',
    'import',
    file,
    '--source',
    'hall',
    '--mapping',
    mapping,
    '--json',
  );
  expect(result).toMatchObject({ code: 0 });
  expect(JSON.parse(result.stdout)).toMatchObject({
    read: 1,
    accepted: 1,
    duplicates: 0,
    rejected: 0,
    visits: 1,
  });
}

async function completed(): Promise<number> {
  const report = await system.vidhuk('report', 'rates', ...DAY, '--format', 'json');
  return (JSON.parse(report.stdout) as { groups: { counts: { I: number } }[] }).groups[0]?.counts.I ?? 0;
}

async function oneMoreThan(before: number): Promise<void> {
  await eventually(
    async () => ((await completed()) === before + 1 ? true : undefined),
    'one more completed answer',
  );
}

describe('one visit walks the whole path', () => {
  test('SMS, then the survey page in a browser without JavaScript', async () => {
    const before = await completed();
    await visit('1', '0501234501');
    const phone = virtualPhone(system.sandbox, '+380501234501');
    const invite = await phone.message((message) => message.channel === 'sms' && message.links.length > 0);
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await page.goto(invite.links[0] ?? '');
    await answerEverything(page);
    await oneMoreThan(before);
    expect(await phone.messages('in')).toHaveLength(1);
  });

  test('SMS, then answers by text', async () => {
    const before = await completed();
    await visit('2', '0501234502');
    const phone = virtualPhone(system.sandbox, '+380501234502');
    await phone.message((message) => message.links.length > 0);
    for (const [reply, count] of [
      ['5', 2],
      ['10', 3],
      ['дякую, все швидко', 4],
    ] as const) {
      await phone.reply(reply);
      await phone.message((_, all) => all.length >= count);
    }
    await oneMoreThan(before);
  });

  test('the link into Viber, then presses on its keyboard', async () => {
    const before = await completed();
    await visit('3', '0501234503');
    const phone = virtualPhone(system.sandbox, '+380501234503');
    const invite = await phone.message((message) => message.links.length > 0);
    await phone.openViber(new URL(invite.links[0] ?? '').pathname.slice(1));
    await phone.pressThrough();
    await oneMoreThan(before);
  });
});

test('a person who came to Viber once is invited there the next time, and the ledger adds up', async () => {
  const before = await completed();
  await visit('4', '0501234503');
  const phone = virtualPhone(system.sandbox, '+380501234503');
  const sms = (await phone.messages('in')).filter((message) => message.channel === 'sms').length;
  await phone.message((message, all) => message.channel === 'viber' && message.links.length > 0 && all.at(-1) === message); // prettier-ignore
  await phone.pressThrough();
  await oneMoreThan(before);
  expect((await phone.messages('in')).filter((message) => message.channel === 'sms')).toHaveLength(sms);
  const { stdout } = await system.vidhuk('report', 'ledger', ...DAY, '--format', 'json');
  expect(JSON.parse(stdout)).toMatchObject({
    groups: [{ visits: 4, decisions: { invited: 4, control: 0, not_invited: 0 }, reasons: {} }],
  });
});

test('СТОП by text ends the matter', async () => {
  await visit('5', '0501234505');
  const phone = virtualPhone(system.sandbox, '+380501234505');
  await phone.message((message) => message.links.length > 0);
  await phone.reply('СТОП');
  const refusals = await eventually(async () => {
    const { stdout } = await system.vidhuk('report', 'rates', ...DAY, '--format', 'json');
    const counts = (JSON.parse(stdout) as { groups: { counts: { R: number } }[] }).groups[0]?.counts;
    return counts && counts.R > 0 ? counts.R : undefined;
  }, 'a refusal');
  expect(refusals).toBe(1);
});
