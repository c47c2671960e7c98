import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sandboxAccounts } from '../options.js';
import { steeredSandbox, type SteeredSandbox } from '../testing/steered-sandbox.js';

const { token } = sandboxAccounts.turbosms;
const NUMBER = '+380501234567';
const DIGITS = NUMBER.slice(1);
const SMS = { sender: 'CNAP', text: 'Оцініть візит' };

let sandbox: SteeredSandbox;
beforeAll(async () => {
  sandbox = await steeredSandbox();
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await sandbox.api('DELETE', '/state');
  sandbox.ours.arrivals.length = 0;
  sandbox.ours.respond(() => ({}));
});

interface Reply {
  readonly response_code: number;
  readonly response_status: string;
  readonly response_result: { phone: string; response_code: number; message_id: string | null }[] | null;
}

async function call(
  path: string,
  body: unknown,
  authorization = `Bearer ${token}`,
): Promise<Reply & { http: number }> {
  const reply = await fetch(`${sandbox.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === '' ? {} : { authorization }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { http: reply.status, ...((await reply.json()) as Reply) };
}
const send = (more: Record<string, unknown> = {}) =>
  call('/message/send.json', { recipients: [DIGITS], sms: SMS, ...more });

interface Event {
  readonly id: string;
  readonly type: string;
  readonly signature: string;
  readonly data: { message_id: string; status: string; error_code: number };
}
const events = (): Event[] =>
  sandbox.ours.arrivals.map(({ raw }) => JSON.parse(raw.toString('utf8')) as Event);

describe('message/send', () => {
  test('is accepted under a message id, with HTTP 200', async () => {
    const reply = await send();
    expect(reply).toMatchObject({
      http: 200,
      response_code: 800,
      response_status: 'SUCCESS_MESSAGE_ACCEPTED',
    });
    expect(reply.response_result).toMatchObject([{ phone: DIGITS, response_code: 0 }]);
    expect(reply.response_result?.[0]?.message_id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test('repeated under its sequence_id is not done again and gets the first result', async () => {
    const first = await send({ sequence_id: 'a1' });
    const second = await send({ sequence_id: 'a1' });
    expect(second).toMatchObject({ response_code: 507, response_result: first.response_result });
    expect(await sandbox.api('GET', '/counts')).toMatchObject({ accepted: 1 });
    await send({ sequence_id: 'a2' });
    expect(await sandbox.api('GET', '/counts/messages')).toEqual({
      messages: { 'sequence a1': 1, 'sequence a2': 1 },
    });
  });

  test('to several numbers says of each what became of it', async () => {
    const reply = await send({ recipients: [DIGITS, '380441234567', 'x'] });
    expect(reply.response_code).toBe(802);
    expect(reply.response_result?.map(({ response_code }) => response_code)).toEqual([0, 305, 305]);
  });

  test.each([
    ['no content', { sms: undefined }, 104],
    ['no recipients', { recipients: [] }, 202],
    ['no sender', { sms: { text: 'x' } }, 200],
    ['no text', { sms: { sender: 'CNAP' } }, 201],
    ['a text too long', { viber: { sender: 'CNAP', text: 'x'.repeat(1001) } }, 413],
    ['a life too short', { viber: { sender: 'CNAP', text: 'x', ttl: 30 } }, 306],
    ['recipients that are no list', { recipients: DIGITS }, 300],
  ])('with %s is refused', async (_, more, code) => {
    expect(await send(more)).toMatchObject({ http: 200, response_code: code, response_result: null });
    expect(await sandbox.api('GET', '/counts')).toMatchObject({
      accepted: 0,
      refused: { [`turbosms ${code}`]: 1 },
    });
  });

  test.each([
    ['no token', '', 103],
    ['a wrong token', 'Bearer wrong', 301],
  ])('with %s is refused', async (_, authorization, code) => {
    expect(await call('/message/send.json', { recipients: [DIGITS], sms: SMS }, authorization)).toMatchObject({ response_code: code }); // prettier-ignore
  });

  test('with a body that is no JSON is refused', async () => {
    expect(await call('/message/send.json', '{')).toMatchObject({ response_code: 502 });
  });

  test.each([
    [203, { response_code: 203, response_result: null }],
    [404, { response_code: 802, response_result: [{ phone: DIGITS, response_code: 404, message_id: null }] }],
    [999, { response_code: 999, response_status: 'FATAL_ERROR' }],
  ])('meets the ordered error %i where TurboSMS would put it', async (code, expected) => {
    await sandbox.api('POST', '/faults', { carrier: 'turbosms', kind: 'refuse', code });
    expect(await send()).toMatchObject(expected);
    expect(await sandbox.api('GET', '/counts')).toMatchObject({ accepted: 0 });
  });
});

describe('receipts', () => {
  test('of SMS come to their webhook with SHA-1 of secret and id', async () => {
    const { response_result } = await send();
    await sandbox.pass(10_000);
    expect(sandbox.ours.arrivals.map(({ path }) => path)).toEqual(['/hooks/turbosms', '/hooks/turbosms']);
    expect(events().map(({ type, data }) => [type, data.status])).toEqual([
      ['DLR_SMS_API', 'ENROUTE'],
      ['DLR_SMS_API', 'DELIVRD'],
    ]);
    for (const { id, signature, data } of events()) {
      expect(signature).toBe(createHash('sha1').update(`${token}${id}`).digest('hex'));
      expect(data.message_id).toBe(response_result?.[0]?.message_id);
    }
  });

  test('of Viber come to a webhook of their own, and say when the person looked', async () => {
    await send({ sms: undefined, viber: SMS });
    await sandbox.pass(10_000);
    await sandbox.api('POST', `/phones/${NUMBER}/look`);
    expect(new Set(sandbox.ours.arrivals.map(({ path }) => path))).toEqual(
      new Set(['/hooks/turbosms-viber']),
    );
    expect(events().map(({ data }) => data.status)).toEqual(['Sent', 'Delivered', 'Read']);
  });

  test('are repeated with the same id until they are answered with 200', async () => {
    let refusals = 2;
    sandbox.ours.respond(() => (refusals-- > 0 ? { status: 500 } : {}));
    await send();
    await sandbox.pass(10 * 60_000, 5000);
    const ids = events().map(({ id }) => id);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(2);
  });

  test('of a phone that cannot be reached say so with the code', async () => {
    await sandbox.api('POST', '/faults', { kind: 'undelivered', code: 34 });
    await send();
    await sandbox.pass(10_000);
    expect(events().at(-1)?.data).toMatchObject({ status: 'UNDELIV', error_code: 34 });
  });
});

test('the account has a balance and answers a ping', async () => {
  expect(await call('/user/balance.json', {})).toMatchObject({
    response_code: 0,
    response_result: { balance: '1000.00' },
  });
  expect(await call('/message/ping.json', {})).toMatchObject({ response_code: 1, response_status: 'PONG' });
});
