import { createHmac } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configuredCarriers, parseEnvironment, type Environment } from '#config/environment';
import { startEmbedded } from '#store/embedded';
import { keepEmbedded } from '#store/embedded-loan';
import { watchEmbedded } from '#store/embedded-watch';
import { migrate } from '#store/migrate';
import { openProcess, secretsOf, type RunningProcess } from '#store/process';
import { line, type Context } from './context.js';
import { firstSignIn, printAddresses } from './welcome.js';
import { requireFreePorts } from './ports.js';
import { forgetRunning, noteRunning } from './running-up.js';
import { Supervisor } from './supervisor.js';
import { demoClock, startDemo, type Demo } from './demo/demo.js';

export interface Up {
  stop(): Promise<void>;
}

/**
 * Starts everything: PostgreSQL, the sandbox when no carrier is configured, gateway, console and worker. With
 * `demo` also the demo's pack, its clock and visits that keep arriving. Resolves when all of it is ready.
 */
export async function up(context: Context, options: { demo: boolean }): Promise<Up> {
  const given = parseEnvironment(context.env);
  const sandboxed = configuredCarriers(given).length === 0;
  await requireFreePorts(given, sandboxed);
  const logs = join(resolve(given.dataDir), 'logs');
  await mkdir(logs, { recursive: true });
  const server = given.databaseUrl === undefined ? await startEmbedded(given.dataDir) : undefined;
  if (server) await keepEmbedded(given.dataDir);
  const stops: (() => Promise<void>)[] = [];
  if (server) {
    stops.push(() => server.stop());
    stops.push(watchEmbedded(given.dataDir, server.url, (text) => context.err(`${text}\n`)));
  }
  const stop = async (): Promise<void> => {
    for (const undo of stops.reverse()) await undo();
  };
  try {
    const decided = await decide(given, { sandboxed, demo: options.demo });
    const env = { ...context.env, ...decided, ...(server ? await embeddedSettings(given, server.url) : {}) };
    const process_ = await openProcess('up', { ...env, VIDHUK_LOG_LEVEL: 'warn' });
    stops.push(() => process_.close());
    await migrate(process_.database);
    const demo = await startChildren(context, process_, { env, logs, sandboxed, demo: options.demo, stops });
    await noteRunning(given.dataDir, given.databaseUrl, decided);
    stops.push(() => forgetRunning(given.dataDir));
    await announce(context, process_, { sandboxed, demo });
    return { stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

interface Launch {
  readonly env: NodeJS.ProcessEnv;
  readonly logs: string;
  readonly sandboxed: boolean;
  readonly demo: boolean;
  readonly stops: (() => Promise<void>)[];
}

async function startChildren(
  context: Context,
  process_: RunningProcess,
  launch: Launch,
): Promise<Demo | undefined> {
  const entry = fileURLToPath(new URL('./main.js', import.meta.url));
  const supervisor = new Supervisor(entry, launch.logs, (text) => context.err(`${text}\n`));
  launch.stops.push(() => supervisor.stop());
  const demo = launch.demo ? await startDemo(process_) : undefined;
  const sandbox = demo ? ['--visitors', '--own-number', demo.phone] : [];
  await Promise.all([
    supervisor.start('gateway', launch.env),
    supervisor.start('console', launch.env),
    ...(launch.sandboxed ? [supervisor.start('sandbox', launch.env, sandbox)] : []),
  ]);
  // The worker comes last: it registers webhooks, which carriers call while it does.
  await supervisor.start('worker', launch.env);
  if (demo) {
    demo.run();
    launch.stops.push(() => demo.stop());
  }
  return demo;
}

async function announce(
  context: Context,
  process_: RunningProcess,
  what: { sandboxed: boolean; demo: Demo | undefined },
): Promise<void> {
  const signIn = await firstSignIn(process_, what.demo !== undefined);
  printAddresses((text) => line(context, text), process_.environment, {
    signIn,
    sandboxed: what.sandboxed,
    demoPhone: what.demo?.phone,
  });
}

/** What the given environment leaves open and `up` decides for all processes. */
async function decide(
  given: Environment,
  circumstances: { sandboxed: boolean; demo: boolean },
): Promise<NodeJS.ProcessEnv> {
  const { sandboxed, demo } = circumstances;
  const { current } = await secretsOf(given);
  const clock = demo && sandboxed && !given.clock ? await demoClock(given.dataDir) : undefined;
  return {
    ...(given.publicUrl ? {} : { VIDHUK_PUBLIC_URL: `http://127.0.0.1:${given.ports.gateway}` }),
    ...(clock === undefined ? {} : { VIDHUK_CLOCK: clock }),
    ...(sandboxed ? sandboxCredentials(current, given.ports.sandbox) : {}),
  };
}

/** With DATABASE_URL set the children want the key by name; commands read it from the data dir as this process did. */
async function embeddedSettings(given: Environment, url: string): Promise<NodeJS.ProcessEnv> {
  const { current, previous } = await secretsOf(given);
  return {
    DATABASE_URL: url,
    VIDHUK_SECRET_KEY: current,
    VIDHUK_PREVIOUS_SECRET_KEYS: previous.join(','),
  };
}

/** Credentials that only this installation's sandbox accepts; the same after a restart. */
function sandboxCredentials(secretKey: string, port: number): NodeJS.ProcessEnv {
  const derive = (name: string): string =>
    createHmac('sha256', Buffer.from(secretKey, 'base64'))
      .update(`sandbox ${name}`)
      .digest('hex')
      .slice(0, 32);
  return {
    TWILIO_ACCOUNT_SID: `AC${derive('account')}`,
    TWILIO_AUTH_TOKEN: derive('twilio'),
    TWILIO_FROM: '+380500000000',
    TWILIO_BASE_URL: `http://127.0.0.1:${port}`,
    VIBER_AUTH_TOKEN: derive('viber'),
    VIBER_SENDER_NAME: 'Vidhuk demo',
    VIBER_CHAT_URI: 'vidhuk-demo',
    VIBER_BASE_URL: `http://127.0.0.1:${port}`,
  };
}
