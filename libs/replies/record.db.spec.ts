import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CarrierFact } from '#channels/channel';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { ReplyDesk } from '#testkit/reply-desk';

let t: TestDatabase;
let desk: ReplyDesk;
beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  await desk.setUp();
});
afterAll(() => t.drop());

const text = (
  dedupeKey: string,
  over: Partial<Extract<CarrierFact, { kind: 'text' }>> = {},
): CarrierFact => ({
  kind: 'text',
  dedupeKey,
  externalId: dedupeKey,
  address: '+380671112233',
  text: 'Дуже таємні слова',
  detail: {},
  ...over,
});
const stored = (key: string): Promise<Record<string, unknown>> =>
  desk.row('select * from carrier_fact where dedupe_key = $1', key);

test('a fact is stored once, however often the carrier repeats it', async () => {
  expect(await desk.record('twilio', text('once'))).toHaveLength(1);
  expect(await desk.record('twilio', text('once'), text('once'))).toEqual([]);
  expect(await desk.record('viber', text('once', { address: 'user==' }))).toHaveLength(1);
});

test('fifty copies at once make one fact and one effect', async () => {
  const { phone, invitationId } = await desk.invite();
  const copies = Array.from({ length: 50 }, () => text('copied', { address: phone, text: '5' }));
  const stored = await Promise.all(copies.map((copy) => desk.record('twilio', copy)));
  expect(stored.flat()).toHaveLength(1);
  await Promise.all(Array.from({ length: 10 }, () => desk.applier.apply(stored.flat())));
  expect(await desk.sendAll(invitationId)).toEqual(['question:recommend']);
});

test('no number and no word of a person can be read from the row', async () => {
  await desk.record('twilio', text('sealed'));
  const row = await stored('sealed');
  const dump = JSON.stringify(row, (_, value: unknown) =>
    value !== null && typeof value === 'object' && 'data' in value ? Buffer.from(value.data as number[]).toString('latin1') : value,
  ); // prettier-ignore
  expect(dump).not.toMatch(/671112233/);
  expect(dump).not.toContain(Buffer.from('таємні').toString('latin1'));
  expect(desk.builders.vault.open(row['text_cipher'] as Buffer)).toBe('Дуже таємні слова');
  expect(row['address_hash']).toEqual(desk.builders.vault.phoneHash('+380671112233'));
});

test.each<[string, Date | undefined, boolean]>([
  ['none', undefined, false],
  ['a minute ago', new Date('2026-03-02T11:59:00Z'), true],
  ['the future', new Date('2026-03-02T12:00:01Z'), false],
  ['another clock, years off', new Date('2020-01-13T08:00:00Z'), false],
])('a moment that the carrier gives as %s is believed: %s %s', async (name, happenedAt, believed) => {
  const fact = text(`time ${name}`, happenedAt ? { happenedAt } : {});
  await desk.record('twilio', fact);
  expect((await stored(`time ${name}`))['happened_at']).toEqual(believed ? happenedAt : desk.clock.now());
});

test('the context of a deep link is kept only when it is a code of ours', async () => {
  const started = (dedupeKey: string, context: string): CarrierFact => ({
    kind: 'conversation_started',
    dedupeKey,
    address: 'user==',
    context,
    subscribed: false,
    detail: {},
  });
  await desk.record('viber', started('code', 'aB3dE5fG'), started('number', '380671112233'));
  expect((await stored('code'))['detail']).toEqual({ code: 'aB3dE5fG', subscribed: false });
  expect((await stored('number'))['detail']).toEqual({ subscribed: false });
});

test.each(['12', '0', '-1', '99999999999999999999', "1' or true", ''])(
  'a message id that came back as %j is kept only if it can be one',
  async (messageId) => {
    await desk.record('twilio', {
      ...desk.receipt({ messageId }),
      dedupeKey: `id ${messageId}`,
    });
    expect((await stored(`id ${messageId}`))['message_id']).toBe(messageId === '12' ? '12' : null);
  },
);

test('what is not understood is kept, sealed, and acted on by nobody', async () => {
  const counts = await desk.receive('viber', { kind: 'unknown', dedupeKey: 'odd', raw: '{"event":"?"}', detail: { why: 'unknown event' } });
  expect(counts).toMatchObject({ applied: 1, failed: 0 });
  const row = await stored('odd');
  expect(row['meaning']).toBe('unknown');
  expect(desk.builders.vault.open(row['text_cipher'] as Buffer)).toBe('{"event":"?"}');
}); // prettier-ignore
