import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parseEnvironment } from '#config/environment';
import { buildChannels, senderRowsOf } from '#channels/registry';
import { outgoing, PHONE } from '#testkit/channel-suite';
import { StubCarrier, type StubAnswer } from '#testkit/stub-carrier';
import { TOKEN, answered, dlr, make, sent, sign } from '#testkit/turbosms-calls';
import { TurboSms, turbosms } from './turbosms.js';

describe('the TurboSMS signature', () => {
  const channel = make('sms')('http://127.0.0.1:9');
  const { body: bare } = dlr('DLR_SMS_API', 'DELIVRD');

  test.each([
    ['secret and id', `${TOKEN}evt-77`, true],
    ['id and secret, since the page does not tell the order', `evt-77${TOKEN}`, true],
    ['the id alone', 'evt-77', false],
    ['another id', `${TOKEN}evt-78`, false],
  ])('over %s', (_label, signed, genuine) => {
    const signature = createHash('sha1').update(signed).digest('hex');
    expect(channel.verify(sign({ body: bare }, signature)).genuine).toBe(genuine);
    expect(channel.verify(sign({ body: bare }, signature.toUpperCase())).genuine).toBe(genuine);
  });

  test('covers the id only, so an event with other data has the same key and counts once', () => {
    const first = channel.parse(sign(dlr('DLR_SMS_API', 'DELIVRD')));
    const forged = channel.parse(sign(dlr('DLR_SMS_API', 'UNDELIV')));
    expect(forged[0]?.dedupeKey).toBe(first[0]?.dedupeKey);
  });
});

describe('a repeated TurboSMS request', () => {
  test('after a lost answer carries the same id, and another message another one', async () => {
    const stub = await StubCarrier.start();
    const channel = make('sms')(stub.url);
    const signal = new AbortController().signal;
    const message = outgoing({ address: PHONE });
    stub.script('reset', answered(507, 0));
    const first = await channel.send(message, signal);
    const second = await channel.send({ ...message, attempt: 2 }, signal);
    await channel.send({ ...message, id: '42' }, signal);
    await channel.send({ ...message, text: 'Інший текст' }, signal);
    const ids = stub.requests.map((request) => sent(request)['sequence_id']);
    expect([first.outcome, second.outcome]).toEqual(['deferred', 'accepted']);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
    await channel.close();
    await stub.stop();
  });
});

describe('the account', () => {
  const TURBOSMS = { TURBOSMS_TOKEN: TOKEN, TURBOSMS_SMS_SENDER: 'CNAP' };

  test.each<[string, Record<string, string>, string[]]>([
    ['one sender for SMS', TURBOSMS, ['turbosms/sms']],
    ['one for Viber', { TURBOSMS_TOKEN: TOKEN, TURBOSMS_VIBER_SENDER: 'CNAP' }, ['turbosms-viber/viber']],
    ['both', { ...TURBOSMS, TURBOSMS_VIBER_SENDER: 'CNAP' }, ['turbosms/sms', 'turbosms-viber/viber']],
    ['none', {}, []],
  ])('has %s, each addressed by number', (_label, env, expected) => {
    const rows = senderRowsOf(buildChannels(parseEnvironment(env), [turbosms]));
    expect(rows.map(({ key, channel }) => `${key}/${channel}`)).toEqual(expected);
    expect(rows.every(({ addressing, two_way }) => addressing === 'phone' && !two_way)).toBe(true);
  });

  test.each<[string, StubAnswer, boolean, RegExp]>([
    [
      'with money',
      { status: 200, body: '{"response_code":0,"response_result":{"balance":"12.50"}}' },
      true,
      /12\.5/,
    ],
    ['with a wrong token', answered(301), false, /INVALID_TOKEN/],
    ['behind a broken front end', { status: 502, body: '<html>' }, false, /HTTP 502/],
  ])('is probed %s', async (_label, answer, ok, detail) => {
    const stub = await StubCarrier.start();
    stub.script(answer);
    const channel = make('sms')(stub.url);
    const result = await channel.probe(new AbortController().signal);
    expect(result).toEqual({ ok, detail: expect.stringMatching(detail) });
    expect(stub.requests[0]?.path).toBe('/user/balance.json');
    await channel.close();
    await stub.stop();
  });

  test('without a token is refused by name', () => {
    const config = { token: '', baseUrl: 'http://127.0.0.1:9' };
    expect(() => new TurboSms('sms', 'CNAP', config, { concurrency: 1 })).toThrow(/TURBOSMS_TOKEN/);
  });
});
