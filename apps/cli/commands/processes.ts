import type { Command } from 'commander';
import type { Context } from '../context.js';
import { keepRunning, portProblem, type Started } from '../run-process.js';
import { up } from '../up.js';
import { ANSWER_WITHIN_MS, openProcess, type RunningProcess } from '#store/process';
import { parseEnvironment } from '#config/environment';

interface App {
  readonly name: string;
  readonly summary: string;
  readonly variable: 'VIDHUK_METRICS_PORT' | 'VIDHUK_GATEWAY_PORT' | 'VIDHUK_CONSOLE_PORT';
  readonly port: (process: RunningProcess) => number;
  readonly load: () => Promise<{ start: (process: RunningProcess) => Promise<Started> }>;
}

// Loaded only when asked for: each app brings its own frameworks.
const apps: readonly App[] = [
  {
    name: 'worker',
    summary: 'intake feeds, planning, dispatch, reminders; run as many as you like',
    variable: 'VIDHUK_METRICS_PORT',
    port: (process) => process.environment.ports.metrics,
    load: () => import('#worker/main'),
  },
  {
    name: 'gateway',
    summary: "the internet's door: survey pages, short links, carrier webhooks",
    variable: 'VIDHUK_GATEWAY_PORT',
    port: (process) => process.environment.ports.gateway,
    load: () => import('#gateway/main'),
  },
  {
    name: 'console',
    summary: "people's door: web console, REST API, OpenAPI",
    variable: 'VIDHUK_CONSOLE_PORT',
    port: (process) => process.environment.ports.console,
    load: () => import('#console/main'),
  },
];

export function addProcesses(program: Command, context: Context): void {
  addUp(program, context);
  for (const app of apps) {
    program
      .command(app.name)
      .description(app.summary)
      .addHelpText('after', `\nExample:\n  DATABASE_URL=postgres://… VIDHUK_SECRET_KEY=… vidhuk ${app.name}`)
      .action(async () => {
        const running = await openProcess(app.name, context.env, { answerWithinMs: ANSWER_WITHIN_MS });
        const code = await keepRunning(running, async () => {
          const { start } = await app.load();
          return start(running).catch((thrown: unknown) => {
            throw portProblem(thrown, app.port(running), app.variable);
          });
        });
        process.exit(code);
      });
  }
  addSandbox(program, context);
}

function addUp(program: Command, context: Context): void {
  program
    .command('up')
    .description('start everything in one command, on an embedded PostgreSQL unless DATABASE_URL is set')
    .option('--demo', 'publish the demo pack and let demo visits arrive', false)
    .addHelpText('after', '\nExample:\n  vidhuk up --demo')
    .action(async (options: { demo: boolean }) => {
      const code = await keepRunning(undefined, async () => {
        const running = await up(context, options);
        return { close: () => running.stop() };
      });
      process.exit(code);
    });
}

function addSandbox(program: Command, context: Context): void {
  program
    .command('sandbox')
    .description(
      'carriers shaped like Twilio, Viber and TurboSMS on loopback, with virtual phones in the browser',
    )
    .option('--visitors', 'let virtual visitors answer by themselves', false)
    .option('--own-number <number>', 'the phone that no virtual visitor answers for')
    .addHelpText('after', '\nExample:\n  VIDHUK_SANDBOX_PORT=8090 vidhuk sandbox --visitors')
    .action(async (options: { visitors: boolean; ownNumber?: string }) => {
      const environment = parseEnvironment(context.env);
      const code = await keepRunning(undefined, async () => {
        const { start } = await import('#sandbox/main');
        return start(environment, options).catch((thrown: unknown) => {
          throw portProblem(thrown, environment.ports.sandbox, 'VIDHUK_SANDBOX_PORT');
        });
      });
      process.exit(code);
    });
}
