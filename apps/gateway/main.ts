import 'reflect-metadata';
import { createServer, type RequestListener, type Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Channel } from '#channels/channel';
import { buildChannels, closeChannels, senderRowsOf } from '#channels/registry';
import { senderEnsure } from '#replies/sender.sql';
import type { RunningProcess } from '#store/process';
import { factories } from './channels.js';
import { GatewayModule } from './gateway.module.js';
import { FactFollower } from './hooks/fact-follower.js';
import { HookDoor } from './hooks/hook-door.js';
import { sendHtml } from './http/compression.js';
import { BODY_LIMIT, guardDoor, securityHeaders } from './http/door.js';
import { Pages } from './survey/pages.js';
import { plainPage } from './survey/plain-page.js';

export interface RunningGateway {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts the internet's door on VIDHUK_GATEWAY_PORT of every interface. Resolves once it answers. Closing finishes
 * the requests in flight and what they brought. `channels`: instead of those that the environment configures.
 */
export async function start(
  running: RunningProcess,
  channels: ReadonlyMap<string, Channel> = buildChannels(running.environment, factories),
): Promise<RunningGateway> {
  const senders = senderRowsOf(channels).map(({ two_way: twoWay, ...sender }) => ({ ...sender, twoWay }));
  await senderEnsure(running.database, senders, running.clock.now());
  const app = await gatewayApp(running, channels);
  await app.listen(running.environment.ports.gateway, '0.0.0.0');
  const { port } = new URL(await app.getUrl());
  const url = `http://127.0.0.1:${port}`;
  running.log.info({ event: 'gateway_started', url });
  const close = async (): Promise<void> => {
    app.get(HookDoor).close();
    await app.close();
    await app.get(FactFollower).stop();
    await closeChannels(channels);
  };
  return { url, close };
}

async function gatewayApp(
  running: RunningProcess,
  channels: ReadonlyMap<string, Channel>,
): Promise<NestFastifyApplication> {
  const { ports, publicUrl = `http://127.0.0.1:${ports.gateway}` } = running.environment;
  const pages = new Pages();
  const base = new URL(publicUrl).pathname.replace(/\/+$/, '');
  const door = { policy: pages.policy, secure: publicUrl.startsWith('https:') };
  const first: { door?: HookDoor } = {};
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    serverFactory: (handler: RequestListener) =>
      serverOf((request, response) => {
        if (base !== '') request.url = withoutBase(request.url ?? '/', base);
        if (first.door?.take(request, response) !== true) handler(request, response);
      }),
    // Behind a proxy on a private address the visitor's own address is the forwarded one; else it is ignored.
    trustProxy: ['loopback', 'linklocal', 'uniquelocal'],
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 100 },
    // An address that cannot be decoded reaches no route; it is a page that does not exist like any other.
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      void reply.headers(securityHeaders(door));
      sendHtml(request, reply, 404, plainPage(pages, 'unknown'));
    },
  });
  guardDoor(adapter.getInstance(), door);
  const module = GatewayModule.of({ running, channels, publicUrl, base, pages });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: false,
    abortOnError: false,
    bodyParser: false,
  });
  await app.init();
  first.door = app.get(HookDoor);
  return app;
}

/** A visitor on a bad network may think for a minute between two steps; a request that trickles in may not. */
const IDLE_MS = 72_000;
const HEADERS_MS = 8_000;
const REQUEST_MS = 20_000;
/** How often slow requests are looked for. */
const CHECKING_MS = 2_000;

function serverOf(listener: RequestListener): Server {
  const limits = {
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: CHECKING_MS,
  };
  const server = createServer(limits, listener);
  server.keepAliveTimeout = IDLE_MS;
  return server;
}

/** Under a path of its own the gateway answers with it and without it, whatever the proxy before it passes on. */
function withoutBase(url: string, base: string): string {
  const isUnder = url.startsWith(base) && /^([/?]|$)/.test(url.slice(base.length));
  if (!isUnder) return url;
  const rest = url.slice(base.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}
