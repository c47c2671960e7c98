import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { smallPack } from '../testing/small-pack.js';
import { applyPack } from './apply-pack.js';
import { decideApproval, listApprovals, type Decision } from './approvals.js';

const NOW = new Date('2026-03-02T10:00:00Z');
const WORDING = 'Оцініть, будь ласка, візит: {{link}} Дякуємо!';
let t: TestDatabase;
let dir: string;
beforeAll(async () => {
  t = await testDatabase();
  dir = await mkdtemp(join(tmpdir(), 'approvals-'));
  await t.db.query(
    `insert into sender (key, kind, channel, addressing, two_way, enabled, priority, updated_at)
     values ('turbosms-viber', 'turbosms', 'viber', 'phone', false, true, 1, $1), ('viber', 'viber', 'viber', 'subscriber', true, true, 2, $1)`,
    [NOW],
  );
  await apply();
});
afterAll(async () => {
  await rm(dir, { recursive: true });
  await t.drop();
});

async function apply(changes: Record<string, string> = {}): Promise<void> {
  for (const [file, text] of Object.entries({ ...smallPack, ...changes })) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  await applyPack(t.db, dir, { publish: true, now: NOW });
}

const decision = (over: Partial<Decision> = {}): Decision => {
  return {
    sender: 'turbosms-viber',
    message: 'hello',
    locale: 'uk',
    state: 'approved',
    templateId: '4711',
    ...over,
  };
};
const states = async (): Promise<string[]> =>
  (await listApprovals(t.db)).map(({ sender, message, locale, revision, state, templateId }) =>
    [sender, message, locale, revision, state, templateId ?? '-'].join(' '),
  );

test('the state follows the wording, not the revision, and a changed wording has none', async () => {
  expect(await states()).toEqual(['turbosms-viber hello uk 1 none -']);
  await decideApproval(t.db, decision({ state: 'submitted', templateId: null }), NOW);
  expect(await states()).toEqual(['turbosms-viber hello uk 1 submitted -']);
  await decideApproval(t.db, decision(), NOW);
  await apply({ 'messages/hello/uk.sms.hbs': 'Інше СМС: {{link}}' });
  expect(await states()).toEqual(['turbosms-viber hello uk 2 approved 4711']);
  await apply({ 'messages/hello/uk.viber.hbs': 'Новий текст: {{link}} Дякуємо!' });
  expect(await states()).toEqual(['turbosms-viber hello uk 3 none -']);
});

test('a pack brings its approvals along', async () => {
  const entry = `- {sender: turbosms-viber, state: approved, templateId: 12, text: "${WORDING}"}`;
  await apply({ 'messages/hello/uk.viber.hbs': WORDING, 'approvals.yaml': entry });
  expect(await states()).toEqual(['turbosms-viber hello uk 4 approved 12']);
  await decideApproval(t.db, decision({ state: 'rejected', templateId: null }), NOW);
  expect(await states()).toEqual(['turbosms-viber hello uk 4 rejected 12']);
});

test.each<[string, Partial<Decision>, string]>([
  ['a message that is not in force', { message: 'nobody' }, 'text_unknown'],
  ['a language it does not speak', { locale: 'en' }, 'text_unknown'],
])('%s cannot be approved', async (_label, over, code) => {
  await expect(decideApproval(t.db, decision(over), NOW)).rejects.toMatchObject({ code });
});

test('a wording that no carrier could have approved is refused, with its place', async () => {
  await apply({ 'messages/hello/uk.viber.hbs': 'Оцініть: {{link}}', 'approvals.yaml': '[]' });
  expect((await listApprovals(t.db))[0]?.problems).toEqual([
    expect.stringContaining('1:10 an approved text must end'),
  ]);
  await expect(decideApproval(t.db, decision(), NOW)).rejects.toMatchObject({ code: 'text_not_approvable' });
  await expect(decideApproval(t.db, decision({ state: 'rejected' }), NOW)).resolves.toBeUndefined();
});
