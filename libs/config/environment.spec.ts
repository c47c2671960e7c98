import { describe, expect, test } from '@jest/globals';
import { AppError } from '#kernel/errors';
import { parseEnvironment } from './environment.js';

const key = Buffer.alloc(32, 7).toString('base64');
const twilio = {
  TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'hush',
  TWILIO_FROM: '+380500000000',
};

function problemsOf(env: Record<string, string>): string {
  try {
    parseEnvironment(env);
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.message;
    throw thrown;
  }
  return '';
}

test('an empty environment is the defaults', () => {
  const environment = parseEnvironment({ PATH: '/bin', HOME: '/' });
  expect(environment).toMatchObject({
    databaseUrl: undefined,
    dataDir: './.vidhuk',
    ports: { metrics: 9464, gateway: 8080, console: 8081, sandbox: 8090 },
    logLevel: 'info',
    twilio: undefined,
    viber: undefined,
    turbosms: undefined,
  });
});

test('previous keys are a list apart by commas or blanks', () => {
  const other = Buffer.alloc(32, 8).toString('base64');
  const { previousSecretKeys } = parseEnvironment({ VIDHUK_PREVIOUS_SECRET_KEYS: `${key}, ${other}` });
  expect(previousSecretKeys).toEqual([key, other]);
  expect(problemsOf({ VIDHUK_PREVIOUS_SECRET_KEYS: 'short' })).toContain('VIDHUK_PREVIOUS_SECRET_KEYS');
  expect(problemsOf({ VIDHUK_PREVIOUS_SECRET_KEYS: key, VIDHUK_SECRET_KEY: key })).toContain('holds');
});

test('a carrier is on when its credentials are there', () => {
  const environment = parseEnvironment({ ...twilio, VIDHUK_PUBLIC_URL: 'https://x.example/' });
  expect(environment.twilio).toMatchObject({ from: '+380500000000', baseUrl: 'https://api.twilio.com' });
  expect(environment.publicUrl).toBe('https://x.example');
  expect(
    parseEnvironment({ VIBER_AUTH_TOKEN: 't', VIBER_SENDER_NAME: 'n', VIBER_CHAT_URI: 'c' }).viber,
  ).toMatchObject({
    baseUrl: 'https://chatapi.viber.com',
  });
  expect(parseEnvironment({ TURBOSMS_TOKEN: 't', TURBOSMS_SMS_SENDER: 's' }).turbosms).toMatchObject({
    smsSender: 's',
  });
});

describe('problems are named, all at once', () => {
  test.each<[string, Record<string, string>, string[]]>([
    [
      'an unknown name, with the likely one',
      { VIDHUK_GATEWAY_PROT: '1' },
      ['VIDHUK_GATEWAY_PROT', 'VIDHUK_GATEWAY_PORT'],
    ],
    [
      'a bad port and a bad level together',
      { VIDHUK_GATEWAY_PORT: 'x', VIDHUK_LOG_LEVEL: 'loud' },
      ['VIDHUK_GATEWAY_PORT', 'VIDHUK_LOG_LEVEL'],
    ],
    ['a database without a key', { DATABASE_URL: 'postgres://h/d' }, ['VIDHUK_SECRET_KEY']],
    ['a key of the wrong length', { VIDHUK_SECRET_KEY: 'c2hvcnQ=' }, ['32 bytes']],
    [
      'a database that is not PostgreSQL',
      { DATABASE_URL: 'mysql://h/d', VIDHUK_SECRET_KEY: key },
      ['DATABASE_URL'],
    ],
    ['half a carrier', { TWILIO_AUTH_TOKEN: 'hush' }, ['TWILIO_ACCOUNT_SID', 'TWILIO_FROM']],
    ['a Viber bot without a name', { VIBER_AUTH_TOKEN: 'hush' }, ['VIBER_SENDER_NAME', 'VIBER_CHAT_URI']],
    ['an aggregator without a sender', { TURBOSMS_TOKEN: 'hush' }, ['TURBOSMS_SMS_SENDER']],
    [
      'a role that nobody has',
      { VIDHUK_REQUIRE_SECOND_FACTOR: 'admin, boss' },
      ['VIDHUK_REQUIRE_SECOND_FACTOR', 'analyst'],
    ],
    ['a clock that cannot be read', { VIDHUK_CLOCK: 'noon' }, ['VIDHUK_CLOCK']],
    [
      'a fast clock with a real carrier',
      { ...twilio, VIDHUK_CLOCK: '2020-01-13T08:00:00Z@60' },
      ['TWILIO_BASE_URL', 'loopback'],
    ],
  ])('%s', (_, env, mentions) => {
    const message = problemsOf(env);
    for (const mention of mentions) expect(message).toContain(mention);
    expect(message).not.toContain('hush');
  });
});

test('a fast clock is accepted when every carrier is on loopback', () => {
  const environment = parseEnvironment({
    ...twilio,
    TWILIO_BASE_URL: 'http://127.0.0.1:8090',
    VIDHUK_CLOCK: '2020-01-13T08:00:00+01:00@60',
  });
  expect(environment.clock).toEqual({ start: new Date('2020-01-13T07:00:00Z'), speed: 60 });
});
