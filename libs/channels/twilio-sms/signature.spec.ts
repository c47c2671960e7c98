import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, INBOUND, form, inbound, make, sign, status } from '#testkit/twilio-calls';
import { TwilioSms } from './twilio-sms.js';

describe('the Twilio signature', () => {
  const channel = make('http://127.0.0.1:9');

  // Known answers from twilio-node's spec/validation.spec.js (MIT).
  const vector = {
    url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
    body: form({ CallSid: 'CA1234567890ABCDE', Caller: '+14158675309', Digits: '1234', From: '+14158675309', To: '+18005551212' }), // prettier-ignore
    signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  };

  test('agrees with the published vector', () => {
    const known = new TwilioSms(
      { accountSid: ACCOUNT, authToken: '12345', from: '+12025550123', baseUrl: 'http://127.0.0.1:9' },
      { concurrency: 1 },
    );
    const headers = { 'x-twilio-signature': vector.signature };
    const request = {
      method: 'POST',
      door: 'any' as const,
      url: vector.url,
      headers,
      body: Buffer.from(vector.body),
    };
    expect(known.verify(request)).toEqual({ genuine: true });
    expect(known.verify({ ...request, url: `${vector.url}&x=1` }).genuine).toBe(false);
  });

  test.each([
    [
      'with the standard port where the signed address had none',
      (url: string) => url.replace('.example/', '.example:443/'),
    ],
    ['as it was signed', (url: string) => url],
  ])('is genuine for an address %s', (_label, change) => {
    const signed = sign(inbound());
    expect(channel.verify({ ...signed, url: change(signed.url) })).toEqual({ genuine: true });
  });

  test.each([
    ['another scheme', (url: string) => url.replace('https:', 'http:')],
    ['another host', (url: string) => url.replace('cnap', 'evil')],
    ['a trailing slash', (url: string) => `${url}/`],
    ['another message id', (url: string) => url.replace('m=41', 'm=42')],
  ])('is not genuine for %s', (_label, change) => {
    const signed = sign(status());
    expect(channel.verify({ ...signed, url: change(signed.url) }).genuine).toBe(false);
  });

  test('covers every value of a repeated field', () => {
    const signed = sign(inbound({ AddOns: ['b', 'a', 'b'] }));
    const without = { ...signed, body: Buffer.from(signed.body.toString().replace('AddOns=a', 'AddOns=c')) };
    expect(channel.verify(signed)).toEqual({ genuine: true });
    expect(channel.verify(without).genuine).toBe(false);
  });

  test('of a JSON call covers the address and the hash of the body', () => {
    const body = '{"property": "value", "boolean": true}';
    const url = `${INBOUND}?bodySHA256=${createHash('sha256').update(body).digest('hex')}`;
    const signed = sign({ url, body, contentType: 'application/json' });
    expect(channel.verify(signed)).toEqual({ genuine: true });
    expect(channel.verify({ ...signed, body: Buffer.from(`${body} `) }).genuine).toBe(false);
  });
});
