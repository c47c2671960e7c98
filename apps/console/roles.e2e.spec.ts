import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ROLES } from '#access/users';
import { AnswerBook } from '#replies/answer-book';
import { SurveyShelf } from '#replies/survey-shelf';
import type { Role } from '#store/entities';
import { consoleApp } from './main.js';
import { testConsole, type TestConsole } from './testing/console.js';
import { routesOf, type Route } from './testing/routes.js';

const now = new Date('2026-03-02T12:00:00Z');
const later = new Date('2026-03-03T12:00:00Z');
const march = 'from=2026-03-01&to=2026-03-31';
let c: TestConsole;
let app: NestFastifyApplication;
let routes: Route[];
let closed: Route[];
/** An invitation of each centre. */
let own: string;
let foreign: string;
/** What belongs to the other centre, by the part of an address before its id: a new kind of thing needs one here. */
let foreignIds: Readonly<Record<string, string>>;

beforeAll(async () => {
  c = await testConsole(now);
  const campaign = await c.build.campaign('scope', [
    { key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Як?' }, alertAtMost: 2 },
  ]);
  const spec = { campaign, facts: { sent: true, delivered: true } } as const;
  own = (await c.build.path({ centre: 'own-1', ...spec })).invitationId ?? '';
  foreign = (await c.build.path({ centre: 'foreign-1', ...spec })).invitationId ?? '';
  for (const id of [own, foreign]) {
    const answers = [{ questionKey: 'quality', value: 1 }];
    const book = new AnswerBook(c.db, c.build.vault, new SurveyShelf());
    await book.save(id, answers, { via: 'page', at: now });
  }
  const { rows } = await c.db.query<{ id: string }>('select id from service_case where invitation_id = $1', [
    foreign,
  ]);
  const inDoubt = { state: 'uncertain', attempt: 1, claimed_by: 'w', claimed_at: now, not_after: later };
  const doubtAbout = (id: string, ordinal: number): Promise<string> =>
    c.build.message(id, { ...inDoubt, ordinal });
  // Two to be decided about, and one of each centre that stays in the list.
  const [doubt, another] = [await doubtAbout(foreign, 1), await doubtAbout(foreign, 2)];
  for (const id of [own, foreign]) await doubtAbout(id, 3);
  foreignIds = { invitations: foreign, cases: rows[0]?.id ?? '', messages: doubt, doubts: another };
  app = await consoleApp(c.running);
  routes = routesOf(app);
  closed = routes.filter(({ audience }) => audience !== 'anyone');
});
afterAll(async () => {
  await app.close();
  await c.close();
});

/** What a route needs in its address to answer with rows. */
function addressOf({ path }: Route, id: string): string {
  const filled = path.replace(':locale', 'uk').replace(/:\w+/g, id);
  if (path === '/monthly') return `${filled}?centre=${id}&month=2026-03`;
  if (path.endsWith('/flags')) return `${filled}?${march}`;
  return /\/reports\/|\/exports\//.test(path) ? `${filled}?${march}` : filled;
}

/** A body that the route takes, so that the answer is about the thing and not about the form. */
const BODIES: Readonly<Record<string, string>> = {
  'POST /api/v1/cases/:id': '{"action":"take"}',
  'POST /cases/:id': '{"action":"take"}',
  'POST /api/v1/messages/:id': '{"action":"abandon","reason":"not listed"}',
  'POST /doubts/:id': '{"action":"abandon","reason":"not listed"}',
  'POST /api/v1/invitations/:id/phone': '{"reason":"call back"}',
};

const narrowedList = ({ method, path, scope }: Route): boolean =>
  method === 'GET' && scope === 'narrowed' && !path.includes(':');
const isReport = ({ path }: Route): boolean => /\/reports\/|\/exports\//.test(path);

async function ask(
  route: Route,
  who: { role?: Role; bearer?: string },
  id = '424242',
): Promise<{ status: number; code: string; text: string }> {
  const answer = await c.as(who.role, addressOf(route, id), {
    method: route.method,
    headers: {
      ...(who.bearer !== undefined && { authorization: `Bearer ${who.bearer}` }),
      ...(/POST|PATCH|PUT/.test(route.method) && { 'content-type': 'application/json' }),
    },
    ...(/POST|PATCH|PUT/.test(route.method) && { body: BODIES[route.key] ?? '{}' }),
  });
  const text = await answer.text();
  return { status: answer.status, code: /"code":"(\w+)"/.exec(text)?.[1] ?? '', text };
}

describe('every route', () => {
  test('is found by the walk', () => {
    expect(routes.length).toBeGreaterThan(20);
    expect(routes.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/', '/healthz', '/api/v1/reports/rates', '/api/v1/tokens/:id', '/sign-out']),
    );
  });

  test('has a declared audience', () => {
    expect(routes.filter(({ audience }) => audience === undefined).map(({ key }) => key)).toEqual([]);
  });

  test('says what it does for people who see some centres only, unless it is for administrators', () => {
    const undeclared = closed.filter(
      ({ audience, scope }) => scope === undefined && (audience ?? []).toString() !== 'admin',
    );
    expect(undeclared.map(({ key }) => key)).toEqual([]);
  });

  test('that is open to strangers is one of these', () => {
    const open = routes.filter(({ audience }) => audience === 'anyone').map(({ key }) => key);
    expect(open.sort()).toEqual([
      'GET /api/docs',
      'GET /api/v1/openapi.json',
      'GET /assets/:name',
      'GET /healthz',
      'GET /locale/:locale',
      'GET /readyz',
      'GET /sign-in',
      'GET /sign-in/code',
      'GET /sign-in/provider',
      'GET /sign-in/provider/return',
      'POST /sign-in',
      'POST /sign-in/code',
    ]);
  });

  test('that changes something is recorded, but for these', () => {
    const unrecorded = routes.filter(({ unrecorded }) => unrecorded !== undefined).map(({ key }) => key);
    expect(unrecorded.sort()).toEqual([
      'POST /account/events',
      'POST /account/password/strength',
      'POST /api/v1/simulate',
      'POST /api/v1/templates/preview',
      'POST /api/v1/visits',
      'POST /sign-in',
      'POST /sign-in/code',
      'POST /texts',
    ]);
  });
});

describe('over HTTP', () => {
  test('strangers are turned away from every route that is not open', async () => {
    for (const route of closed) {
      const { status } = await ask(route, {});
      // A page sends a stranger to sign in; everything else says 401.
      expect([route.key, status]).toEqual([route.key, status === 303 ? 303 : 401]);
    }
  });

  test.each(ROLES.map((role) => [role]))(
    '%s comes in where the route says so and nowhere else',
    async (role) => {
      for (const route of closed) {
        const allowed = (route.audience as readonly Role[]).includes(role);
        const { status } = await ask(route, { role });
        expect([route.key, status === 403]).toEqual([route.key, !allowed]);
        expect(status).not.toBe(401);
        expect(status).toBeLessThan(500);
      }
    },
  );

  describe.each(['analyst', 'operator'] as const)('%s of one centre', (role) => {
    let bearer: string;
    beforeAll(async () => {
      bearer = await c.scopedTo(role, ['own-1']);
    });

    test('comes in where the role may, sees their own centre and nothing of another', async () => {
      for (const route of closed) {
        const allowed = (route.audience as readonly Role[]).includes(role);
        const answer = await ask(route, { bearer });
        expect([route.key, answer.status === 403]).toEqual([
          route.key,
          !allowed || route.scope === undefined || route.scope === 'closed',
        ]);
        expect([route.key, answer.text.includes('foreign-1')]).toEqual([route.key, false]);
      }
    });

    test('finds nothing under the id of what belongs to another centre', async () => {
      const byId = closed.filter(
        ({ path, audience, scope }) =>
          path.includes('/:id') && scope === 'narrowed' && (audience as readonly Role[]).includes(role),
      );
      for (const route of byId) {
        const kind = route.path.split('/:id')[0]?.split('/').at(-1) ?? '';
        const id = foreignIds[kind] ?? `no ${kind} of another centre`;
        const answer = await ask(route, { bearer }, id);
        expect([route.key, answer.status]).toEqual([route.key, 404]);
        expect(answer.text).not.toContain('foreign-1');
        // It is there for who sees every centre.
        expect([route.key, (await ask(route, { role: 'admin' }, id)).status < 400]).toEqual([
          route.key,
          true,
        ]);
      }
    });
  });

  test('each narrowed list and page holds the other centre for who sees all, and only then', async () => {
    // No sign of made-up records is in this data: `visits.e2e.spec.ts` narrows those.
    const narrowedLists = closed.filter((one) => narrowedList(one) && !isReport(one) && !one.path.endsWith('/flags')); // prettier-ignore
    expect(narrowedLists.length).toBeGreaterThan(8);
    for (const route of narrowedLists) {
      const all = await ask(route, { role: 'admin' }, 'foreign-1');
      const role = (route.audience as readonly Role[]).find((one) => one !== 'admin') ?? 'admin';
      const mine = await ask(route, { bearer: await c.scopedTo(role, ['own-1']) }, 'own-1');
      expect([route.key, all.text.includes('foreign-1')]).toEqual([route.key, true]);
      expect([route.key, mine.text.includes('own-1')]).toEqual([route.key, true]);
      expect([route.key, mine.text.includes('foreign-1')]).toEqual([route.key, false]);
    }
  });

  test('each report and export of one centre is that of who sees all and asks for this centre', async () => {
    // Too few answers for a score and no second text for an experiment: the centres look alike there.
    const blind = ['GET /api/v1/reports/scores', 'GET /api/v1/reports/experiments'];
    for (const route of closed.filter((one) => narrowedList(one) && isReport(one))) {
      const path = addressOf(route, '');
      const bearer = await c.scopedTo('analyst', ['own-1']);
      const mine = await (
        await c.as(undefined, path, { headers: { authorization: `Bearer ${bearer}` } })
      ).text();
      const own = await (await c.as('admin', `${path}&centre=own-1`)).text();
      const all = await (await c.as('admin', path)).text();
      expect([route.key, mine === own, mine === all]).toEqual([route.key, true, blind.includes(route.key)]);
    }
  });

  test.each<[string, Role, string, string]>([
    ['visits', 'operator', '/api/v1/visits', '/api/v1/visits?centre=foreign-1'],
    ['invitations', 'operator', '/api/v1/invitations', '/api/v1/invitations?centre=foreign-1'],
    ['centres', 'analyst', '/api/v1/centres', '/api/v1/centres'],
    [
      'rates',
      'analyst',
      `/api/v1/reports/rates?${march}&by=centre`,
      `/api/v1/reports/rates?${march}&by=centre&centre=foreign-1`,
    ],
    [
      'funnel',
      'analyst',
      `/api/v1/reports/funnel?${march}&by=centre`,
      `/api/v1/reports/funnel?${march}&by=centre&centre=foreign-1`,
    ],
    [
      'scores',
      'analyst',
      `/api/v1/reports/scores?${march}&by=centre`,
      `/api/v1/reports/scores?${march}&by=centre&centre=foreign-1`,
    ],
    [
      'ledger',
      'analyst',
      `/api/v1/reports/ledger?${march}&by=centre`,
      `/api/v1/reports/ledger?${march}&by=centre&centre=foreign-1`,
    ],
    [
      'cost',
      'analyst',
      `/api/v1/reports/cost?${march}&by=centre`,
      `/api/v1/reports/cost?${march}&by=centre&centre=foreign-1`,
    ],
    [
      'answers',
      'analyst',
      `/api/v1/exports/answers?${march}`,
      `/api/v1/exports/answers?${march}&centre=foreign-1`,
    ],
    ['the live page', 'operator', '/live?days=7', '/live?days=7'],
  ])(
    '%s of one centre: the own one is there, the other is as if it did not exist',
    async (_, role, all, asked) => {
      const read = async (bearer: string, path: string) => {
        const answer = await c.as(undefined, path, { headers: { authorization: `Bearer ${bearer}` } });
        expect(answer.status).toBe(200);
        return answer.text();
      };
      const scoped = await c.scopedTo(role, ['own-1']);
      expect(await read(c.secrets[role], all)).toContain('foreign-1');
      expect(await read(scoped, all)).toContain('own-1');
      expect(await read(scoped, all)).not.toContain('foreign-1');
      if (asked === all) return;
      const nowhere = asked.replace('foreign-1', 'nowhere-1');
      expect(await read(scoped, asked)).toBe(await read(scoped, nowhere));
    },
  );

  test('a timeline of the own centre is shown, and the look is recorded', async () => {
    const bearer = await c.scopedTo('operator', ['own-1']);
    const headers = { authorization: `Bearer ${bearer}` };
    expect((await c.as(undefined, `/api/v1/invitations/${own}/timeline`, { headers })).status).toBe(200);
    const { rows } = await c.db.query<{ name: string; subject: string }>(
      `select actor_name as name, subject_kind || ':' || subject_id as subject from audit_entry
       where action = 'timeline.seen' order by id desc limit 1`,
    );
    expect(rows[0]).toEqual({ name: 'operator of own-1', subject: `invitation:${own}` });
  });
});
