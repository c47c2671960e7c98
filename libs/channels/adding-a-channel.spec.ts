import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { configuredCarriers, parseEnvironment, type Environment } from '#config/environment';
import { outgoing, PHONE, PUBLIC_URL, type UnsignedCall } from '#testkit/channel-suite';
import { Logbook, logbook, type LogbookConfig } from '#testkit/logbook-channel';
import { describeWebhooks } from '#testkit/webhook-conformance';
import type { Channel, WebhookRequest } from './channel.js';
import { buildChannels, senderRowsOf } from './registry.js';

const SECRET = 'logbook-secret';
const page = readFileSync('docs/adding-a-channel.md', 'utf8');

describe('the page on adding a channel', () => {
  test('shows the example as it is', () => {
    const example = readFileSync('libs/testkit/logbook-channel.ts', 'utf8');
    expect(page).toContain('```ts\n' + example + '```');
  });

  test('names files that exist', () => {
    const named = [...page.matchAll(/`((?:libs|apps)\/[\w./-]+\.ts)`/g)].map(([, path]) => path ?? '');
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });
});

/** Program files that import something of the folder, itself apart. */
function importersOf(folder: string): string[] {
  return ['apps', 'libs'].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .map((file) => join(root, file))
      .filter((file) => file.endsWith('.ts') && !/\.spec\.ts$|\/testing\/|\/testkit\//.test(file))
      .filter((file) => !file.startsWith(`libs/channels/${folder}/`))
      .filter((file) => readFileSync(file, 'utf8').includes(`channels/${folder}/`)),
  );
}

test.each(['twilio-sms', 'viber-bot', 'turbosms'])('%s is one folder and one line in each app', (folder) => {
  const lists = ['apps/cli/channels.ts', 'apps/gateway/channels.ts', 'apps/worker/channels.ts'];
  expect(importersOf(folder).sort()).toEqual(lists);
  for (const list of lists) expect(page).toContain(`\`${list}\``);
});

describe('a fourth carrier, added as the page says', () => {
  let folder: string;
  const fileIn = (name: string): string => pathToFileURL(join(folder, name)).href;
  const environment = (block: LogbookConfig): Environment & { logbook: LogbookConfig } => ({
    ...parseEnvironment({}),
    logbook: block,
  });
  const added = (name: string): Channel => {
    const channels = buildChannels(environment({ baseUrl: fileIn(name), secret: SECRET }), [logbook]);
    return channels.get('logbook') as Channel;
  };
  const signal = new AbortController().signal;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'logbook-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is built by its line in the app and has its row', () => {
    const channels = buildChannels(environment({ baseUrl: fileIn('a'), secret: SECRET }), [logbook]);
    expect(senderRowsOf(channels)).toEqual([
      { key: 'logbook', kind: 'logbook', channel: 'sms', addressing: 'phone', two_way: false, priority: 10 },
    ]);
  });

  test('is missed when the line is forgotten', () => {
    expect(() => buildChannels(environment({ baseUrl: fileIn('a'), secret: SECRET }), [])).toThrow(
      /"logbook"/,
    );
  });

  test('counts as a carrier of its own: no sandbox in its place, and and guarded like the others under a fast clock', () => {
    const block = { baseUrl: fileIn('a'), secret: SECRET };
    expect(configuredCarriers(environment(block))).toEqual([{ kind: 'logbook', baseUrl: block.baseUrl }]);
  });

  test('is off without its block, and refused without its secret', () => {
    expect(buildChannels(parseEnvironment({}), [logbook]).size).toBe(0);
    expect(() => new Logbook({ baseUrl: fileIn('a'), secret: '' })).toThrow(/LOGBOOK_SECRET/);
  });

  test('writes one line a message', async () => {
    const channel = added('messages');
    const message = outgoing({ address: PHONE });
    expect(await channel.send(message, signal)).toEqual({ outcome: 'accepted', externalId: 'line-41' });
    expect(await channel.send({ ...message, id: '42' }, signal)).toMatchObject({ outcome: 'accepted' });
    const lines = (await readFile(join(folder, 'messages'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['41', '42']);
  });

  test('stops its sender when the file cannot be opened', async () => {
    const outcome = await added('no/such/folder').send(outgoing({ address: PHONE }), signal);
    expect(outcome).toMatchObject({
      outcome: 'rejected',
      scope: 'sender',
      detail: expect.stringContaining('ENOENT'),
    });
  });

  test('keeps the message when told to stop', async () => {
    const outcome = await added('none').send(outgoing({ address: PHONE }), AbortSignal.abort());
    expect(outcome).toMatchObject({ outcome: 'deferred' });
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});

function sign({
  body: raw,
  url = `${PUBLIC_URL}/hooks/logbook`,
  contentType = 'application/json',
}: UnsignedCall): WebhookRequest {
  const body = Buffer.from(raw);
  const signature = createHmac('sha256', SECRET).update(body).digest('hex');
  return {
    method: 'POST',
    door: 'any',
    url,
    headers: { 'content-type': contentType, 'x-logbook-signature': signature },
    body,
  };
}

const reported = (result: string, more: object = {}): UnsignedCall => ({
  body: JSON.stringify({ line: 'line-41', result, ...more }),
});

describeWebhooks({
  name: 'logbook',
  make: () => new Logbook({ baseUrl: 'file:///nowhere', secret: SECRET }),
  address: PHONE,
  accepted: { answer: { status: 200 }, externalId: 'line-41' },
  lostAnswer: 'uncertain',
  sends: [],
  sign,
  resign: (signed, signature) => ({
    ...signed,
    headers: { ...signed.headers, 'x-logbook-signature': signature },
  }),
  ordinaryCall: reported('called'),
  callWithNewField: reported('called', { clerk: 'Олена' }),
  callWithUnknownStatus: reported('teleported'),
  trapCalls: [{ body: '{"__proto__":{"polluted":1},"line":"constructor","result":"toString"}' }],
  webhooks: [
    { label: 'a call made', call: reported('called'), facts: [{ kind: 'receipt', status: 'delivered' }] },
    {
      label: 'a call not answered',
      call: reported('no answer'),
      facts: [{ kind: 'receipt', status: 'undelivered' }],
    },
  ],
  reply: { status: 204, contentType: 'text/plain', body: '' },
});
