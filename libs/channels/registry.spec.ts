import { describe, expect, jest, test } from '@jest/globals';
import { parseEnvironment, type Environment } from '#config/environment';
import { createLogger } from '#config/logger';
import type { AppError } from '#kernel/errors';
import type { Channel } from './channel.js';
import { buildChannels, closeChannels, senderRowsOf, type ChannelFactory } from './registry.js';
import { twilioSms } from './twilio-sms/twilio-sms.js';
import { viberBot } from './viber-bot/viber-bot.js';

const TWILIO = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'a',
  TWILIO_FROM: '+12025550123',
};
const VIBER = { VIBER_AUTH_TOKEN: 'b', VIBER_SENDER_NAME: 'ЦНАП', VIBER_CHAT_URI: 'cnap' };
const BOTH = [viberBot, twilioSms];

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (thrown) {
    return (thrown as AppError).code;
  }
};

describe('the registry of channels', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['none without credentials', {}, []],
    ['one carrier', TWILIO, ['twilio']],
    ['two, in the order of the app', { ...TWILIO, ...VIBER }, ['viber', 'twilio']],
  ])('builds %s', (_label, env, keys) => {
    const channels = buildChannels(parseEnvironment(env), BOTH);
    expect([...channels.keys()]).toEqual(keys);
    for (const [key, channel] of channels) expect(channel.sender).toBe(key);
  });

  test('gives every channel the configured number of requests in flight', () => {
    const environment = parseEnvironment({ ...TWILIO, VIDHUK_DISPATCH_CONCURRENCY: '7' });
    expect(buildChannels(environment, BOTH).get('twilio')?.limits.concurrency).toBe(7);
  });

  test('refuses a configured carrier that the process cannot serve', () => {
    const environment = parseEnvironment({ ...TWILIO, ...VIBER });
    expect(codeOf(() => buildChannels(environment, [twilioSms]))).toBe('channel_unknown');
  });

  test('refuses two factories of one kind', () => {
    expect(codeOf(() => buildChannels(parseEnvironment({}), [twilioSms, twilioSms]))).toBe(
      'channel_duplicate',
    );
  });

  test('refuses two channels with one name', () => {
    const twin: ChannelFactory = {
      kind: 'twin',
      create: (environment, options) => twilioSms.create(environment, options),
    };
    expect(codeOf(() => buildChannels(parseEnvironment(TWILIO), [twilioSms, twin]))).toBe(
      'channel_duplicate',
    );
  });

  test('refuses a carrier whose credentials are empty, naming them and not the rest', () => {
    const parsed = parseEnvironment(TWILIO);
    const environment = { ...parsed, twilio: { ...parsed.twilio, authToken: '' } } as Environment;
    expect(() => buildChannels(environment, BOTH)).toThrow('The channel "twilio" needs TWILIO_AUTH_TOKEN.');
  });
});

test('what a channel redacts stands in no log line, whoever writes it', () => {
  const lines: string[] = [];
  const log = createLogger('test', 'info', { write: (line) => void lines.push(line) });
  buildChannels(parseEnvironment({ ...TWILIO, TWILIO_AUTH_TOKEN: 'very-secret-token' }), BOTH);
  const basic = Buffer.from(`${TWILIO.TWILIO_ACCOUNT_SID}:very-secret-token`).toString('base64');
  log.error({ event: 'odd', reason: `Basic ${basic} of very-secret-token`, 'very-secret-token': 1 });
  expect(lines.join('')).toContain('Basic [hidden] of [hidden]');
  expect(lines.join('')).not.toMatch(/very-secret-token/);
});

test('a row of the sender table is what the channel says of itself, in the order of the channels', () => {
  const channels = buildChannels(parseEnvironment({ ...TWILIO, ...VIBER }), BOTH);
  expect(senderRowsOf(channels)).toEqual([
    { key: 'viber', kind: 'viber', channel: 'viber', addressing: 'subscriber', two_way: true, priority: 10 },
    { key: 'twilio', kind: 'twilio', channel: 'sms', addressing: 'phone', two_way: true, priority: 20 },
  ]);
});

test('closing goes on when one channel fails to close', async () => {
  const closed = jest.fn<() => Promise<void>>().mockResolvedValue();
  const channels = new Map<string, Channel>([
    ['a', { close: () => Promise.reject(new Error('broken')) } as unknown as Channel],
    ['b', {} as Channel],
    ['c', { close: closed } as unknown as Channel],
  ]);
  await closeChannels(channels);
  expect(closed).toHaveBeenCalledTimes(1);
});
