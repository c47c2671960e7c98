import { join } from 'node:path';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import type { Channel } from '#channels/channel';
import { Retention } from '#contacts/retention';
import { Vault } from '#contacts/vault';
import { Composer } from '#dispatch/composer';
import { Definitions } from '#dispatch/definitions';
import { Dispatcher } from '#dispatch/dispatcher';
import { FollowUps } from '#dispatch/follow-up';
import { Revival } from '#dispatch/revival';
import { Uncertainties } from '#dispatch/uncertain';
import { Upkeep } from '#dispatch/upkeep';
import { reasonOf } from '#kernel/errors';
import { Feeds } from '#intake/feeds/feeds';
import { StaffFlags } from '#intake/staff-flags';
import { Planner } from '#planning/planner';
import { AnswerBook } from '#replies/answer-book';
import { FactApplier } from '#replies/fact-applier';
import { SurveyShelf } from '#replies/survey-shelf';
import { RollUps } from '#reporting/roll-ups';
import { HealthController } from '#store/health.controller';
import { ProcessModule, type RunningProcess } from '#store/process';
import { FlagTicker } from './flag.ticker.js';
import { Metrics } from './metrics.js';
import { MetricsController } from './metrics.controller.js';
import { OutboxTicker } from './outbox.ticker.js';
import { PathTicker } from './path.ticker.js';
import { RetentionTicker } from './retention.ticker.js';
import { Rounds } from './rounds.js';
import { SendersTicker } from './senders.ticker.js';
import { CHANNELS, PUBLIC_URL } from './tokens.js';

export interface WorkerParts {
  readonly channels: ReadonlyMap<string, Channel>;
  readonly publicUrl: string;
  /** Names this process in claims. */
  readonly worker: string;
}

/** The stages, made once, and the tickers that call them. */
@Module({})
export class WorkerModule {
  static of(running: RunningProcess, parts: WorkerParts): DynamicModule {
    return {
      module: WorkerModule,
      imports: [ProcessModule.register(running), ScheduleModule.forRoot()],
      controllers: [HealthController, MetricsController],
      providers: [
        ...stagesOf(running, parts),
        { provide: CHANNELS, useValue: parts.channels },
        { provide: PUBLIC_URL, useValue: parts.publicUrl },
        OutboxTicker,
        FlagTicker,
        PathTicker,
        SendersTicker,
        RetentionTicker,
      ],
    };
  }
}

function stagesOf(running: RunningProcess, { channels, publicUrl, worker }: WorkerParts): Provider[] {
  const { clock, database, environment, log, secretKey } = running;
  const vault = new Vault(secretKey);
  const metrics = new Metrics(database, clock);
  const definitions = new Definitions(database);
  const composer = new Composer(definitions, vault, clock, publicUrl);
  const concurrency = environment.dispatchConcurrency;
  const shared = { database, clock, definitions, composer, worker, concurrency, observer: metrics };
  const dispatcher = new Dispatcher(channels, shared);
  metrics.watch(dispatcher);
  const book = new AnswerBook(database, vault, new SurveyShelf());
  const onError = (fact: string, thrown: unknown): void =>
    log.error({ event: 'fact_failed', fact, reason: reasonOf(thrown) });
  const stages: [abstract new (...args: never[]) => object, object][] = [
    [Metrics, metrics],
    [Rounds, new Rounds(log, metrics)],
    [Dispatcher, dispatcher],
    [Upkeep, new Upkeep(database, clock, definitions)],
    [FollowUps, new FollowUps(database, definitions)],
    [Uncertainties, new Uncertainties(database, clock, channels, definitions, composer, metrics)],
    [Revival, new Revival(database, clock, channels)],
    [Feeds, new Feeds(join(environment.dataDir, 'feeds'), database, vault, clock)],
    [Planner, new Planner(database, (text) => vault.hash(text))],
    [Retention, new Retention(database)],
    [FactApplier, new FactApplier(database, vault, book, clock, onError, metrics.doubtEndedBy)],
    [RollUps, new RollUps(database)],
    [StaffFlags, new StaffFlags(database)],
  ];
  return stages.map(([provide, useValue]) => ({ provide, useValue }));
}
