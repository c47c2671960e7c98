import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { audienceOf, scopeOf, unrecordedWhy, type Audience, type ScopeRule } from '#access/access.guard';

export interface Route {
  /** `Controller.handler`, for messages. */
  readonly name: string;
  /** `GET /api/v1/visits`. */
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly audience: Audience | undefined;
  readonly scope: ScopeRule | undefined;
  readonly unrecorded: string | undefined;
}

/** Every route of every controller, also inherited ones, with what its guard reads. */
export function routesOf(app: NestFastifyApplication): Route[] {
  const reflector = new Reflector();
  const scanner = new MetadataScanner();
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  return controllers.flatMap(({ metatype }) => {
    const controller = metatype as unknown as { name: string; prototype: Record<string, object> };
    const base = String(Reflect.getMetadata(PATH_METADATA, controller));
    return scanner.getAllMethodNames(controller.prototype).flatMap((name) => {
      const handler = controller.prototype[name] ?? {};
      const verb = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
      if (verb === undefined) return [];
      const whole = `/${base}/${String(Reflect.getMetadata(PATH_METADATA, handler))}`.replace(/\/+/g, '/');
      const path = whole.length > 1 ? whole.replace(/\/$/, '') : whole;
      const method = RequestMethod[verb] ?? '';
      return [
        {
          name: `${controller.name}.${name}`,
          key: `${method} ${path}`,
          method,
          path,
          audience: audienceOf(reflector, handler, controller),
          scope: scopeOf(reflector, handler, controller),
          unrecorded: unrecordedWhy(reflector, handler, controller),
        },
      ];
    });
  });
}
