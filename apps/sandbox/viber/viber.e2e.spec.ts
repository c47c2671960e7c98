import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { MessageJson, PhoneJson } from '../phones/phone-json.js';
import { steeredSandbox, type SteeredSandbox } from '../testing/steered-sandbox.js';

const NUMBER = '+380671234567';
const BUTTON = {
  Columns: 3,
  Rows: 1,
  ActionType: 'reply',
  ActionBody: 'v1:Ab3dE5gH:quality:5',
  Text: '<b>Чудово</b>',
};
const KEYBOARD = { Type: 'keyboard', Buttons: [BUTTON] };

let sandbox: SteeredSandbox;
let receiver: string;
beforeAll(async () => {
  sandbox = await steeredSandbox();
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await sandbox.api('DELETE', '/state');
  sandbox.ours.respond(() => ({}));
  const phone = await sandbox.api<PhoneJson>('POST', '/phones', { number: NUMBER });
  expect(phone.viberId).toBeNull();
  await act('viber/subscribe');
  receiver = (await sandbox.api<PhoneJson>('GET', `/phones/${NUMBER}`)).viberId ?? '';
  sandbox.ours.arrivals.length = 0;
});

const act = (path: string, body: unknown = {}): Promise<{ messages: MessageJson[]; open?: string }> =>
  sandbox.api('POST', `/phones/${NUMBER}/${path}`, body);
const message = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  receiver,
  min_api_version: 1,
  sender: { name: 'Відгук' },
  type: 'text',
  text: 'Оцініть візит',
  ...more,
});
const send = (more: Record<string, unknown> = {}) => sandbox.viber('send_message', message(more));
const events = (): unknown[] => sandbox.ours.viberEvents().map(({ event }) => event);

describe('send_message', () => {
  test('is answered with status 0 and a token beyond 2^53 as a bare number', async () => {
    const reply = await send();
    expect(reply).toMatchObject({ status: 0, status_message: 'ok', billing_status: 1 });
    expect(BigInt(String(reply['message_token']))).toBeGreaterThan(2n ** 53n);
  });

  test('is followed by delivered, and by one seen for all unread messages', async () => {
    const first = await send();
    const second = await send({ text: 'Ще одне' });
    await sandbox.pass(10_000);
    await act('look');
    const told = sandbox.ours.viberEvents();
    expect(told.map(({ event, message_token }) => [event, message_token])).toEqual([
      ...told.slice(0, 2).map(({ message_token }) => ['delivered', message_token]),
      ['seen', second['message_token']],
    ]);
    expect(told.map(({ message_token }) => message_token)).toContain(first['message_token']);
    expect(told.every(({ user_id }) => user_id === receiver)).toBe(true);
    expect(sandbox.ours.arrivals.every(({ genuine }) => genuine)).toBe(true);
  });

  test.each([
    ['nobody known', { receiver: 'AAAAAAAAAAAAAAAAAAAAAA==' }, 5],
    ['no text', { text: undefined }, 4],
    ['no sender name', { sender: {} }, 4],
    ['a sender name of 29 letters', { sender: { name: 'x'.repeat(29) } }, 3],
    ['7001 characters', { text: 'x'.repeat(7001) }, 3],
    ['a phone button for old clients', { keyboard: { ...KEYBOARD, Buttons: [{ ...BUTTON, ActionType: 'share-phone' }] } }, 3], // prettier-ignore
  ])('to or with %s is refused with HTTP 200 and status in the body', async (_, more, status) => {
    expect(await send(more)).toMatchObject({ status });
    expect(await sandbox.api('GET', '/counts')).toMatchObject({
      accepted: 0,
      refused: { [`viber ${status}`]: 1 },
    });
  });

  test('with the wrong token is 2, with no JSON 3', async () => {
    expect(await sandbox.viber('send_message', message(), 'wrong')).toMatchObject({ status: 2 });
    expect(await sandbox.viber('send_message', '{"receiver')).toMatchObject({ status: 3 });
  });

  test('to somebody who only opened the chat, or left it, is 6', async () => {
    const other = '+380931112233';
    await sandbox.api('POST', `/phones/${other}/viber`, { context: 'Ab3dE5gH' });
    const { viberId } = await sandbox.api<PhoneJson>('GET', `/phones/${other}`);
    expect(await send({ receiver: viberId })).toMatchObject({ status: 6 });
    await act('viber/unsubscribe');
    expect(await send()).toMatchObject({ status: 6, status_message: 'receiverNotSubscribed' });
    expect(sandbox.ours.viberEvents().at(-1)).toMatchObject({ event: 'unsubscribed', user_id: receiver });
  });

  test('is refused with 12 from the 101st unanswered message of an hour on, until the person writes', async () => {
    for (let n = 0; n < 100; n++) expect(await send()).toMatchObject({ status: 0 });
    expect(await send()).toMatchObject({ status: 12 });
    await act('reply', { text: 'Досить', channel: 'viber' });
    expect(await send()).toMatchObject({ status: 0 });
  });

  test('with a keyboard the phone cannot show is accepted first and fails later', async () => {
    const tall = { Type: 'keyboard', Buttons: Array.from({ length: 13 }, () => ({ ...BUTTON, Columns: 6 })) };
    expect(await send({ keyboard: tall })).toMatchObject({ status: 0 });
    await sandbox.pass(10_000);
    expect(sandbox.ours.viberEvents()).toMatchObject([
      { event: 'failed', desc: expect.stringContaining('12 rows') },
    ]);
  });
});

describe('what the person does', () => {
  test('opening the chat tells the context, and the answer may be one welcome message with a keyboard', async () => {
    sandbox.ours.respond(({ path }) => ({
      contentType: 'application/json',
      body:
        path === '/hooks/viber'
          ? JSON.stringify({ ...message(), receiver: undefined, keyboard: KEYBOARD })
          : '',
    }));
    const { messages } = await act('viber', { context: 'Ab3dE5gH' });
    expect(sandbox.ours.viberEvents()).toMatchObject([
      {
        event: 'conversation_started',
        type: 'open',
        context: 'Ab3dE5gH',
        subscribed: true,
        user: { id: receiver },
      },
    ]);
    expect(messages).toMatchObject([
      { direction: 'in', channel: 'viber', keyboard: [{ label: 'Чудово', columns: 3 }] },
    ]);
    // A welcome has no token, so nothing is ever reported about it.
    await sandbox.pass(10_000);
    await act('look');
    expect(events()).toEqual(['conversation_started']);
  });

  test('opening it without a link has no context at all', async () => {
    await act('viber');
    expect(sandbox.ours.viberEvents()[0]).not.toHaveProperty('context');
  });

  test('a press sends what the button replies, with the tracking data of the last message', async () => {
    await send({ keyboard: KEYBOARD, tracking_data: 'Ab3dE5gH' });
    const { messages } = await sandbox.api<{ messages: MessageJson[] }>('GET', `/phones/${NUMBER}/messages`);
    const pressed = await act('press', { messageId: messages[0]?.id, reply: BUTTON.ActionBody });
    expect(pressed.messages).toMatchObject([{ direction: 'out', text: 'Чудово', status: 'sent' }]);
    expect(sandbox.ours.viberEvents()[0]).toMatchObject({
      event: 'message',
      sender: { id: receiver },
      message: { type: 'text', text: BUTTON.ActionBody, tracking_data: 'Ab3dE5gH' },
    });
    // Viber also reports what the person wrote as delivered.
    expect(events()).toEqual(['message', 'delivered']);
  });

  test('a button that opens an address gives it back and tells nobody', async () => {
    const keyboard = {
      ...KEYBOARD,
      Buttons: [{ ...BUTTON, ActionType: 'open-url', ActionBody: 'https://example.test/' }],
    };
    await send({ keyboard });
    const { messages } = await sandbox.api<{ messages: MessageJson[] }>('GET', `/phones/${NUMBER}/messages`);
    expect(await act('press', { messageId: messages[0]?.id, reply: 'https://example.test/' })).toEqual({
      messages: [],
      open: 'https://example.test/',
    });
    expect(events()).toEqual([]);
  });

  test('names come escaped, so that only the raw bytes verify', async () => {
    await act('reply', { text: 'Дякую', channel: 'viber' });
    const [arrival] = sandbox.ours.arrivals;
    expect(arrival).toMatchObject({ genuine: true });
    expect(arrival?.raw.toString('latin1')).toMatch(/\\u04/);
    expect(arrival?.raw.toString('utf8')).not.toMatch(/[А-я]/);
  });

  test('an answer other than 200 brings the same event again, with the same token', async () => {
    let refusals = 2;
    sandbox.ours.respond(() => (refusals-- > 0 ? { status: 500 } : {}));
    await act('viber/unsubscribe');
    await sandbox.pass(5_000);
    const told = sandbox.ours.viberEvents();
    expect(told).toHaveLength(3);
    expect(new Set(told.map(({ message_token }) => message_token)).size).toBe(1);
  });
});

describe('set_webhook', () => {
  test('calls the address before it answers, and events go there from then on', async () => {
    const url = `${sandbox.ours.url}/elsewhere`;
    expect(await sandbox.viber('set_webhook', { url })).toMatchObject({ status: 0, event_types: expect.arrayContaining(['seen']) }); // prettier-ignore
    expect(sandbox.ours.arrivals).toMatchObject([{ path: '/elsewhere', genuine: true }]);
    await act('viber', { context: 'Ab3dE5gH' });
    expect(sandbox.ours.arrivals.at(-1)).toMatchObject({ path: '/elsewhere', genuine: true });
    expect(await sandbox.viber('get_account_info', {})).toMatchObject({
      status: 0,
      webhook: url,
      subscribers_count: 1,
    });
  });

  test.each([
    ['does not answer 200', 404, '/elsewhere'],
    ['answers with a redirect', 302, '/elsewhere'],
  ])('refuses an address that %s', async (_, status, path) => {
    sandbox.ours.respond(() => ({ status }));
    expect(await sandbox.viber('set_webhook', { url: sandbox.ours.url + path })).toMatchObject({ status: 1 });
    expect(await sandbox.viber('get_account_info', {})).toMatchObject({
      webhook: `${sandbox.ours.url}/hooks/viber`,
    });
  });

  test('refuses an address on another machine without calling it', async () => {
    expect(await sandbox.viber('set_webhook', { url: 'https://example.com/hooks' })).toMatchObject({
      status: 1,
    });
    expect(sandbox.ours.arrivals).toEqual([]);
  });

  test('with an empty address removes it: nothing is told, and sending is 10', async () => {
    expect(await sandbox.viber('set_webhook', { url: '' })).toMatchObject({ status: 0 });
    await act('viber', {});
    expect(sandbox.ours.arrivals).toEqual([]);
    expect(await send()).toMatchObject({ status: 10 });
  });
});
