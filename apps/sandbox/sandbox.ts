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
  app.useGlobalFilters(new AppErrorFilter());
  await app.listen(options.port, options.host ?? '127.0.0.1');
  if (options.selfRunning !== false) parts.agenda.start();
  return {
    url: (await app.getUrl()).replace('[::1]', '127.0.0.1'),
    pointTo: (publicUrl) => parts.pointTo(publicUrl),
    runDue: () => parts.agenda.runDue(),
    close: async () => {
      closing.abort();
      // Webhooks first: a call to us that hangs would keep the agenda waiting.
      await parts.webhooks.close();
      await parts.agenda.stop();
      await app.close();
    },
  };
}

/** Carriers' doors judge the raw bytes themselves; the sandbox's own API takes JSON. */
function readBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    const own = request.url.startsWith('/api/');
    if (!own) return done(null, body);
    try {
      done(null, body.length === 0 ? undefined : JSON.parse(body.toString('utf8')));
    } catch {
      done(Object.assign(new Error('the body is no JSON'), { statusCode: 400 }));
    }
  });
}
