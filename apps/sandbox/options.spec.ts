import { expect, test } from '@jest/globals';
import { parseEnvironment } from '#config/environment';
import { isLoopback } from '#config/loopback';
import { accountsOf, sandboxAccounts, sandboxEnvironment } from './options.js';

test('without carriers in the environment the sandbox has its own accounts', () => {
  expect(accountsOf(parseEnvironment({}))).toEqual(sandboxAccounts);
});

test('with carriers in the environment the sandbox signs with their credentials', () => {
  const environment = parseEnvironment({
    TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'twilio-token',
    TWILIO_FROM: 'Vidhuk',
    VIBER_AUTH_TOKEN: 'viber-token',
    VIBER_SENDER_NAME: 'Центр',
    VIBER_CHAT_URI: 'centre',
    TURBOSMS_TOKEN: 'turbo-token',
    TURBOSMS_SMS_SENDER: 'Centre',
  });
  expect(accountsOf(environment)).toMatchObject({
    twilio: { accountSid: `AC${'1'.repeat(32)}`, authToken: 'twilio-token' },
    viber: { authToken: 'viber-token', name: 'Центр', chatUri: 'centre' },
    turbosms: { token: 'turbo-token' },
  });
});

test('the settings for sending through a sandbox are valid, on this machine, and what the sandbox expects', () => {
  const environment = parseEnvironment(sandboxEnvironment('http://127.0.0.1:8090'));
  expect(accountsOf(environment)).toMatchObject({
    twilio: sandboxAccounts.twilio,
    viber: sandboxAccounts.viber,
  });
  const carriers = [environment.twilio, environment.viber].map((carrier) => carrier?.baseUrl ?? '');
  expect(carriers.every(isLoopback)).toBe(true);
});
