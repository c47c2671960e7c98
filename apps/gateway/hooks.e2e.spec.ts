import { createHash, createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isSuppressed } from '#contacts/suppression.sql';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { PUBLIC_URL, testGateway, type TestGateway } from '#testkit/gateway';
import { ReplyDesk } from '#testkit/reply-desk';

const TWILIO_TOKEN = '0123456789abcdef0123456789abcdef';
const ACCOUNT = `AC${'1'.repeat(32)}`;
const VIBER_TOKEN = 'viber-token';
const TURBOSMS_TOKEN = 'turbosms-token';
const USER = '01234567890A=';

let t: TestDatabase;
let desk: ReplyDesk;
let gateway: TestGateway;
beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  gateway = await testGateway(t, desk, {
    env: {
      TWILIO_ACCOUNT_SID: ACCOUNT,
      TWILIO_AUTH_TOKEN: TWILIO_TOKEN,
      TWILIO_FROM: '+380500000000',
      VIBER_AUTH_TOKEN: VIBER_TOKEN,
      VIBER_SENDER_NAME: 'Центр',
      VIBER_CHAT_URI: 'centre',
      TURBOSMS_TOKEN,
      TURBOSMS_SMS_SENDER: 'Rada',
    },
  });
});
afterAll(async () => {
  await gateway.close();
  await t.drop();
});

interface Answered {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

async function call(path: string, body: string, headers: Record<string, string>): Promise<Answered> {
  const response = await fetch(gateway.url + path, { method: 'POST', body, headers });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

/** A call as Twilio makes it: signed over the public address and the sorted fields. */
function twilio(path: string, fields: Record<string, string>, token = TWILIO_TOKEN): Promise<Answered> {
  const all = { AccountSid: ACCOUNT, ApiVersion: '2010-04-01', ...fields } as Record<string, string>;
  const signed = PUBLIC_URL + path + Object.keys(all).sort().map((name) => name + all[name]).join('');
  return call(path, new URLSearchParams(all).toString(), {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-twilio-signature': createHmac('sha1', token).update(signed).digest('base64'),
  });
} // prettier-ignore

function viber(event: object, token = VIBER_TOKEN): Promise<Answered> {
  const body = JSON.stringify(event).replace(/"token(\d+)"/g, '$1');
  return call('/hooks/viber', body, {
    'content-type': 'application/json',
    'x-viber-content-signature': createHmac('sha256', token).update(body).digest('hex'),
  });
}

function turbosms(id: string, data: object): Promise<Answered> {
  const signature = createHash('sha1')
    .update(TURBOSMS_TOKEN + id)
    .digest('hex');
  const body = JSON.stringify({
    id,
    signature,
    type: 'DLR_SMS_API',
    date: '2026-03-02 10:00:02',
    try: 1,
    data,
  });
  return call('/hooks/turbosms', body, { 'content-type': 'application/json' });
}

const inbound = (sid: string, from: string, text: string, more: Record<string, string> = {}): Promise<Answered> =>
  twilio('/hooks/twilio/inbound', { MessageSid: sid, SmsSid: sid, From: from, To: '+380500000000', Body: text, NumMedia: '0', ...more }); // prettier-ignore
const factsOf = async (): Promise<number> =>
  Number((await desk.row<{ n: string }>('select count(*) as n from carrier_fact')).n);

describe('Twilio', () => {
  test('a text becomes an answer before the call is acknowledged', async () => {
    const { phone, invitationId } = await desk.invite();
    const answer = await inbound('SM1', phone, 'П’ять, дякую!');
    expect(answer).toEqual({ status: 200, type: expect.stringMatching(/^text\/xml/) as unknown, body: expect.stringContaining('<Response/>') as unknown });
    expect(await desk.answers(invitationId)).toEqual({ quality: 5 });
    expect(await desk.sendAll(invitationId)).toEqual(['question:recommend']);
  }); // prettier-ignore

  test('a stop holds when the call is acknowledged', async () => {
    const { phone } = await desk.invite();
    await inbound('SM2', phone, 'СТОП');
    expect(await isSuppressed(t.db, desk.builders.vault.phoneHash(phone), 'sms')).toBe(true);
  });

  test('a receipt with our message id in the address moves the message', async () => {
    const { messageId } = await desk.invite();
    const status = (word: string): Promise<Answered> =>
      twilio(`/hooks/twilio/status?m=${messageId}`, {
        MessageSid: 'SMr',
        MessageStatus: word,
        To: '+380671112233',
      });
    expect((await status('sent')).status).toBe(200);
    expect((await status('delivered')).status).toBe(200);
    await applied();
    expect(await desk.row('select state from message where id = $1', messageId)).toEqual({
      state: 'delivered',
    });
  });

  test('hundreds of receipts at once are all stored', async () => {
    const sent = await Promise.all(Array.from({ length: 20 }, () => desk.invite()));
    const before = await factsOf();
    const words = ['sent', 'delivered'];
    const calls = sent.flatMap(({ messageId }) =>
      words.map((word) => twilio(`/hooks/twilio/status?m=${messageId}`, { MessageSid: `SMx${messageId}`, MessageStatus: word })),
    );
    expect((await Promise.all(calls)).every(({ status }) => status === 200)).toBe(true);
    expect(await factsOf()).toBe(before + 40);
    await applied();
    const { rows } = await t.db.query('select distinct state from message where id = any($1::bigint[])', [sent.map(({ messageId }) => messageId)]);
    expect(rows).toEqual([{ state: 'delivered' }]);
  }); // prettier-ignore
});

describe('Viber', () => {
  test('a deep link opened is welcomed with the first question, again and again', async () => {
    const { code, contactId } = await desk.invite();
    const opened = {
      event: 'conversation_started', timestamp: desk.clock.now().getTime(), message_token: 'token5741311803571721087',
      type: 'open', context: code, subscribed: false, user: { id: USER, language: 'uk', api_version: 10 },
    }; // prettier-ignore
    const first = await viber(opened);
    expect(first).toMatchObject({ status: 200, type: 'application/json' });
    const welcome = JSON.parse(first.body) as {
      text: string;
      keyboard: { Buttons: { ActionBody: string }[] };
    };
    expect(welcome.text).toContain('Як Вас обслужили?');
    expect(welcome.keyboard.Buttons[0]?.ActionBody).toBe(`v1:${code}:quality:1`);
    expect(await viber(opened)).toEqual(first);
    expect(await desk.row('select contact_id from viber_subscriber where user_id = $1', USER)).toEqual({
      contact_id: contactId,
    });
  });

  test('a pressed button is the answer', async () => {
    const { code, invitationId } = await desk.invite();
    const message = { type: 'text', text: `v1:${code}:quality:3` };
    await viber({ event: 'message', timestamp: desk.clock.now().getTime(), message_token: 'token57', sender: { id: USER }, message });
    expect(await desk.answers(invitationId)).toEqual({ quality: 3 });
  }); // prettier-ignore

  test('the check of the webhook is answered', async () => {
    expect((await viber({ event: 'webhook', timestamp: 1, message_token: 'token1' })).status).toBe(200);
  });
});

describe('fifty copies of one call at once, then one more, make one fact', () => {
  interface Invited {
    readonly messageId: string;
    readonly phone: string;
  }
  const receiptOf = ({ messageId }: Invited): Promise<Answered> =>
    twilio(`/hooks/twilio/status?m=${messageId}`, { MessageSid: 'SMcopied', MessageStatus: 'delivered', To: '+380671112233' });
  const dlr = { message_id: '8f6c-copied', status: 'DELIVRD', dlr_date: '2026-03-02 10:00:01', recipient: '380671112233' };
  const event = (name: string, token: string, more: object): object =>
    ({ event: name, timestamp: desk.clock.now().getTime(), message_token: token, ...more });

  test.each<[string, (invited: Invited) => Promise<Answered>]>([
    ['a receipt of Twilio', receiptOf],
    ['a text through Twilio', ({ phone }) => inbound('SMtext', phone, '4')],
    ['a receipt of Viber', () => viber(event('delivered', 'token5741311803571721097', { user_id: USER }))],
    ['a text through Viber', () => viber(event('message', 'token5741311803571721098', { sender: { id: USER }, message: { type: 'text', text: 'Добрий день' } }))],
    ['a receipt of TurboSMS', () => turbosms('evt-copied', dlr)],
  ])('%s', async (_what, copy) => {
    const invited = await desk.invite();
    const before = await factsOf();
    const answers = await Promise.all(Array.from({ length: 50 }, () => copy(invited)));
    answers.push(await copy(invited));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await factsOf()).toBe(before + 1);
  });

  test('and it is applied once', async () => {
    const { phone, invitationId } = await desk.invite();
    await Promise.all(Array.from({ length: 50 }, () => inbound('SMsame', phone, '4')));
    expect(await desk.answers(invitationId)).toEqual({ quality: 4 });
    expect(await desk.sendAll(invitationId)).toEqual(['question:recommend']);
  });
}); // prettier-ignore

describe('whoever else calls', () => {
  test('a wrong signature is refused, counted and stores nothing', async () => {
    const before = await factsOf();
    const { phone } = await desk.invite();
    const fields = { MessageSid: 'SMforged', From: phone, To: '+380500000000', Body: 'стоп' };
    expect((await twilio('/hooks/twilio/inbound', fields, 'wrong')).status).toBe(403);
    expect((await viber({ event: 'message' }, 'wrong')).status).toBe(403);
    expect((await call('/hooks/viber', '{}', {})).status).toBe(403);
    expect(await factsOf()).toBe(before);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain('vidhuk_webhook_forged_total{sender="twilio"} 1');
    expect(metrics).toContain('vidhuk_webhook_forged_total{sender="viber"} 2');
    expect(JSON.stringify(gateway.logged)).not.toContain(phone.slice(1));
  });

  test('the address that counts is the public one, not the Host of the call', async () => {
    const path = '/hooks/twilio/status?m=1';
    const fields = { MessageSid: 'SMhost', MessageStatus: 'sent', AccountSid: ACCOUNT, ApiVersion: '2010-04-01' };
    const signed = gateway.url + path + Object.keys(fields).sort().map((name) => name + fields[name as keyof typeof fields]).join('');
    const answer = await call(path, new URLSearchParams(fields).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': createHmac('sha1', TWILIO_TOKEN).update(signed).digest('base64'),
    });
    expect(answer.status).toBe(403);
  }); // prettier-ignore

  test.each([
    '/hooks/nobody',
    '/hooks/nobody/inbound',
    '/hooks/twilio/other',
    '/hooks/turbosms-viber',
    '/hooks/constructor',
  ])('%s is not there', async (path) => {
    expect((await call(path, 'a=b', {})).status).toBe(404);
  });

  test('a body beyond all measure is refused before anything is computed', async () => {
    expect((await call('/hooks/viber', 'a'.repeat(200_000), {})).status).toBe(413);
  });

  test('a body that proves too large on the way is refused as well, and the connection goes on to its end', async () => {
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let i = 0; i < 20; i++) controller.enqueue(Buffer.alloc(16 * 1024, 'a'));
        controller.close();
      },
    });
    const streamed = { method: 'POST', body: pieces, duplex: 'half' } as RequestInit;
    const answer = await fetch(`${gateway.url}/hooks/viber`, streamed);
    expect([answer.status, answer.headers.get('connection')]).toEqual([413, 'close']);
  });

  test('a caller that goes away in the middle of its body harms nobody', async () => {
    const leaving = new AbortController();
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(Buffer.from('a=1&'));
        leaving.abort();
      },
    });
    const call_ = { method: 'POST', body: endless, duplex: 'half', signal: leaving.signal } as RequestInit;
    await expect(fetch(`${gateway.url}/hooks/twilio/status`, call_)).rejects.toThrow();
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  });

  test('answers to carriers tell a browser to do nothing with them', async () => {
    const { headers } = await fetch(`${gateway.url}/hooks/viber`, { method: 'POST', body: '{}' });
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('odd calls of the carrier itself are kept and never answered with a fault', async () => {
    for (const event of [{}, { event: 'client_status', message_token: 'token9' }, { event: 'message', message_token: 'token8' }]) {
      expect((await viber(event)).status).toBe(200);
    }
    expect((await twilio('/hooks/twilio/inbound', {})).status).toBe(200);
  }); // prettier-ignore
});

test('facts that cannot be stored are not acknowledged', async () => {
  const { phone } = await desk.invite();
  await t.db.query('alter table carrier_fact rename to carrier_fact_away');
  try {
    expect((await inbound('SMaway', phone, '5')).status).toBe(500);
  } finally {
    await t.db.query('alter table carrier_fact_away rename to carrier_fact');
  }
  expect((await inbound('SMaway', phone, '5')).status).toBe(200);
});

describe('with a full disk of the database', () => {
  beforeEach(() => fullDisk(true));
  afterEach(() => fullDisk(false));

  test.each<[string, (phone: string, messageId: string) => Promise<Answered>]>([
    ['a text', (phone) => inbound('SMfull-text', phone, 'СТОП')],
    ['a receipt', (_, messageId) => twilio(`/hooks/twilio/status?m=${messageId}`, { MessageSid: 'SMfull', MessageStatus: 'delivered' })],
    ['a press in Viber', () => viber({ event: 'subscribed', timestamp: 1, message_token: 'token5741311803571721500', user: { id: USER } })],
    ['a receipt of TurboSMS', () => turbosms('evt-full', { message_id: '8f6c-full', status: 'DELIVRD', dlr_date: '2026-03-02 10:00:01', recipient: '380671112233' })],
  ])('%s is not acknowledged but put off, and taken once there is room', async (_, come) => {
    const { phone, messageId } = await desk.invite();
    const before = await factsOf();
    const refused = await come(phone, messageId);
    expect([refused.status, refused.body]).toEqual([503, '{"status":503}']);
    expect(await factsOf()).toBe(before);
    await fullDisk(false);
    expect((await come(phone, messageId)).status).toBe(200);
    expect(await factsOf()).toBe(before + 1);
  });
}); // prettier-ignore

/** Facts fail to be inserted as they do when PostgreSQL's disk is full, or no longer. */
async function fullDisk(full: boolean): Promise<void> {
  await t.db.query(`drop trigger if exists disk_full on carrier_fact`);
  if (!full) return;
  await t.db.query(
    `create or replace function disk_full() returns trigger language plpgsql as $$ begin
       raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
     create trigger disk_full before insert on carrier_fact for each row execute function disk_full()`,
  );
}

/** Receipts are applied behind the answer; this waits on the row itself. */
async function applied(): Promise<void> {
  for (;;) {
    const { n } = await desk.row<{ n: string }>('select count(*) as n from carrier_fact where applied_at is null and message_id is not null');
    if (n === '0') return;
    await new Promise((resolve) => setImmediate(resolve));
  }
} // prettier-ignore
