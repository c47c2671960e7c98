import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppErrorFilter } from './app-error.filter.js';
import type { SandboxOptions } from './options.js';
import { SandboxParts } from './parts.js';
import { SandboxModule } from './sandbox.module.js';

export interface RunningSandbox {
  /** Where the imitated carriers, the API and the page are, without trailing slash. */
  readonly url: string;
  /** Tells where our gateway is, when that was not known at the start; must be a loopback address. */
  pointTo(publicUrl: string): void;
  /** Runs what is due by the clock; for tests that step it. Resolves to how many things happened. */
  runDue(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Starts the imitated carriers. Keeps everything in memory. Throws AppError `sandbox_target_refused` when
 * `publicUrl` is not a loopback address: its made-up visitors must never reach a real system.
 */
export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const parts = new SandboxParts(options);
  const closing = new AbortController();
  const app = await NestFactory.create<NestFastifyApplication>(
    SandboxModule.register(parts, closing.signal),
    new FastifyAdapter({ forceCloseConnections: true, bodyLimit: 2 * 1024 * 1024 }),
    { bodyParser: false, logger: ['error', 'fatal'], abortOnError: false },
  );
  readBodies(app);
  refuseOtherSites(app);
  app.useGlobalFilters(new AppErrorFilter());
  await app.listen(options.port, options.host ?? '127.0.0.1');
  if (options.selfRunning !== false) parts.agenda.start();
  return {
    url: (await app.getUrl()).replace('[::1]', '127.0.0.1'),
    pointTo: (publicUrl) => parts.pointTo(publicUrl),
    runDue: () => parts.agenda.runDue(),
    close: async () => {
      closing.abort();
      await parts.close();
      await app.close();
    },
  };
}

/** Carriers' doors judge the raw bytes themselves; the sandbox's own API takes JSON. */
function readBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    if (!request.url.startsWith('/api/')) return done(null, body);
    try {
      done(null, body.length === 0 ? undefined : JSON.parse(body.toString('utf8')));
    } catch {
      done(Object.assign(new Error('the body is no JSON'), { statusCode: 400 }));
    }
  });
}

/** Any page open in the same browser could post here: only the sandbox's own page, and programs, may. */
function refuseOtherSites(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    const { origin, host } = request.headers;
    const own = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
    if (own || request.method === 'GET') return done();
    void reply
      .code(403)
      .send({ title: 'Requests from other sites are refused.', status: 403, code: 'other_site' });
  });
}
