import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { projectRoot } from '#config/project';
import type { AppError } from '#kernel/errors';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { smallPack } from '../testing/small-pack.js';
import { applyPack, type AppliedPack } from './apply-pack.js';

let t: TestDatabase;
let dir: string;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pack-'));
  await t.db.query('truncate definition, centre restart identity cascade');
});
afterEach(() => rm(dir, { recursive: true }));

const NOW = new Date('2020-01-13T08:00:00Z');
const LATER = new Date('2020-01-14T08:00:00Z');

async function apply(
  changes: Record<string, string> = {},
  options: { publish?: boolean; now?: Date; only?: boolean } = {},
): Promise<AppliedPack> {
  await rm(dir, { recursive: true });
  for (const [file, text] of Object.entries({ ...(options.only ? {} : smallPack), ...changes })) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  return applyPack(t.db, dir, { publish: options.publish ?? true, now: options.now ?? NOW });
}

const changes = (applied: AppliedPack): string[] =>
  applied.definitions.map(({ kind, key, revision, change }) => `${kind} ${key} ${revision} ${change}`);

interface Row {
  id: string;
  kind: string;
  key: string;
  revision: number;
  content: Record<string, unknown>;
  published_at: Date | null;
}
async function definitions(): Promise<Row[]> {
  return (await t.db.query<Row & Record<string, unknown>>('select * from definition order by id')).rows;
}

describe('applying a pack', () => {
  test('stores surveys, texts and campaigns, with defaults filled and references resolved', async () => {
    expect(changes(await apply())).toEqual([
      'message hello 1 created',
      'survey short 1 created',
      'campaign after 1 created',
    ]);
    const [message, survey, campaign] = await definitions();
    expect(message?.content).toEqual({
      texts: {
        uk: {
          sms: '{{centre}}: оцініть візит {{link}}',
          viber: 'Оцініть, будь ласка, візит: {{link}} Дякуємо!',
        },
      },
    });
    expect(survey?.content).toMatchObject({ key: 'short', questions: [{ key: 'quality' }] });
    expect(campaign).toMatchObject({
      published_at: NOW,
      content: {
        delay: 'PT45M',
        cap: { invitations: 1, per: 'P30D' },
        sender: { uk: 'Малий набір' },
        refs: { survey: survey?.id, messages: { hello: message?.id } },
      },
    });
  });

  test('twice changes nothing, with the keys in another order too', async () => {
    await apply();
    const before = await definitions();
    const reordered = smallPack['campaigns/after.yaml'].split('\n').reverse().join('\n');
    const again = await apply({ 'campaigns/after.yaml': reordered }, { now: LATER });
    expect(changes(again)).toEqual(['message hello 1 unchanged', 'survey short 1 unchanged', 'campaign after 1 unchanged']); // prettier-ignore
    expect(await definitions()).toEqual(before);
  });

  test('with a changed text makes a revision of it and of the campaign that uses it; the old ones stay', async () => {
    await apply();
    const before = await definitions();
    const applied = await apply({ 'messages/hello/uk.sms.hbs': 'Нове: {{link}}' }, { now: LATER });
    expect(changes(applied)).toEqual(['message hello 2 created', 'survey short 1 unchanged', 'campaign after 2 created']); // prettier-ignore
    const after = await definitions();
    expect(after.slice(0, 3)).toEqual(before);
    expect(after[4]).toMatchObject({
      published_at: LATER,
      content: { refs: { messages: { hello: after[3]?.id } } },
    });
  });

  test('with a changed survey renews campaigns of other packs that ask it', async () => {
    await apply();
    const other = {
      'pack.yaml': 'key: other\nname: Інший\nversion: 1\n',
      'surveys/short.yaml': smallPack['surveys/short.yaml'].replace('Оцінка', 'Якість'),
    };
    const applied = await apply(other, { only: true, now: LATER });
    expect(changes(applied)).toEqual(['survey short 2 created', 'campaign after 2 created']);
    const [survey, campaign] = (await definitions()).slice(3);
    expect(campaign?.content).toMatchObject({
      delay: 'PT45M',
      refs: { survey: survey?.id, messages: { hello: '1' } },
    });
  });

  test('that is invalid writes nothing and tells every problem', async () => {
    const broken = {
      'messages/hello/uk.sms.hbs': 'Так',
      'surveys/short.yaml': 'key: short\ntitle: {uk: Так}\n',
    };
    const refused = await apply(broken).catch((thrown: unknown) => thrown as AppError);
    expect(refused).toMatchObject({ code: 'pack_invalid', exitCode: 2 });
    expect((refused as AppError).message).toMatch(
      /messages\/hello\/uk\.sms\.hbs:1:1 .*\n {2}surveys\/short\.yaml:1:1 /,
    );
    expect(await definitions()).toEqual([]);
  });

  test('by two people at once stores one revision', async () => {
    await apply({}, { publish: false });
    await t.db.query('truncate definition restart identity cascade');
    const both = await Promise.all([1, 2].map(() => applyPack(t.db, dir, { publish: true, now: NOW })));
    expect((await definitions()).length).toBe(3);
    expect(both.flatMap(changes).filter((change) => change.endsWith('created')).length).toBe(3);
  });
});

describe('drafts', () => {
  test('are not in force until they are published', async () => {
    expect(changes(await apply({}, { publish: false }))).toEqual(['message hello 1 created', 'survey short 1 created', 'campaign after 1 created']); // prettier-ignore
    expect((await definitions()).map((row) => row.published_at)).toEqual([null, null, null]);
    expect((await definitions())[2]?.content).not.toHaveProperty('refs');
    expect(changes(await apply())).toEqual(['message hello 1 published', 'survey short 1 published', 'campaign after 2 created']); // prettier-ignore
  });

  test('equal to what is in force make no revision', async () => {
    await apply();
    expect(changes(await apply({}, { publish: false, now: LATER }))).toEqual(['message hello 1 unchanged', 'survey short 1 unchanged', 'campaign after 1 unchanged']); // prettier-ignore
  });

  test('of somebody else never slip into a campaign that is renewed', async () => {
    await apply();
    await apply({ 'messages/hello/uk.sms.hbs': 'Чернетка {{link}}' }, { publish: false });
    const survey = { 'surveys/short.yaml': smallPack['surveys/short.yaml'].replace('Оцінка', 'Якість') };
    await apply({ 'pack.yaml': smallPack['pack.yaml'], ...survey }, { only: true, now: LATER });
    const renewed = (await definitions())
      .filter(({ kind, key }) => kind === 'campaign' && key === 'after')
      .at(-1);
    expect(renewed?.content['refs']).toMatchObject({ messages: { hello: '1' } });
  });
});

describe('centres', () => {
  const csv = (name: string): Record<string, string> => ({
    'centres.csv': `code,name,timezone,city,latitude,longitude\na,${name},Europe/Kyiv,Львів,49.8,24.0\n`,
  });

  test('are added, and changed only where they differ', async () => {
    expect((await apply(csv('ЦНАП'))).centres).toBe(1);
    expect((await apply(csv('ЦНАП'))).centres).toBe(0);
    expect((await apply(csv('ЦНАП 2'))).centres).toBe(1);
    const { rows } = await t.db.query('select code, name, city, region, latitude, confirmed from centre');
    expect(rows).toEqual([
      { code: 'a', name: 'ЦНАП 2', city: 'Львів', region: null, latitude: 49.8, confirmed: true },
    ]);
  });

  test('that a feed brought first are confirmed by the list', async () => {
    await t.db.query(
      `insert into centre (code, name, timezone, created_at) values ('a', 'a', 'Europe/Warsaw', $1)`,
      [NOW],
    );
    expect((await apply(csv('ЦНАП'))).centres).toBe(1);
    const { rows } = await t.db.query('select name, timezone, confirmed, created_at from centre');
    expect(rows).toEqual([{ name: 'ЦНАП', timezone: 'Europe/Kyiv', confirmed: true, created_at: NOW }]);
  });
});

test('the demo pack can be published', async () => {
  const applied = await applyPack(t.db, join(projectRoot, 'templates', 'cnap'), { publish: true, now: NOW });
  expect(applied).toMatchObject({ pack: 'cnap', centres: 12 });
  expect(applied.definitions.map(({ key }) => key)).toContain('cnap-after-visit');
});
