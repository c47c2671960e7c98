import { describe, expect, test } from '@jest/globals';
import { outgoing, PUBLIC_URL } from '#testkit/channel-suite';
import { StubCarrier, type StubAnswer } from '#testkit/stub-carrier';
import { HOOK, USER, answered, event, json, make, message, sign, user } from '#testkit/viber-calls';
import { ViberBot } from './viber-bot.js';

describe('the Viber signature', () => {
  const channel = make('http://127.0.0.1:9');
  const { 'x-viber-content-signature': signature = '', ...headers } = sign(event('seen')).headers;
  const signed = { ...sign(event('seen')), headers };

  test('may come in the address instead of the header', () => {
    expect(channel.verify({ ...signed, url: `${HOOK}?sig=${signature}` })).toEqual({ genuine: true });
    expect(channel.verify({ ...signed, url: `${HOOK}?sig=${signature.replace(/^./, 'x')}` }).genuine).toBe(
      false,
    );
  });

  test('in capitals is not the one Viber makes', () => {
    const capitals = { ...headers, 'x-viber-content-signature': signature.toUpperCase() };
    expect(channel.verify({ ...signed, headers: capitals }).genuine).toBe(false);
  });

  test('is over the bytes that came, not over what they mean', () => {
    const respaced = Buffer.from(signed.body.toString().replace(':', ': '));
    expect(channel.verify({ ...sign(event('seen')), body: respaced }).genuine).toBe(false);
  });
});

describe('a Viber keyboard', () => {
  type Sent = { min_api_version: number; keyboard: { Type: string; Buttons: Record<string, unknown>[] } };

  /** The keyboard as it goes out in a welcome, which has the form of a message. */
  function sent(...widths: (1 | 2 | 3 | 6)[]): Sent {
    const buttons = widths.map((width, i) => ({ label: `Так & <ні> ${i}`, reply: `v1:c:q:${i}`, width }));
    const opened = make('http://127.0.0.1:9').parse(sign(event('conversation_started', { user })));
    const reply = make('http://127.0.0.1:9').acknowledge(opened, { text: 'Вітаємо', keyboard: { buttons } });
    return json(reply.body) as Sent;
  }

  test('has silent replies for machines and escaped words for people', () => {
    const { keyboard, min_api_version } = sent(6);
    expect(min_api_version).toBe(6);
    expect(keyboard.Type).toBe('keyboard');
    expect(keyboard.Buttons).toEqual([
      expect.objectContaining({
        Columns: 6,
        Rows: 1,
        ActionType: 'reply',
        ActionBody: 'v1:c:q:0',
        Text: 'Так &amp; &lt;ні&gt; 0',
        Silent: true,
      }),
    ]);
  });

  const columns = (...widths: (1 | 2 | 3 | 6)[]): unknown[] =>
    sent(...widths).keyboard.Buttons.map((b) => b['Columns']);
  const many = (n: number, width: 1 | 2 | 3 | 6): (1 | 2 | 3 | 6)[] =>
    new Array<1 | 2 | 3 | 6>(n).fill(width);

  test.each([
    ['keeps widths that fit', columns(1, 1, 2, 3, 6), [1, 1, 2, 3, 6]],
    ['keeps twelve full rows', columns(...many(12, 6)), many(12, 6)],
    ['halves thirteen full rows', columns(...many(13, 6)), many(13, 3)],
    ['goes on to thirds', columns(...many(25, 6)), many(25, 2)],
    ['goes on to single columns', columns(...many(40, 3)), many(40, 1)],
    ['drops what no phone would show', columns(...many(80, 1)), many(72, 1)],
  ])('%s, since twelve rows are the most', (_label, actual, expected) => {
    expect(actual).toEqual(expected);
  });

  test('without buttons is no keyboard, and asks nothing of the phone', () => {
    expect(sent()).toEqual({ min_api_version: 1, sender: { name: 'ЦНАП' }, type: 'text', text: 'Вітаємо' });
  });
});

describe('a Viber bot', () => {
  async function withStub<T>(
    answer: StubAnswer,
    work: (channel: ViberBot, stub: StubCarrier) => Promise<T>,
  ): Promise<T> {
    const stub = await StubCarrier.start();
    stub.script(answer);
    const channel = make(stub.url);
    try {
      return await work(channel, stub);
    } finally {
      await channel.close();
      await stub.stop();
    }
  }
  const signal = new AbortController().signal;

  test('never sends a blank, which Viber would deliver', async () => {
    await withStub(answered(0), async (channel, stub) => {
      const outcome = await channel.send({ ...outgoing({ address: USER }), text: ' \n' }, signal);
      expect(outcome).toMatchObject({ outcome: 'rejected', scope: 'content' });
      expect(stub.requests).toHaveLength(0);
    });
  });

  test('welcomes only who opened the conversation, each with their own words', () => {
    const channel = make('http://127.0.0.1:9');
    const opened = channel.parse(sign(event('conversation_started', { user })));
    expect(json(channel.acknowledge(opened, { text: 'Перше' }).body)['text']).toBe('Перше');
    expect(json(channel.acknowledge(opened, { text: 'Друге' }).body)['text']).toBe('Друге');
    expect(channel.acknowledge(opened).body).toBe('');
    const wrote = channel.parse(sign(message({ type: 'text', text: 'ok' })));
    expect(channel.acknowledge(wrote, { text: 'Перше' }).body).toBe('');
  });

  test('registers its webhook without asking for names or photos', async () => {
    await withStub({ status: 200, body: '{"status":0,"event_types":[]}' }, async (channel, stub) => {
      expect(await channel.register(PUBLIC_URL, signal)).toEqual({ ok: true, detail: `Viber calls ${HOOK}` });
      expect(stub.requests[0]?.path).toBe('/pa/set_webhook');
      expect(json(stub.requests[0]?.body ?? '')).toEqual({ url: HOOK, send_name: false, send_photo: false });
    });
  });

  test.each<[string, StubAnswer, RegExp]>([
    ['a refused address', { status: 200, body: '{"status":1}' }, /invalidUrl.*https/],
    ['a wrong token', { status: 200, body: '{"status":2}' }, /invalidAuthToken/],
    ['a page', { status: 502, body: '<html>' }, /HTTP 502/],
    ['no answer', 'reset', /connection/],
  ])('tells what is wrong when registering meets %s', async (_label, answer, detail) => {
    await withStub(answer, async (channel) => {
      const result = await channel.register(PUBLIC_URL, signal);
      expect(result).toEqual({ ok: false, detail: expect.stringMatching(detail) });
    });
  });

  test.each<[string, StubAnswer, boolean, RegExp]>([
    [
      'a bot with a webhook',
      { status: 200, body: `{"status":0,"name":"ЦНАП","webhook":"${HOOK}"}` },
      true,
      /ЦНАП.*calls https/,
    ],
    ['a bot without one', { status: 200, body: '{"status":0,"name":"ЦНАП"}' }, false, /no webhook/],
    ['a wrong token', { status: 200, body: '{"status":2}' }, false, /invalidAuthToken/],
  ])('probes %s', async (_label, answer, ok, detail) => {
    await withStub(answer, async (channel) => {
      expect(await channel.probe(signal)).toEqual({ ok, detail: expect.stringMatching(detail) });
    });
  });

  test.each<[string, StubAnswer, boolean, RegExp]>([
    ['calls us', { status: 200, body: `{"status":0,"webhook":"${HOOK}"}` }, true, /calls https/],
    ['calls nobody', { status: 200, body: '{"status":0,"webhook":""}' }, false, /none instead of.*--fix/],
    ['calls another system', { status: 200, body: '{"status":0,"webhook":"https://test.example/hook"}' }, false, /another address, https:\/\/test\.example.*--fix/],
    ['has a wrong token', { status: 200, body: '{"status":2}' }, false, /invalidAuthToken/],
    ['does not answer', 'reset', false, /did not tell/],
  ])('tells without changing anything that it %s', async (_label, answer, ok, detail) => {
    await withStub(answer, async (channel, stub) => {
      expect(await channel.webhook(PUBLIC_URL, signal)).toEqual({ ok, detail: expect.stringMatching(detail) });
      expect(stub.requests.map(({ path }) => path)).toEqual(['/pa/get_account_info']);
    });
  }); // prettier-ignore

  test('without credentials is refused by name', () => {
    const empty = { authToken: '', senderName: 'x', chatUri: 'x', baseUrl: 'http://127.0.0.1:9' };
    expect(() => new ViberBot(empty, { concurrency: 1 })).toThrow(/VIBER_AUTH_TOKEN/);
  });
});
