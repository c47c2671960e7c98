import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FaultRequest } from './faults.js';
import { steeredSandbox, type SteeredSandbox } from './testing/steered-sandbox.js';

const NUMBER = '+380501234567';

let sandbox: SteeredSandbox;
beforeAll(async () => {
  sandbox = await steeredSandbox();
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await sandbox.api('DELETE', '/state');
  sandbox.ours.arrivals.length = 0;
});

const order = (fault: FaultRequest) => sandbox.api('POST', '/faults', fault);
const form = (to = NUMBER) => ({
  To: to,
  From: 'Vidhuk',
  Body: 'x',
  StatusCallback: `${sandbox.ours.url}/hooks/twilio/status?m=7`,
});
const send = (to = NUMBER) => sandbox.twilio(form(to));
const accepted = async (): Promise<unknown> => (await sandbox.api('GET', '/counts'))['accepted'];
const statuses = (): (string | null)[] =>
  sandbox.ours.arrivals.map(({ form: fields }) => fields.get('MessageStatus'));

describe('trouble with a request', () => {
  test.each<[FaultRequest['kind'], number, object, number]>([
    ['refuse', 400, { code: 21211 }, 0],
    ['http_429', 429, { code: 20429 }, 0],
  ])('%s is answered with %i and accepts nothing', async (kind, status, body, count) => {
    await order({ carrier: 'twilio', kind });
    expect(await send()).toMatchObject({ status, body });
    expect(await accepted()).toBe(count);
  });

  test('refuse takes any code of the carrier', async () => {
    await order({ kind: 'refuse', code: 30002 });
    expect(await send()).toMatchObject({ status: 400, body: { code: 30002 } });
    expect(await sandbox.viber('send_message', { receiver: 'x' })).toMatchObject({ status: 30002 });
  });

  test('http_429 says when to come back', async () => {
    await order({ carrier: 'twilio', kind: 'http_429', retryAfterSeconds: 7 });
    expect((await send()).headers.get('retry-after')).toBe('7');
  });

  // The client sees the same in each pair: nobody can know whether the message was taken.
  test.each<[FaultRequest['kind'], number]>([
    ['http_500', 0],
    ['http_500_after_accept', 1],
    ['garbage', 1],
    ['reset_before_accept', 0],
    ['reset_after_accept', 1],
  ])('%s cannot be read as an answer, and %i message is accepted', async (kind, count) => {
    await order({ carrier: 'twilio', kind });
    await expect(send()).rejects.toThrow();
    expect(await accepted()).toBe(count);
  });

  test.each<[FaultRequest['kind'], number]>([
    ['timeout_before_accept', 0],
    ['timeout_after_accept', 1],
  ])('%s never answers, and %i message is accepted', async (kind, count) => {
    await order({ carrier: 'viber', kind });
    await order({ carrier: 'twilio', kind });
    const impatient = AbortSignal.timeout(300);
    const { accountSid, authToken } = (await import('./options.js')).sandboxAccounts.twilio;
    const call = fetch(`${sandbox.url}/2010-04-01/Accounts/${accountSid}/Messages.json`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}` },
      body: new URLSearchParams(form()),
      signal: impatient,
    });
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await accepted()).toBe(count);
  });

  test('strikes so many times as ordered, and only the numbers meant', async () => {
    await order({ carrier: 'twilio', kind: 'refuse', to: '+38067', times: 1 });
    expect((await send('+380501234567')).status).toBe(201);
    expect((await send('+380671234567')).status).toBe(400);
    expect((await send('+380671234567')).status).toBe(201);
    expect(await sandbox.api('GET', '/faults')).toMatchObject({ faults: [{ struck: 1, times: 1 }] });
  });

  test('is over when the orders are withdrawn', async () => {
    await order({ kind: 'refuse' });
    await sandbox.api('DELETE', '/faults');
    expect((await send()).status).toBe(201);
  });

  test('an order that makes no sense is refused with the field', async () => {
    const refusal = await sandbox.api('POST', '/faults', { kind: 'refuse', rate: 2, tims: 1 });
    expect(refusal).toMatchObject({ code: 'fault_invalid', title: expect.stringMatching(/rate.*tims/s) });
  });
});

describe('trouble with callbacks', () => {
  test.each<[FaultRequest, (string | null)[]]>([
    [{ kind: 'callback_drop' }, []],
    [{ kind: 'callback_drop', times: 1 }, ['delivered']],
    [{ kind: 'callback_double' }, ['sent', 'sent', 'delivered', 'delivered']],
    [{ kind: 'callback_reorder' }, ['delivered', 'sent']],
    [{ kind: 'callback_delay', latencyMs: 30_000, times: 1 }, ['delivered', 'sent']],
  ])('%j', async (fault, expected) => {
    await order(fault);
    await send();
    await sandbox.pass(60_000);
    expect(statuses()).toEqual(expected);
    expect(sandbox.ours.arrivals.every(({ genuine }) => genuine)).toBe(true);
  });

  test('callbacks out of order still end with the last status at the carrier', async () => {
    await order({ kind: 'callback_reorder' });
    await send();
    await sandbox.pass(60_000);
    expect(await sandbox.api('GET', `/phones/${NUMBER}/messages`)).toMatchObject({
      messages: [{ status: 'delivered' }],
    });
  });
});

describe('counting', () => {
  test('messages that carry the same id of ours, or the same text to the same number, are told apart', async () => {
    await send();
    await send();
    await sandbox.twilio({
      ...form(),
      Body: 'y',
      StatusCallback: `${sandbox.ours.url}/hooks/twilio/status?m=8`,
    });
    expect(await sandbox.api('GET', '/counts')).toMatchObject({
      accepted: 3,
      numbers: 1,
      messageIds: 2,
      withoutMessageId: 0,
      duplicateMessageIds: { 7: 2 },
      duplicateTexts: 1,
      byCarrier: { 'twilio sms': 3 },
    });
  });

  test('a caller can go on where it stopped', async () => {
    await send();
    const { next } = await sandbox.api('GET', '/messages?since=0');
    await send('+380671234567');
    expect(await sandbox.api('GET', `/messages?since=${String(next)}`)).toMatchObject({
      messages: [{ to: '+380671234567', seq: 2, duplicate: false }],
      next: 2,
      byNumber: { [NUMBER]: 1, '+380671234567': 1 },
    });
  });
});

describe('what tests of whole nights ask', () => {
  test('messages by hour of a zone, and those outside the window', async () => {
    await send();
    await sandbox.pass(13 * 3_600_000, 3_600_000);
    await send('+380671234567');
    const hours = await sandbox.api('GET', '/counts/hours?zone=Europe/Kyiv&from=09:00&to=20:00');
    expect(hours).toMatchObject({ outside: 1, examples: [{ to: '+380671234567' }], forgotten: 0 });
    const byHour = hours['byHour'] as number[];
    expect([byHour[10], byHour[23]]).toEqual([1, 1]);
    expect(await sandbox.api('GET', '/counts/hours?zone=America/New_York')).toMatchObject({ outside: 1 });
  });

  test.each(['zone=Europe/Nowhere', 'from=9', 'to=25:00'])(
    'a window that makes no sense is refused: %s',
    async (query) => {
      expect(await sandbox.api('GET', `/counts/hours?${query}`)).toMatchObject({
        code: 'request_invalid',
        status: 400,
      });
    },
  );

  test('each message id of ours once', async () => {
    await send();
    expect(await sandbox.api('GET', '/counts/messages')).toEqual({ messages: { 7: 1 } });
  });
});

test('a limit on requests at a time is answered with 429 and accepts nothing more', async () => {
  await sandbox.api('POST', '/limits', { carrier: 'twilio', concurrent: 3 });
  await sandbox.api('POST', '/faults', { carrier: 'twilio', kind: 'latency', latencyMs: 100 });
  const replies = await Promise.all(Array.from({ length: 5 }, (_, i) => send(`+38050123456${i}`)));
  expect(replies.map(({ status }) => status).sort()).toEqual([201, 201, 201, 429, 429]);
  expect(await accepted()).toBe(3);
});

test.each(['https://vidhuk.example.org', 'http://10.0.0.5:8080', 'ftp://127.0.0.1', 'nonsense'])(
  'a sandbox refuses to be pointed at %s',
  (url) => {
    expect(() => sandbox.pointTo(url)).toThrow(expect.objectContaining({ code: 'sandbox_target_refused' }));
  },
);
