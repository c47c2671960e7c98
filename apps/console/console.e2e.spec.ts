import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testConsole, type TestConsole } from './testing/console.js';

const now = new Date('2026-03-02T12:00:00Z');
const march = 'from=2026-03-01&to=2026-03-31';
let c: TestConsole;

beforeAll(async () => {
  c = await testConsole(now);
  await c.build.path({
    phone: '+380501112233',
    facts: { sent: true, opened: true, started: true, completed: true },
    answers: { quality: 5 },
  });
  await c.build.path({ phone: '+380671112244', centre: 'lviv-1', facts: { sent: true, delivered: true } });
  await c.build.path({ decision: { reason: 'no_phone' }, phone: null });
});
afterAll(() => c.close());

async function json<T>(response: Response | Promise<Response>): Promise<T> {
  return (await (await response).json()) as T;
}

describe('health', () => {
  test.each(['/healthz', '/readyz'])('%s answers strangers', async (path) => {
    expect((await c.as(undefined, path)).status).toBe(200);
  });
});

describe('reports', () => {
  test('rates over HTTP are those of the contract', async () => {
    const answer = await c.as('analyst', `/api/v1/reports/rates?${march}`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await json(answer)).toMatchObject({
      from: '2026-03-01',
      to: '2026-03-31',
      groups: [
        {
          by: {},
          counts: { I: 1, NC: 1 },
          rates: { RR2: 0.5 },
          interval: { rate: 'RR2', level: 0.95 },
          coverage: { visits: 3, invited: 2 },
        },
      ],
    });
  });

  test('a grouping and a filter are read from the address', async () => {
    const { groups } = await json<{ groups: { by: object; visits: number }[] }>(
      c.as('admin', `/api/v1/reports/ledger?${march}&by=centre,month&centre=lviv-1`),
    );
    expect(groups).toEqual([
      expect.objectContaining({ by: { centre: 'lviv-1', month: '2026-03' }, visits: 1 }),
    ]);
  });

  test('the funnel', async () => {
    const { groups } = await json<{ groups: { steps: object }[] }>(
      c.as('admin', `/api/v1/reports/funnel?${march}`),
    );
    expect(groups[0]?.steps).toMatchObject({ visits: 3, eligible: 2, invited: 2, completed: 1 });
  });

  test('scores and cost', async () => {
    const scores = await json<{ groups: { scores: object[] }[] }>(
      c.as('analyst', `/api/v1/reports/scores?${march}`),
    );
    expect(scores.groups[0]?.scores[0]).toMatchObject({ question: 'quality', hidden: true, n: null });
    expect(await json(c.as('analyst', `/api/v1/reports/cost?${march}`))).toMatchObject({
      groups: [{ answered: 1, sms: { parts: 0 } }],
    });
  });

  test('a wrong question is a problem document that names each wrong place', async () => {
    const answer = await c.as('admin', '/api/v1/reports/rates?from=2026-02-30&by=mood');
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = await json<{ code: string; errors: { at: string }[] }>(answer);
    expect(problem).toMatchObject({
      status: 400,
      code: 'request_invalid',
      type: 'urn:vidhuk:problem:request_invalid',
    });
    expect(problem.errors.map(({ at }) => at)).toEqual(expect.arrayContaining(['from', 'to', 'by.0']));
  });
});

describe('invitations', () => {
  interface Listed {
    items: { id: string; phone: string | null; centre: string; facts: string[]; disposition: object }[];
    next: string | null;
  }

  test('are paged by cursor, newest first, with masked numbers and their disposition', async () => {
    const first = await json<Listed>(c.as('operator', '/api/v1/invitations?limit=1'));
    expect(first.items).toEqual([
      expect.objectContaining({
        centre: 'lviv-1',
        phone: '+380••••••244',
        facts: ['sent', 'delivered'],
        disposition: { code: '2.20', letter: 'NC' },
      }),
    ]);
    const second = await json<Listed>(c.as('operator', `/api/v1/invitations?limit=1&cursor=${first.next}`));
    expect(second.items[0]).toMatchObject({ centre: 'kyiv-1', disposition: { code: '1.1', letter: 'I' } });
    expect(second.next).toBeNull();
  });

  test('never show a whole number, a code or a text', async () => {
    const text = await (await c.as('admin', '/api/v1/invitations')).text();
    expect(text).not.toMatch(/\+?380\d{6,}/);
    const { rows } = await c.db.query<{ code: string }>('select code from invitation');
    for (const { code } of rows) expect(text).not.toContain(code);
  });

  test('a filter keeps one centre', async () => {
    const { items } = await json<Listed>(
      c.as('admin', '/api/v1/invitations?centre=kyiv-1&from=2026-03-02&to=2026-03-02'),
    );
    expect(items.map(({ centre }) => centre)).toEqual(['kyiv-1']);
  });

  test.each(['bm90IGEgY3Vyc29y', 'id:1', '%00'])('the made-up cursor %s is refused', async (cursor) => {
    expect((await c.as('admin', `/api/v1/invitations?cursor=${cursor}`)).status).toBe(400);
  });

  test('have a timeline in the order in which things happened', async () => {
    const { invitationId } = await c.build.path({
      finishedAt: new Date('2026-02-20T09:00:00Z'),
      facts: { sent: true, opened: true },
      answers: { quality: 4, comment: 'дуже довго' },
    });
    const id = invitationId ?? '';
    const messageId = await c.build.message(id, {
      state: 'delivered',
      settled_at: now,
      accepted_at: new Date(now.getTime() - 1000),
      parts: 2,
      attempt: 2,
      claimed_by: 'w',
      claimed_at: new Date(now.getTime() - 2000),
    });
    await c.db.query(
      `insert into attempt (message_id, attempt, worker, claimed_at, finished_at, outcome) values ($1, 1, 'w', $2, $2, 'deferred')`,
      [messageId, new Date(now.getTime() - 3000)],
    );
    const answer = await c.as('operator', `/api/v1/invitations/${id}/timeline`);
    const { events } = await json<{ events: { what: string; at: string; detail: object }[] }>(answer.clone());
    expect(events.map(({ what }) => what)).toEqual([
      'visit_finished',
      'invited',
      'message_queued',
      'sent',
      'opened',
      'attempt',
      'attempt',
      'message_accepted',
      'message_delivered',
      'answer',
      'answer',
    ]);
    expect(events.filter(({ what }) => what === 'attempt').map(({ detail }) => detail)).toEqual([
      { message: Number(messageId), attempt: 1, outcome: 'deferred' },
      { message: Number(messageId), attempt: 2, outcome: 'accepted' },
    ]);
    expect(events.find(({ what }) => what === 'message_accepted')?.detail).toMatchObject({
      sender: 'twilio',
      parts: 2,
    });
    expect(await answer.text()).not.toContain('довго');
  });

  test.each([
    ['999999', 404, 'not_found'],
    ['0', 400, 'request_invalid'],
    ['abc', 400, 'request_invalid'],
  ])('the timeline of %s is %d', async (id, status, code) => {
    const answer = await c.as('admin', `/api/v1/invitations/${id}/timeline`);
    expect(answer.status).toBe(status);
    expect(await json(answer)).toMatchObject({ code });
  });
});

test('answers are exported as a file, to analysts too', async () => {
  const answer = await c.as('analyst', `/api/v1/exports/answers?${march}&format=jsonl`);
  expect(answer.headers.get('content-disposition')).toContain('answers-2026-03-01-2026-03-31.jsonl');
  const lines = (await answer.text()).trimEnd().split('\n');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ question: 'quality', value: 5 });
  expect((await c.as('analyst', `/api/v1/exports/answers?${march}&format=exe`)).status).toBe(400);
});

describe('lists', () => {
  test('campaigns, surveys and templates in force', async () => {
    for (const [list, key] of [
      ['campaigns', 'after-visit'],
      ['surveys', 'after-visit-survey'],
      ['templates', 'after-visit-invite'],
    ]) {
      const { items } = await json<{ items: { key: string; revision: number }[] }>(
        c.as('analyst', `/api/v1/${list}`),
      );
      expect(items).toEqual([expect.objectContaining({ key, revision: 1 })]);
    }
  });

  test('centres and senders', async () => {
    const { items } = await json<{ items: { code: string }[] }>(c.as('operator', '/api/v1/centres?limit=1'));
    expect(items).toHaveLength(1);
    expect(await json(c.as('operator', '/api/v1/senders'))).toMatchObject({ next: null });
  });
});

describe('users and tokens', () => {
  test('a token shows its secret once, works, and stops when revoked', async () => {
    const made = await c.as('admin', '/api/v1/tokens', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'dashboard', role: 'analyst', expiresAt: '2027-01-01T00:00:00Z' }),
    });
    expect(made.status).toBe(201);
    const { id, secret } = await json<{ id: string; secret: string }>(made);
    const authorization = `Bearer ${secret}`;
    const ask = () => c.as(undefined, `/api/v1/reports/rates?${march}`, { headers: { authorization } });
    expect((await ask()).status).toBe(200);
    expect(await (await c.as('admin', '/api/v1/tokens')).text()).not.toContain(secret);
    expect((await c.as('admin', `/api/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask()).status).toBe(401);
    expect((await c.as('admin', `/api/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(404);
  });

  test('a user is added, listed without the password hash, and removed', async () => {
    const body = JSON.stringify({
      email: 'new@example.ua',
      password: 'long enough for this',
      role: 'operator',
    });
    const post = () =>
      c.as('admin', '/api/v1/users', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    const { id } = await json<{ id: string }>(post());
    expect((await post()).status).toBe(409);
    const listed = await (await c.as('admin', '/api/v1/users')).text();
    expect(listed).toContain('new@example.ua');
    expect(listed).not.toMatch(/hash|scrypt/);
    expect((await c.as('admin', `/api/v1/users/${id}`, { method: 'DELETE' })).status).toBe(204);
  });
});

describe('the description', () => {
  test('names every route of the API and its parameters', async () => {
    const document = await json<{
      openapi: string;
      paths: Record<string, Record<string, { parameters?: { name: string }[] }>>;
    }>(c.as(undefined, '/api/v1/openapi.json'));
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/reports/rates',
        '/api/v1/invitations/{id}/timeline',
        '/api/v1/tokens',
        '/api/v1/centres',
      ]),
    );
    expect(Object.keys(document.paths)).not.toContain('/sign-in');
    const names = document.paths['/api/v1/reports/rates']?.['get']?.parameters?.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['from', 'to', 'by', 'centre', 'campaign']));
  });

  test('is readable, with its own files only', async () => {
    const page = await (await c.as(undefined, '/api/docs')).text();
    const assets = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '');
    expect(assets.length).toBeGreaterThan(3);
    expect(page).not.toMatch(/https?:\/\//);
    for (const asset of assets) expect((await c.as(undefined, asset)).status).toBe(200);
  });
});

describe('what is refused', () => {
  test.each([
    ['nobody', undefined, `/api/v1/reports/rates?${march}`, 401, 'not_signed_in'],
    ['an operator in reports', 'operator', `/api/v1/reports/rates?${march}`, 403, 'role_not_allowed'],
    ['an analyst in invitations', 'analyst', '/api/v1/invitations', 403, 'role_not_allowed'],
    ['an address that does not exist', 'admin', '/api/v1/nothing', 404, 'not_found'],
  ] as const)('%s', async (_, role, path, status, code) => {
    const answer = await c.as(role, path);
    expect(answer.status).toBe(status);
    expect(await json(answer)).toMatchObject({ status, code });
  });

  test('a body from a stranger is refused before it is read', async () => {
    const answer = await c.as(undefined, '/api/v1/tokens', { method: 'POST', body: 'x'.repeat(1_000_000) });
    expect(answer.status).toBe(401);
  });

  test.each([
    ['not JSON', '{', 'application/json', 400],
    ['another type', 'a: 1', 'application/yaml', 415],
    ['a prototype', '{"__proto__": {"role": "admin"}}', 'application/json', 400],
  ])('a body that is %s', async (_, body, type, status) => {
    const answer = await c.as('admin', '/api/v1/tokens', {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/problem\+json/);
  });

  test('a fault of ours tells nothing and is logged', async () => {
    await c.db.query('alter table sender rename to sender_gone');
    const answer = await c.as('admin', '/api/v1/senders');
    await c.db.query('alter table sender_gone rename to sender');
    expect(answer.status).toBe(500);
    expect(await json(answer)).toEqual({
      type: 'urn:vidhuk:problem:internal',
      title: 'Something went wrong on our side; it was written to the log.',
      status: 500,
      code: 'internal',
    });
    expect(c.log.join('\n')).toMatch(/request_failed.*sender/);
  });
});

test('every answer carries the security headers', async () => {
  for (const path of ['/sign-in', '/api/v1/centres', '/nowhere']) {
    const { headers } = await c.as(undefined, path);
    expect(headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});
