import { describe, expect, test } from '@jest/globals';
import { turboSmsSignature, twilioSignature, viberSignature, type Form } from './signatures.js';

describe('Twilio', () => {
  // Known answer of twilio/twilio-node spec/validation.spec.js (MIT).
  const form: Form = [
    ['CallSid', 'CA1234567890ABCDE'],
    ['Caller', '+14158675309'],
    ['Digits', '1234'],
    ['From', '+14158675309'],
    ['To', '+18005551212'],
  ];
  const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
  const signature = 'RSOYDt4T1cUTdK1PDd93/VVr8B8=';

  test('the published example', () => {
    expect(twilioSignature('12345', url, form)).toBe(signature);
  });

  test('the order of the fields and the fragment of the address do not count', () => {
    expect(twilioSignature('12345', `${url}#rc=3&rp=all`, [...form].reverse())).toBe(signature);
  });

  test('a repeated value counts once', () => {
    expect(twilioSignature('12345', url, [...form, ['Digits', '1234']])).toBe(signature);
  });

  test.each([
    ['another token', twilioSignature('12346', url, form)],
    ['another address', twilioSignature('12345', `${url}&m=1`, form)],
    ['another value', twilioSignature('12345', url, [...form, ['Digits', '12345']])],
    ['an empty field more', twilioSignature('12345', url, [...form, ['Extra', '']])],
  ])('%s gives another signature', (_, other) => {
    expect(other).not.toBe(signature);
  });
});

test('Viber signs the raw bytes: an escaped and a plain spelling of one name differ', () => {
  const escaped = viberSignature('token', Buffer.from('{"name":"\\u0422"}'));
  expect(escaped).toMatch(/^[0-9a-f]{64}$/);
  expect(viberSignature('token', Buffer.from('{"name":"Т"}'))).not.toBe(escaped);
});

test('TurboSMS signs secret and id', () => {
  // echo -n secret42 | sha1sum
  expect(turboSmsSignature('secret', '42')).toBe('c9af31ab5c35b63e12e392627ce6744551a485f2');
});
