import { parse as parseQuery } from 'node:querystring';
import { describe, expect, test } from '@jest/globals';
import { outgoing, PHONE } from '#testkit/channel-suite';
import { StubCarrier, type StubAnswer } from '#testkit/stub-carrier';
import { ACCOUNT, SID, created, make, refused } from '#testkit/twilio-calls';
import { TwilioSms } from './twilio-sms.js';

describe('a Twilio sender', () => {
  test.each([
    ['a number', { from: '+12025550123' }, true],
    ['a short code', { from: '12345' }, true],
    ['a name', { from: 'Surveys' }, false],
    ['a Messaging Service, whose numbers we do not know', { messagingServiceSid: 'MG1' }, false],
  ])('takes answers as %s allows', (_label, setup, twoWay) => {
    expect(make('http://127.0.0.1:9', setup).limits.twoWay).toBe(twoWay);
  });

  test('is a Messaging Service when one is configured, which counts parts later', async () => {
    const stub = await StubCarrier.start();
    stub.script(created({ num_segments: '0', status: 'accepted' }));
    const channel = make(stub.url, { messagingServiceSid: 'MG1' });
    const outcome = await channel.send(outgoing({ address: PHONE }), new AbortController().signal);
    expect(outcome).toEqual({ outcome: 'accepted', externalId: SID });
    expect(parseQuery(stub.requests[0]?.body ?? '')).toMatchObject({ MessagingServiceSid: 'MG1' });
    expect(stub.requests[0]?.body).not.toContain('From=');
    await channel.close();
    await stub.stop();
  });

  test('without credentials is refused by name', () => {
    const empty = { accountSid: ACCOUNT, authToken: '', baseUrl: 'http://127.0.0.1:9' };
    expect(() => new TwilioSms(empty, { concurrency: 1 })).toThrow(
      /TWILIO_AUTH_TOKEN, TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID/,
    );
  });
});

describe('asking Twilio', () => {
  const message = outgoing({ address: PHONE });
  const since = new Date('2020-01-13T08:00:00Z');
  const listed = (fields: object = {}): object => ({
    sid: SID,
    to: PHONE,
    body: message.text,
    direction: 'outbound-api',
    status: 'sent',
    num_segments: '2',
    date_created: 'Mon, 13 Jan 2020 08:00:01 +0000',
    ...fields,
  });

  async function ask(answer: StubAnswer): Promise<{ found: unknown; path: string | undefined }> {
    const stub = await StubCarrier.start();
    stub.script(answer);
    const channel = make(stub.url);
    const found = await channel.lookup(message, since, new AbortController().signal);
    await channel.close();
    await stub.stop();
    return { found, path: stub.requests[0]?.path };
  }

  const list = (...messages: object[]): StubAnswer => ({ status: 200, body: JSON.stringify({ messages }) });

  test('for a lost message asks by number, and not by a date that a queued message lacks', async () => {
    const { found, path } = await ask(list(listed()));
    expect(found).toEqual({ outcome: 'accepted', externalId: SID, parts: 2 });
    const query = parseQuery(path?.split('?')[1] ?? '');
    expect({ ...query }).toEqual({ To: PHONE, PageSize: '100' });
  });

  test.each<[string, StubAnswer, unknown]>([
    ['nothing listed', list(), 'not_found'],
    ['another text', list(listed({ body: 'інше' })), 'not_found'],
    ['another number', list(listed({ to: '+380500000124' })), 'not_found'],
    [
      'the same text of an earlier time',
      list(listed({ date_created: 'Mon, 13 Jan 2020 07:00:00 +0000' })),
      'not_found',
    ],
    ['what the person wrote', list(listed({ direction: 'inbound' })), 'not_found'],
    ['a list that ends before it reaches back far enough', list(...Array.from({ length: 100 }, () => listed({ body: 'інше' }))), { outcome: 'uncertain' }], // prettier-ignore
    ['odd entries', list({}, { sid: 5 }), 'not_found'],
    ['two, of which the older is ours', list(listed({ sid: `SM${'1'.repeat(32)}` }), listed()), { outcome: 'accepted', externalId: SID, parts: 2 }], // prettier-ignore
    ['one that failed meanwhile', list(listed({ status: 'failed', error_code: 21610 })), { outcome: 'blocked', why: 'opted_out' }], // prettier-ignore
    ['an error', { status: 500 }, { outcome: 'uncertain' }],
    ['no list', { status: 200, body: '{"messages":5}' }, { outcome: 'uncertain' }],
    ['a cut connection', 'reset', { outcome: 'uncertain' }],
  ])('for a lost message understands %s', async (_label, answer, expected) => {
    const { found } = await ask(answer);
    if (typeof expected === 'string') expect(found).toBe(expected);
    else expect(found).toMatchObject(expected as object);
  });

  test.each<[string, StubAnswer, boolean, RegExp]>([
    [
      'an active account',
      { status: 200, body: '{"status":"active","type":"Full"}' },
      true,
      /active \(Full\)/,
    ],
    ['a suspended one', { status: 200, body: '{"status":"suspended"}' }, false, /suspended/],
    ['a wrong token', refused(20003, 401), false, /TWILIO_AUTH_TOKEN/],
    ['an unexpected page', { status: 200, body: '<html>' }, false, /unexpected|SID/],
  ])('probes %s', async (_label, answer, ok, detail) => {
    const stub = await StubCarrier.start();
    stub.script(answer);
    const channel = make(stub.url);
    const result = await channel.probe(new AbortController().signal);
    expect(result).toEqual({ ok, detail: expect.stringMatching(detail) });
    expect(stub.requests[0]?.path).toBe(`/2010-04-01/Accounts/${ACCOUNT}.json`);
    await channel.close();
    await stub.stop();
  });
});

describe('where Twilio sends incoming messages', () => {
  const EXPECTED = 'https://cnap.example/hooks/twilio/inbound';
  const number = (fields: object): StubAnswer => ({ status: 200, body: JSON.stringify({ incoming_phone_numbers: [fields] }) });
  const service = (fields: object): StubAnswer => ({ status: 200, body: JSON.stringify({ sid: 'MG1', ...fields }) });

  test.each<[string, object, StubAnswer, boolean, RegExp]>([
    ['a number that calls us', {}, number({ sms_url: `${EXPECTED}#rt=4000&rc=3&rp=all`, sms_method: 'POST' }), true, /to https.*inbound$/],
    ['a number that calls us once only', {}, number({ sms_url: EXPECTED, sms_method: 'POST' }), true, /#rt=4000&rc=3&rp=all behind it/],
    ['a number that calls somebody else', {}, number({ sms_url: 'https://demo.twilio.com/reply' }), false, /demo\.twilio\.com.*set incoming messages to https:\/\/cnap/],
    ['a number that calls nobody', {}, number({ sms_url: '' }), false, /to nobody/],
    ['a number that calls by GET', {}, number({ sms_url: EXPECTED, sms_method: 'GET' }), false, /by GET/],
    ['a number of another account', {}, { status: 200, body: '{"incoming_phone_numbers":[]}' }, false, /did not tell/],
    ['an error', {}, { status: 500, body: '<html>' }, false, /did not tell/],
    ['a cut connection', {}, 'reset', false, /did not tell/],
    ['a service that calls us', { messagingServiceSid: 'MG1' }, service({ inbound_request_url: EXPECTED, inbound_method: 'POST' }), true, /calls? us|incoming messages to https/],
    ['a service that leaves it to its numbers', { messagingServiceSid: 'MG1' }, service({ use_inbound_webhook_on_number: true, inbound_request_url: EXPECTED }), false, /to nobody/],
    ['a service that does not exist', { messagingServiceSid: 'MG1' }, { status: 404, body: '{"code":20404}' }, false, /did not tell/],
  ])('is understood of %s', async (_label, setup, answer, ok, detail) => {
    const stub = await StubCarrier.start();
    stub.script(answer);
    const channel = make(stub.url, setup);
    const found = await channel.webhook('https://cnap.example', new AbortController().signal);
    expect(found).toEqual({ ok, detail: expect.stringMatching(detail) });
    expect(stub.requests[0]?.path).toMatch(/IncomingPhoneNumbers\.json\?PhoneNumber=%2B12025550123|\/v1\/Services\/MG1$/);
    expect(stub.requests[0]?.headers.authorization).toMatch(/^Basic /);
    await channel.close();
    await stub.stop();
  });

  test('does not matter for a name, which nobody can answer', async () => {
    const channel = make('http://127.0.0.1:9', { from: 'Surveys' });
    expect(await channel.webhook('https://cnap.example', new AbortController().signal)).toMatchObject({ ok: true });
  });
}); // prettier-ignore
