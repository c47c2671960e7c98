import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sandboxAccounts } from '../options.js';
import type { MessageJson } from '../phones/phone-json.js';
import { steeredSandbox, type SteeredSandbox } from '../testing/steered-sandbox.js';

const { accountSid, authToken, serviceNumber } = sandboxAccounts.twilio;
const NUMBER = '+380501234567';
const SERVICE = 'MG00000000000000000000000000000001';
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

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

const send = (form: Record<string, string> = {}) =>
  sandbox.twilio({
    To: NUMBER,
    From: 'Vidhuk',
    Body: 'Оцініть візит: http://127.0.0.1:8080/Ab3dE5gH.',
    ...form,
  });
const callbackUrl = (more = ''): string => `${sandbox.ours.url}/hooks/twilio/status?m=41${more}`;
const statuses = (): (string | null)[] => sandbox.ours.arrivals.map(({ form }) => form.get('MessageStatus'));
const messages = async (number = NUMBER): Promise<MessageJson[]> =>
  (await sandbox.api<{ messages: MessageJson[] }>('GET', `/phones/${number}/messages`)).messages;

describe('creating a message', () => {
  test('is answered with 201 and the documented fields, counts as text', async () => {
    const { status, body } = await send();
    expect(status).toBe(201);
    expect(body).toMatchObject({
      account_sid: accountSid,
      api_version: '2010-04-01',
      date_created: 'Tue, 13 Jan 2026 08:00:00 +0000',
      date_sent: null,
      direction: 'outbound-api',
      error_code: null,
      from: 'Vidhuk',
      messaging_service_sid: null,
      num_media: '0',
      num_segments: '1',
      price: null,
      status: 'queued',
      to: NUMBER,
    });
    expect(body['sid']).toMatch(/^SM[0-9a-f]{32}$/);
  });

  test('through a Messaging Service is accepted without sender and with no segments yet', async () => {
    const { body } = await sandbox.twilio({
      To: NUMBER,
      MessagingServiceSid: SERVICE,
      Body: 'x'.repeat(161),
    });
    expect(body).toMatchObject({
      status: 'accepted',
      from: null,
      messaging_service_sid: SERVICE,
      num_segments: '0',
    });
    await sandbox.pass(10_000);
    const path = `/2010-04-01/Accounts/${accountSid}/Messages/${String(body['sid'])}.json`;
    const fetched = await fetch(sandbox.url + path, {
      headers: { authorization: basic(accountSid, authToken) },
    });
    expect(await fetched.json()).toMatchObject({
      status: 'delivered',
      from: serviceNumber,
      num_segments: '2',
    });
  });

  test.each([
    ['no recipient', { To: '' }, 400, 21604],
    ['a number too short', { To: '+38050000' }, 400, 21211],
    ['a landline', { To: '+380441234567' }, 400, 21614],
    ['no sender', { From: '' }, 400, 21603],
    ['a sender name of twelve letters', { From: 'Abcdefghijkl' }, 400, 21606],
    ['no text', { Body: '' }, 400, 21602],
    ['1601 characters', { Body: 'x'.repeat(1601) }, 400, 21617],
    ['a validity of ten hours and a second', { ValidityPeriod: '36001' }, 400, 21624],
    ['a callback to another machine', { StatusCallback: 'https://example.com/hooks' }, 400, 21609],
  ])('with %s is refused: %#', async (_, form, status, code) => {
    const reply = await send(form);
    expect(reply).toMatchObject({
      status,
      body: { code, status, more_info: expect.stringContaining(String(code)) },
    });
    expect(await sandbox.api('GET', '/counts')).toMatchObject({
      accepted: 0,
      refused: { [`twilio ${code}`]: 1 },
    });
  });

  test.each([
    ['no credentials', '', accountSid],
    ['a wrong token', basic(accountSid, 'wrong'), accountSid],
    ["another account's address", basic(accountSid, authToken), 'AC00000000000000000000000000000009'],
  ])('with %s is 401 and 20003', async (_, authorization, account) => {
    const reply = await fetch(`${sandbox.url}/2010-04-01/Accounts/${account}/Messages.json`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({ To: NUMBER, From: 'Vidhuk', Body: 'x' }),
    });
    expect(reply.status).toBe(401);
    expect(await reply.json()).toMatchObject({ code: 20003, message: 'Authenticate', status: 401 });
  });
});

describe('status callbacks', () => {
  test('tell of sent and delivered, signed over the address without its fragment, our id in the query', async () => {
    await send({ StatusCallback: callbackUrl('#rc=3&rp=all') });
    expect(sandbox.ours.arrivals).toHaveLength(0);
    await sandbox.pass(10_000);
    expect(statuses()).toEqual(['sent', 'delivered']);
    expect(sandbox.ours.arrivals.every(({ genuine, query }) => genuine && query.get('m') === '41')).toBe(
      true,
    );
    expect(sandbox.ours.arrivals[1]?.form.get('RawDlrDoneDate')).toMatch(/^260113080\d$/);
    expect(await messages()).toMatchObject([{ status: 'delivered', messageId: '41' }]);
  });

  test('of a Messaging Service begin with queued, once a sender is chosen', async () => {
    await sandbox.twilio({
      To: NUMBER,
      MessagingServiceSid: SERVICE,
      Body: 'x',
      StatusCallback: callbackUrl(),
    });
    await sandbox.pass(10_000);
    expect(statuses()).toEqual(['queued', 'sent', 'delivered']);
    expect(sandbox.ours.arrivals[0]?.form.get('MessagingServiceSid')).toBe(SERVICE);
  });

  test.each([
    [30003, 'undelivered', ['sent', 'undelivered']],
    [30007, 'failed', ['failed']],
  ])('with ordered trouble %i end in %s', async (code, end, expected) => {
    await sandbox.api('POST', '/faults', { carrier: 'twilio', kind: 'undelivered', code });
    await send({ StatusCallback: callbackUrl() });
    await sandbox.pass(10_000);
    expect(statuses()).toEqual(expected);
    expect(sandbox.ours.arrivals.at(-1)?.form.get('ErrorCode')).toBe(String(code));
    expect(await messages()).toMatchObject([{ status: end, errorCode: code }]);
  });

  test.each([
    ['', 1],
    ['#rc=2&rp=5xx', 3],
    ['#rc=2&rp=4xx', 1],
    ['#rc=5&rp=all', 6],
  ])(
    'that meet 503 under "%s" are tried %i times with the same idempotency token',
    async (fragment, tries) => {
      sandbox.ours.respond(({ form }) => (form.get('MessageStatus') === 'delivered' ? { status: 503 } : {}));
      await send({ StatusCallback: callbackUrl(fragment) });
      await sandbox.pass(60_000);
      const delivered = sandbox.ours.arrivals.filter(({ form }) => form.get('MessageStatus') === 'delivered');
      expect(delivered).toHaveLength(tries);
      expect(new Set(delivered.map(({ headers }) => headers['i-twilio-idempotency-token'])).size).toBe(1);
    },
  );
});

describe('looking messages up', () => {
  const list = async (query: Record<string, string>): Promise<unknown[]> => {
    const path = `/2010-04-01/Accounts/${accountSid}/Messages.json?${new URLSearchParams(query).toString()}`;
    const reply = await fetch(sandbox.url + path, {
      headers: { authorization: basic(accountSid, authToken) },
    });
    return ((await reply.json()) as { messages: unknown[] }).messages;
  };

  test('by recipient and day finds what was sent, and misses what still waits', async () => {
    const { body } = await send();
    await sandbox.twilio({ To: '+380671234567', From: 'Vidhuk', Body: 'x' });
    expect(await list({ To: NUMBER })).toMatchObject([{ sid: body['sid'] }]);
    expect(await list({ To: NUMBER, 'DateSent>': '2026-01-13' })).toEqual([]);
    await sandbox.pass(10_000);
    expect(await list({ To: NUMBER, 'DateSent>': '2026-01-13' })).toMatchObject([{ sid: body['sid'] }]);
    expect(await list({ To: NUMBER, 'DateSent>': '2026-01-14' })).toEqual([]);
    expect(await list({ 'DateSent<': '2026-01-13' })).toHaveLength(2);
  });

  test('by a sid nobody knows is 404 and 20404', async () => {
    const path = `/2010-04-01/Accounts/${accountSid}/Messages/SM${'0'.repeat(32)}.json`;
    const reply = await fetch(sandbox.url + path, {
      headers: { authorization: basic(accountSid, authToken) },
    });
    expect(reply.status).toBe(404);
    expect(await reply.json()).toMatchObject({ code: 20404 });
  });

  test('the account says that it is active', async () => {
    const path = `/2010-04-01/Accounts/${accountSid}.json`;
    const reply = await fetch(sandbox.url + path, {
      headers: { authorization: basic(accountSid, authToken) },
    });
    expect(await reply.json()).toMatchObject({ sid: accountSid, status: 'active' });
  });
});

describe('a reply by SMS', () => {
  const reply = (text: string): Promise<{ messages?: MessageJson[]; code?: string }> =>
    sandbox.api('POST', `/phones/${NUMBER}/reply`, { text });
  beforeEach(() => send({ From: serviceNumber }));

  test('reaches our inbound webhook, signed, with the documented fields', async () => {
    await reply('Дякую, усе добре');
    expect(sandbox.ours.arrivals).toMatchObject([{ path: '/hooks/twilio/inbound', genuine: true }]);
    const form = Object.fromEntries(sandbox.ours.arrivals[0]?.form ?? []);
    expect(form).toMatchObject({ From: NUMBER, To: serviceNumber, Body: 'Дякую, усе добре', SmsStatus: 'received', NumMedia: '0', FromCity: '', AccountSid: accountSid }); // prettier-ignore
    expect(form['MessageSid']).toBe(form['SmsSid']);
    expect(form).not.toHaveProperty('OptOutType');
  });

  test.each([
    ['TwiML', 'text/xml', '<?xml version="1.0" encoding="UTF-8"?><Response><Message>Дякуємо &amp; до зустрічі</Message></Response>', ['Дякуємо & до зустрічі']], // prettier-ignore
    ['an empty TwiML response', 'text/xml', '<?xml version="1.0" encoding="UTF-8"?><Response/>', []],
    ['plain text, which Twilio texts to the person', 'text/plain; charset=utf-8', 'OK', ['OK']],
  ])('that we answer with %s shows %#', async (_, contentType, body, shown) => {
    sandbox.ours.respond(() => ({ contentType, body }));
    const { messages: appeared = [] } = await reply('5');
    expect(appeared.filter(({ direction }) => direction === 'in').map(({ text }) => text)).toEqual(shown);
  });

  test('that we answer with nonsense leaves a warning on the page and nothing on the phone', async () => {
    sandbox.ours.respond(() => ({ contentType: 'application/json', body: '{}' }));
    expect((await reply('5')).messages).toHaveLength(1);
    const { problems } = await sandbox.api<{ problems: unknown[] }>('GET', '/problems');
    expect(problems).toMatchObject([{ event: 'inbound', problem: expect.stringContaining('12300') }]);
  });

  test('that our webhook refuses is marked as failed', async () => {
    sandbox.ours.respond(() => ({ status: 403 }));
    expect((await reply('5')).messages).toMatchObject([{ direction: 'out', status: 'failed' }]);
  });

  test('STOP blocks further messages with 21610 until START', async () => {
    await reply('Stop ');
    expect((await send({ From: serviceNumber })).body).toMatchObject({ code: 21610 });
    expect((await send({ From: 'Vidhuk' })).status).toBe(201);
    await reply('START');
    expect((await send({ From: serviceNumber })).status).toBe(201);
  });

  test('STOP to a Messaging Service carries OptOutType, and Twilio answers by itself', async () => {
    await sandbox.twilio({ To: NUMBER, MessagingServiceSid: SERVICE, Body: 'x' });
    const { messages: appeared = [] } = await reply('STOP');
    expect(sandbox.ours.arrivals[0]?.form.get('OptOutType')).toBe('STOP');
    expect(appeared.map(({ text }) => text)).toEqual(['STOP', expect.stringContaining('unsubscribed')]);
  });

  test.each(['СТОП', 'STOP PLEASE', 'YES'])('%s means nothing to Twilio', async (text) => {
    await reply(text);
    expect((await send({ From: serviceNumber })).status).toBe(201);
    expect(sandbox.ours.arrivals[0]?.form.has('OptOutType')).toBe(false);
  });

  test('to a sender that is a name goes nowhere', async () => {
    const other = '+380671234567';
    await send({ To: other, From: 'Vidhuk' });
    const refusal = await sandbox.api('POST', `/phones/${other}/reply`, { text: '5' });
    expect(refusal).toMatchObject({ status: 409, code: 'reply_impossible' });
    expect(sandbox.ours.arrivals).toHaveLength(0);
  });
});
