import type { Channel } from '#channels/channel';
import { Vault } from '#contacts/vault';
import { Composer } from '#dispatch/composer';
import { Definitions } from '#dispatch/definitions';
import { Dispatcher } from '#dispatch/dispatcher';
import { FollowUps } from '#dispatch/follow-up';
import { Revival } from '#dispatch/revival';
import { Uncertainties } from '#dispatch/uncertain';
import { Upkeep } from '#dispatch/upkeep';
import type { Clock } from '#kernel/clock';
import type { Secrets } from '#kernel/sealing-key';
import { Planner } from '#planning/planner';
import { AnswerBook } from '#replies/answer-book';
import { FactApplier } from '#replies/fact-applier';
import { SurveyShelf } from '#replies/survey-shelf';
import type { Database } from '#store/database';

export interface StageParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly secretKey: Secrets;
  readonly channels: ReadonlyMap<string, Channel>;
  /** Base of our public addresses, without trailing slash. */
  readonly publicUrl: string;
  readonly concurrency: number;
}

/** Of the looks at messages in doubt, the most that one batch takes: fewer mean that none is left. */
const LOOKS = 50;

/**
 * What a worker's tickers call in turn, all of it at once by the clock given: for runs that skip the waiting. The
 * function it returns works off everything that is due.
 */
export function stagesOf(parts: StageParts): () => Promise<void> {
  const { database, clock, secretKey, channels, publicUrl, concurrency } = parts;
  const vault = new Vault(secretKey);
  const definitions = new Definitions(database);
  const composer = new Composer(definitions, vault, clock, publicUrl);
  const dispatcher = new Dispatcher(channels, {
    database,
    clock,
    definitions,
    composer,
    worker: 'test',
    concurrency,
  });
  const upkeep = new Upkeep(database, clock, definitions);
  const followUps = new FollowUps(database, definitions);
  const uncertainties = new Uncertainties(database, clock, channels, definitions, composer);
  const revival = new Revival(database, clock, channels);
  const planner = new Planner(database, (text) => vault.hash(text));
  const facts = new FactApplier(database, vault, new AnswerBook(database, vault, new SurveyShelf()), clock);
  const { signal } = new AbortController();
  const untilLess = async (batch: number, work: () => Promise<number>): Promise<void> => {
    while ((await work()) >= batch);
  };
  return async () => {
    await facts.applyPending();
    await untilLess(1, async () => (await planner.runOnce(clock.now())).taken);
    await untilLess(1, async () => {
      const { rescued, expired, moved } = await upkeep.runOnce(clock.now());
      return rescued + expired + moved;
    });
    await untilLess(LOOKS, async () => (await uncertainties.runOnce(clock.now(), signal)).looked);
    await untilLess(1, async () => (await followUps.runOnce(clock.now())).looked);
    await revival.runOnce(clock.now(), signal);
    await dispatcher.runOnce();
  };
}
