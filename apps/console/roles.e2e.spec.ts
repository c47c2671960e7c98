import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ROLES } from '#access/users';
import type { Role } from '#store/entities';
import { consoleApp } from './main.js';
import { testConsole, type TestConsole } from './testing/console.js';
import { routesOf, type Route } from './testing/routes.js';

const now = new Date('2026-03-02T12:00:00Z');
const march = 'from=2026-03-01&to=2026-03-31';
let c: TestConsole;
let app: NestFastifyApplication;
let routes: Route[];
let closed: Route[];
/** An invitation of each centre. */
let own: string;
let foreign: string;

beforeAll(async () => {
  c = await testConsole(now);
  const spec = { facts: { sent: true, delivered: true, started: true, completed: true }, answers: { quality: 5 } } as const; // prettier-ignore
  own = (await c.build.path({ centre: 'own-1', ...spec })).invitationId ?? '';
  foreign = (await c.build.path({ centre: 'foreign-1', ...spec })).invitationId ?? '';
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
  return /\/reports\/|\/exports\//.test(path) ? `${filled}?${march}` : filled;
}

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
    ...(/POST|PATCH|PUT/.test(route.method) && { body: '{}' }),
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
        const answer = await ask(route, { bearer }, foreign);
        // A body that is not valid is refused first, whoever sends it.
        expect([route.key, answer.status]).toEqual([
          route.key,
          answer.code === 'request_invalid' ? 400 : 404,
        ]);
        expect(answer.text).not.toContain('foreign-1');
      }
    });
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
