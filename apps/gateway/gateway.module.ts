import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Vault } from '#contacts/vault';
import { AnswerBook } from '#replies/answer-book';
import { FactApplier } from '#replies/fact-applier';
import { OptOutDesk } from '#replies/opt-out-desk';
import { SurveyShelf } from '#replies/survey-shelf';
import type { Channel } from '#channels/channel';
import { reasonOf } from '#kernel/errors';
import { HealthController } from '#store/health.controller';
import { ProcessModule, type RunningProcess } from '#store/process';
import { FactFollower } from './hooks/fact-follower.js';
import { FactInbox } from './hooks/fact-inbox.js';
import { HookDoor } from './hooks/hook-door.js';
import { Hooks } from './hooks/hooks.js';
import { ErrorFilter } from './http/error.filter.js';
import { MissLimit } from './http/miss-limit.js';
import { SiteController } from './http/site.controller.js';
import { GatewayMetrics } from './metrics.js';
import { Pages } from './survey/pages.js';
import { SurveyController } from './survey/survey.controller.js';
import { SurveyDesk } from './survey/survey-desk.js';

export interface GatewayParts {
  readonly running: RunningProcess;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly publicUrl: string;
  /** Path of the public address, without a slash at its end; usually empty. */
  readonly base: string;
  readonly pages: Pages;
}

/** The internet's door: no route of it can read more than one invitation, and none needs a password. */
@Module({})
export class GatewayModule {
  static of({ running, channels, publicUrl, base, pages }: GatewayParts): DynamicModule {
    const { database, clock, log, environment } = running;
    const metrics = new GatewayMetrics();
    const vault = new Vault(running.secretKey);
    const book = new AnswerBook(database, vault, new SurveyShelf());
    const onError = (factId: string, thrown: unknown): void =>
      log.error({ event: 'fact_not_applied', fact_id: factId, reason: reasonOf(thrown) });
    const applier = new FactApplier(database, vault, book, clock, onError, metrics.doubtEndedBy);
    const follower = new FactFollower(applier, metrics);
    const inbox = new FactInbox(database, vault, clock);
    const hooks = new Hooks({ channels, publicUrl, inbox, applier, follower, metrics, log });
    const optOuts = new OptOutDesk(database);
    return {
      module: GatewayModule,
      imports: [ProcessModule.register(running)],
      // In this order: fixed addresses before /{code}.
      controllers: [HealthController, SiteController, SurveyController],
      providers: [
        { provide: HookDoor, useValue: new HookDoor(hooks, log) },
        {
          provide: SurveyDesk,
          useValue: new SurveyDesk({
            book,
            optOuts,
            pages,
            clock,
            metrics,
            log,
            viber: environment.viber,
            base,
          }),
        },
        { provide: MissLimit, useValue: new MissLimit(() => clock.real().getTime()) },
        { provide: Pages, useValue: pages },
        { provide: GatewayMetrics, useValue: metrics },
        { provide: FactFollower, useValue: follower },
        { provide: APP_FILTER, useValue: new ErrorFilter(pages, log) },
      ],
    };
  }
}
