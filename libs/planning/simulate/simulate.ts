import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Vault } from '#contacts/vault';
import type { Dimension } from '#kernel/dimensions';
import { AppError, reasonOf } from '#kernel/errors';
import type { Database, Queryable } from '#store/database';
import { CampaignsInForce } from '../campaigns-in-force.js';
import { Chance } from '../chance.js';
import { estimateParts, wordingOf, type Wording } from '../draft.js';
import { LedgerState } from '../ledger-state.js';
import { PartsEstimate } from '../message-fields.js';
import { applyPack } from '../pack/apply-pack.js';
import type { Feed, FeedRecord } from './feed.js';
import { ledgerGroups, type LedgerGroup } from './ledger-groups.js';
import { Replay, type SimulatedCentre, type SimulatedVisit } from './replay.js';
import { withScratchDatabase } from '#store/scratch-database';
import {
  DECISIONS_HEADER,
  decisionLine,
  reportOf,
  type Assumptions,
  type SimulationReport,
} from './simulation-report.js';

export interface PublishRules {
  publish(scratch: Database, now: Date): Promise<void>;
}

export interface Simulation<Said> {
  readonly feed: Feed<Said>;
  /** The rules to try: a pack's folder, or what puts them into the scratch database. */
  readonly rules: { readonly packDir: string } | PublishRules;
  /** Only records that finished at or after `from` and before `to` are replayed. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** CSV with one line for each visit. */
  readonly decisionsFile?: string | undefined;
  /** What the ledger is grouped by; without any it is one group. */
  readonly by?: readonly Dimension[] | undefined;
  readonly assumptions?: Partial<Assumptions>;
  readonly onProgress?: (done: number, of: number) => void;
}

/** A report with the ledger by the groups that were asked for. */
export interface SimulationResult extends SimulationReport {
  readonly groups: readonly LedgerGroup[];
}

const USUAL_RESPONSE_PERCENT = 10;

/**
 * What the pack's campaigns would have done with the visits of a feed: the planner's own rules under a virtual clock,
 * with the pack published in a scratch database on the server of `beside`. Sends nothing and changes nothing.
 * Every channel counts as set up and every person as reachable; nobody refuses and nobody answers.
 * Under the same key, sample, control group and variants are those of the real run.
 */
export async function simulate<Said>(
  deps: { beside: Database; vault: Vault },
  simulation: Simulation<Said>,
): Promise<SimulationResult> {
  return withScratchDatabase(deps.beside, async (scratch) => {
    const records = await recordsWithin(simulation);
    const start = records.reduce((first, { finishedAt }) => Math.min(first, finishedAt.getTime()), Infinity);
    const now = new Date(Number.isFinite(start) ? start : 0);
    const { rules } = simulation;
    if ('packDir' in rules) await applyPack(scratch, rules.packDir, { publish: true, now });
    else await rules.publish(scratch, now);
    const chance = new Chance((text) => deps.vault.hash(text));
    const ledger = await emptyLedger(scratch, chance);
    const centreOf = centres(await listedCentres(scratch), simulation.feed.zone);
    const hashOf = (e164: string): string => deps.vault.phoneHash(e164).toString('hex');
    const replay = new Replay(simulation.feed, ledger, centreOf, hashOf);
    replay.run(records, (done) => simulation.onProgress?.(done, records.length));
    if (simulation.decisionsFile !== undefined)
      await writeDecisions(simulation.decisionsFile, replay.results());
    const counts = { records: records.length, duplicates: replay.repeats };
    const assumptions = { responsePercent: USUAL_RESPONSE_PERCENT, ...simulation.assumptions };
    const groups = ledgerGroups(replay.results(), simulation.by ?? [], (one) => wordingIn(one, chance));
    return { ...reportOf(replay.results(), counts, assumptions), groups };
  });
}

async function recordsWithin<Said>({ feed, from, to }: Simulation<Said>): Promise<FeedRecord<Said>[]> {
  const records: FeedRecord<Said>[] = [];
  for await (const some of feed.records) {
    for (const record of some) {
      if (from && record.finishedAt < from) continue;
      if (to && record.finishedAt >= to) continue;
      records.push(record);
    }
  }
  return records;
}

async function emptyLedger(scratch: Queryable, chance: Chance): Promise<LedgerState> {
  const inForce = new CampaignsInForce();
  const estimate = new PartsEstimate();
  return new LedgerState({
    campaigns: await inForce.load(scratch),
    chance,
    reachable: (_, channels) => channels,
    partsOf: (campaign, visit) => estimateParts(campaign, visit, chance, estimate, (id) => inForce.texts(id)),
  });
}

function wordingIn({ visit, decision }: SimulatedVisit, chance: Chance): Wording | undefined {
  if (decision.decision !== 'invited' || !visit.person) return undefined;
  return wordingOf(visit, visit.person, decision.campaign, chance);
}

async function listedCentres(scratch: Queryable): Promise<SimulatedCentre[]> {
  const { rows } = await scratch.query<SimulatedCentre & Record<string, unknown>>(
    'select id, code, name, timezone as zone from centre',
  );
  return rows;
}

/** A code that the pack does not list makes a centre in the zone of the source, as it would in earnest. */
function centres(listed: readonly SimulatedCentre[], zone: string): (code: string) => SimulatedCentre {
  const byCode = new Map(listed.map((centre) => [centre.code, centre]));
  return (code) => {
    let centre = byCode.get(code);
    if (!centre) byCode.set(code, (centre = { id: `unlisted ${code}`, code, name: code, zone }));
    return centre;
  };
}

async function writeDecisions(file: string, results: Iterable<SimulatedVisit>): Promise<void> {
  function* lines(): Generator<string> {
    yield `${DECISIONS_HEADER}\n`;
    for (const result of results) yield `${decisionLine(result)}\n`;
  }
  await pipeline(lines(), createWriteStream(file)).catch((thrown: unknown) => {
    throw new AppError('decisions_unwritable', `${file} could not be written: ${reasonOf(thrown)}.`, {
      cause: thrown,
    });
  });
}
