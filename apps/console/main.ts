import 'reflect-metadata';
import { isUtf8 } from 'node:buffer';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { version } from '#config/project';
import { AppError } from '#kernel/errors';
import type { RunningProcess } from '#store/process';
import { ApiDescription } from './api/docs.controller.js';
import { ConsoleModule } from './console.module.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from './http/problem.js';
import { sendProblem } from './http/problem.filter.js';
import { BODY_LIMIT, guardDoor, PATIENCE, securityHeaders, type Patience } from './http/door.js';

/**
 * Starts the people's door on VIDHUK_CONSOLE_PORT of every interface. Resolves once it answers. Behind a proxy on a
 * private address the visitor's own address is taken from X-Forwarded-For; from anyone else that header is ignored.
 */
export async function start(
  running: RunningProcess,
  patience: Patience = PATIENCE,
): Promise<{ url: string; close(): Promise<void> }> {
  const app = await consoleApp(running, patience);
  await app.listen(running.environment.ports.console, '0.0.0.0');
  const { port } = new URL(await app.getUrl());
  const url = `http://127.0.0.1:${port}`;
  running.log.info({ event: 'console_started', url });
  return { url, close: () => app.close() };
}

/** The application with its routes, not listening yet. */
export async function consoleApp(
  running: RunningProcess,
  patience: Patience = PATIENCE,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    trustProxy: ['loopback', 'linklocal', 'uniquelocal'],
    forceCloseConnections: 'idle',
    // An address that cannot be decoded reaches no route and no hook.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      void reply.headers(securityHeaders(request));
      sendProblem(reply, problemOf(error));
    },
    connectionTimeout: patience.idleMs,
    http: { headersTimeout: patience.headersMs, connectionsCheckingInterval: patience.headersMs / 2 },
  });
  readJson(adapter);
  guardDoor(adapter.getInstance(), { ...running, patience });
  const app = await NestFactory.create<NestFastifyApplication>(ConsoleModule.of(running), adapter, {
    logger: false,
    abortOnError: false,
  });
  app.get(ApiDescription).document = describe(app);
  await app.init();
  return app;
}

/** JSON is UTF-8. Decoding it as well as one can would put a sign for what is broken in the place of what was meant. */
function readJson(adapter: FastifyAdapter): void {
  const parse = adapter.getInstance().getDefaultJsonParser('error', 'error');
  const options = { bodyLimit: BODY_LIMIT };
  adapter.useBodyParser('application/json', false, options, (request, body: Buffer, done) => {
    if (isUtf8(body)) return void parse(request, body.toString('utf8'), done);
    done(new AppError('body_not_utf8', 'The body is not UTF-8 text: JSON has to be.', { status: 400 }));
  });
}

function describe(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Vidhuk')
    .setDescription(
      'SMS and Viber follow-up and survey dispatch. Errors are RFC 9457 problem documents with a stable code.',
    )
    .setVersion(version)
    .addBearerAuth()
    .build();
  return SwaggerModule.createDocument(app, config);
}
