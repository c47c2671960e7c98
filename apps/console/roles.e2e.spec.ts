import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { audienceOf, type Audience } from '#access/access.guard';
import { ROLES } from '#access/users';
import type { Role } from '#store/entities';
import { consoleApp } from './main.js';
import { testConsole, type TestConsole } from './testing/console.js';

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly audience: Audience | undefined;
}

let c: TestConsole;
let app: NestFastifyApplication;
let routes: Route[];

beforeAll(async () => {
  c = await testConsole(new Date('2026-03-02T12:00:00Z'));
  app = await consoleApp(c.running);
  routes = routesOf(app);
});
afterAll(async () => {
  await app.close();
  await c.close();
});

/** Every route of every controller, also inherited ones, with what its guard reads. */
function routesOf(from: NestFastifyApplication): Route[] {
  const reflector = new Reflector();
  const scanner = new MetadataScanner();
  const controllers = [...from.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  return controllers.flatMap(({ metatype }) => {
    const controller = metatype as unknown as { name: string; prototype: Record<string, object> };
    const base = String(Reflect.getMetadata(PATH_METADATA, controller));
    return scanner.getAllMethodNames(controller.prototype).flatMap((name) => {
      const handler = controller.prototype[name] ?? {};
      const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
      if (method === undefined) return [];
      const path = `/${base}/${String(Reflect.getMetadata(PATH_METADATA, handler))}`.replace(/\/+/g, '/');
      return [
        {
          name: `${controller.name}.${name}`,
          method: RequestMethod[method] ?? '',
          path: path.length > 1 ? path.replace(/\/$/, '') : path,
          audience: audienceOf(reflector, handler, controller),
        },
      ];
    });
  });
}

async function ask(route: Route, role: Role | undefined): Promise<number> {
  const answer = await c.as(role, route.path.replace(':locale', 'uk').replace(/:\w+/g, '424242'), {
    method: route.method,
    ...(route.method === 'POST' && { headers: { 'content-type': 'application/json' }, body: '{}' }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

test('the walk finds the routes', () => {
  expect(routes.length).toBeGreaterThan(20);
  expect(routes.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['/', '/healthz', '/api/v1/reports/rates', '/api/v1/tokens/:id', '/sign-out']),
  );
});

test('every route has a declared audience', () => {
  expect(routes.filter(({ audience }) => audience === undefined).map(({ name }) => name)).toEqual([]);
});

test('only these are open to strangers', () => {
  const open = routes
    .filter(({ audience }) => audience === 'anyone')
    .map(({ method, path }) => `${method} ${path}`);
  expect(open.sort()).toEqual([
    'GET /api/docs',
    'GET /api/v1/openapi.json',
    'GET /assets/:name',
    'GET /healthz',
    'GET /locale/:locale',
    'GET /readyz',
    'GET /sign-in',
    'POST /sign-in',
  ]);
});

describe('over HTTP', () => {
  test('strangers are turned away from every other route', async () => {
    for (const route of routes.filter(({ audience }) => audience !== 'anyone')) {
      const status = await ask(route, undefined);
      // A page sends a stranger to sign in; everything else says 401.
      expect([route.name, status]).toEqual([route.name, status === 303 ? 303 : 401]);
    }
  });

  test.each(ROLES.map((role) => [role]))(
    '%s comes in where the route says so and nowhere else',
    async (role) => {
      for (const route of routes.filter(({ audience }) => audience !== 'anyone')) {
        const allowed = (route.audience as readonly Role[]).includes(role);
        const status = await ask(route, role);
        expect([route.name, status === 403]).toEqual([route.name, !allowed]);
        expect(status).not.toBe(401);
      }
    },
  );
});
