import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { auditTally } from '#access/audit.sql';
import { DOUBT_RECORDED } from '#dispatch/doubt';
import type { Role } from '#store/entities';
import { testConsole, type TestConsole } from '../testing/console.js';
import type { Doubt } from './doubt-desk.js';

const now = new Date('2026-03-02T12:00:00Z');
const PHONE = '+380671112233';
const REASON = "the carrier's console does not list it";

let c: TestConsole;
let id: string;
beforeAll(async () => {
  c = await testConsole(now);
});
afterAll(() => c.close());
beforeEach(async () => {
  id = await doubtful();
});

/** An invite that was begun to be sent a minute ago, and of which nothing was heard. */
async function doubtful(
  over: Record<string, unknown> = {},
  { centre = 'kyiv-1', phone = PHONE } = {},
): Promise<string> {
  const { invitationId } = await c.build.path({ centre, phone, facts: {} });
  const claimed = { attempt: 1, claimed_by: 'w', claimed_at: new Date(now.getTime() - 60_000) };
  const message = { state: 'uncertain', reason: 'worker_lost', ...claimed, ...over };
  return c.build.message(invitationId ?? '', message);
}

async function list(query = '', as: Role = 'operator'): Promise<Doubt[]> {
  const answer = await c.as(as, `/api/v1/messages${query}`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { items: Doubt[] }).items;
}
const decide = (of: string, body: object, as: Role = 'operator'): Promise<Response> =>
  c.as(as, `/api/v1/messages/${of}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const message = async (of: string): Promise<Record<string, unknown>> =>
  (await c.db.query('select * from message where id = $1', [of])).rows[0] as Record<string, unknown>;
const code = async (answer: Response): Promise<[number, string]> => [answer.status, ((await answer.json()) as { code: string }).code]; // prettier-ignore

describe('the list', () => {
  test('names what is in doubt with its centre and a masked number, and nothing else', async () => {
    await doubtful({ state: 'accepted', accepted_at: now, reason: null });
    const abandoned = await doubtful({ state: 'abandoned', settled_at: now, reason: 'unknown_outcome' });
    const found = (await list()).find((one) => one.id === id);
    expect(found).toMatchObject({
      state: 'uncertain', reason: 'worker_lost', kind: 'invite', channel: 'sms', centre: 'kyiv-1', attempt: 1,
      sentAt: new Date(now.getTime() - 60_000).toISOString(),
    }); // prettier-ignore
    expect(found?.phone).toMatch(/^\+380.*33$/);
    expect(JSON.stringify(await list())).not.toContain('671112233');
    expect(new Set((await list()).map(({ state }) => state))).toEqual(new Set(['uncertain']));
    expect((await list('?state=abandoned')).map((one) => one.id)).toEqual([abandoned]);
  });

  test('of one centre shows that centre, and another finds nothing to decide on', async () => {
    const foreign = await doubtful({}, { centre: 'lviv-1' });
    const headers = { authorization: `Bearer ${await c.scopedTo('operator', ['kyiv-1'])}` };
    const answer = await c.as(undefined, '/api/v1/messages', { headers });
    const { items } = (await answer.json()) as { items: Doubt[] };
    expect(items.map((one) => one.id)).toContain(id);
    expect(items.map((one) => one.id)).not.toContain(foreign);
    const refused = await c.as(undefined, `/api/v1/messages/${foreign}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ action: 'abandon', reason: REASON }),
    });
    expect(await code(refused)).toEqual([404, 'not_found']);
    expect((await message(foreign))['state']).toBe('uncertain');
  });

  test('is read through its index, however many messages there are', async () => {
    const plan = await c.db.transaction(async (tx) => {
      await tx.query('set local enable_seqscan = off');
      const { rows } = await tx.query<{ 'QUERY PLAN': string }>(
        `explain select id from message where standing = 'abandoned' order by id desc limit 50`,
      );
      return rows.map((row) => row['QUERY PLAN']).join();
    });
    expect(plan).toContain('message_abandoned');
  });
});

describe('a decision', () => {
  test('to send again puts the message back into the queue, under its window and deadline, and is recorded', async () => {
    const before = await message(id);
    expect((await decide(id, { action: 'resend', reason: REASON })).status).toBe(204);
    expect(await message(id)).toMatchObject({
      state: 'queued', reason: 'operator', due_at: now, attempt: 1,
      closes_at: before['closes_at'], not_after: before['not_after'],
    }); // prettier-ignore
    const { rows } = await c.db.query(
      `select actor_name, action, after from audit_entry where subject_kind = 'message' and subject_id = $1`,
      [id],
    );
    expect(rows).toEqual([
      { actor_name: 'operator', action: 'message.resent', after: expect.objectContaining({ reason: REASON }) as object },
    ]); // prettier-ignore
  });

  test('keeps no number in its reason, however it was written', async () => {
    await decide(id, { action: 'abandon', reason: 'called them at 067 111 22 33, nothing came' });
    const { rows } = await c.db.query<{ reason: string }>(
      `select after ->> 'reason' as reason from audit_entry where subject_kind = 'message' and subject_id = $1`,
      [id],
    );
    expect(rows).toEqual([{ reason: 'called them at […], nothing came' }]);
  });

  test('is counted where metrics look for it', async () => {
    await decide(id, { action: 'resend', reason: REASON });
    const tally = await auditTally(c.db, Object.values(DOUBT_RECORDED), 'sender');
    const sender = (await message(id))['sender'];
    expect(tally).toContainEqual(expect.objectContaining({ action: 'message.resent', value: sender }));
  });

  test('to give up ends the message at once', async () => {
    expect((await decide(id, { action: 'abandon', reason: REASON }, 'admin')).status).toBe(204);
    expect(await message(id)).toMatchObject({ state: 'abandoned', reason: 'operator', settled_at: now });
  });

  test.each([
    ['that is said without a reason', { action: 'resend' }, 'request_invalid', 400],
    ['that does not exist', { action: 'retry', reason: REASON }, 'request_invalid', 400],
  ])('%s is refused, and nothing happens', async (_, body, problem, status) => {
    expect(await code(await decide(id, body))).toEqual([status, problem]);
    expect((await message(id))['state']).toBe('uncertain');
  });

  test('by an analyst is refused', async () => {
    expect((await decide(id, { action: 'abandon', reason: REASON }, 'analyst')).status).toBe(403);
  });

  test('comes too late when a receipt ended the doubt, and changes nothing', async () => {
    await c.db.query(`update message set state = 'delivered', settled_at = $2 where id = $1`, [id, now]);
    expect(await code(await decide(id, { action: 'resend', reason: REASON }))).toEqual([
      409,
      'message_state',
    ]);
    expect((await message(id))['state']).toBe('delivered');
  });

  test('to send what is too late to be sent is refused; giving up is not', async () => {
    await c.db.query('update message set not_after = $2 where id = $1', [id, now]);
    expect(await code(await decide(id, { action: 'resend', reason: REASON }))).toEqual([
      409,
      'message_expired',
    ]);
    expect((await decide(id, { action: 'abandon', reason: REASON })).status).toBe(204);
  });

  test('made twice at once is carried out once', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => decide(id, { action: 'resend', reason: REASON })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409, 409, 409]);
  });
});

test.each([
  ['nothing', ''],
  ['too little', ' so  '],
  ['too much', 'x'.repeat(201)],
])('a reason that says %s is refused alike by API and page', async (_, reason) => {
  expect((await decide(id, { action: 'abandon', reason })).status).toBe(400);
  const page = await c.as('operator', `/doubts/${id}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ action: 'abandon', reason }),
  });
  expect([page.status, await page.text()]).toEqual([
    400,
    expect.stringMatching(/role="alert">[^<]*5[^<]*200/),
  ]);
  expect((await message(id))['state']).toBe('uncertain');
});

describe('the page', () => {
  const form = (of: string, fields: Record<string, string>): Promise<Response> =>
    c.as('operator', `/doubts/${of}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields),
    });

  test('shows what is in doubt, takes a decision, and says what is missing', async () => {
    const shown = await (await c.as('operator', '/doubts')).text();
    expect(shown).toContain(`/doubts/${id}`);
    expect(shown).not.toContain('671112233');
    const missing = await form(id, { action: 'resend', reason: '' });
    expect([missing.status, (await missing.text()).includes('role="alert"')]).toEqual([400, true]);
    expect((await form(id, { action: 'abandon', reason: REASON })).status).toBe(303);
    expect((await message(id))['state']).toBe('abandoned');
    const late = await form(id, { action: 'resend', reason: REASON });
    expect([late.status, (await late.text()).includes('role="alert"')]).toEqual([409, true]);
  });
});
