import type { Channel } from '#channels/channel';
import { closeChannels } from '#channels/registry';
import { findEmbedded } from '#store/embedded';
import { SURVEY_CODE_LENGTH } from '#kernel/ids';
import { FIELD_LIMITS } from '#rendering/fields';
import type { Queryable } from '#store/database';
import { analystGrant, analystRole, ANALYST_ROLE } from '#reporting/analyst-role.sql';
import { isCurrent } from '#store/migrate';
import type { Environment } from '#config/environment';
import type { RunningProcess } from '#store/process';
import { queueState } from './queue-state.sql.js';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** One line: what is right, or what is wrong and what to do. No secrets. */
  readonly detail: string;
}

const PROBE_TIMEOUT_MS = 10_000;
// Messages that wait longer than this past their time mean that no worker keeps up, or none runs.
const LATE_MS = 10 * 60_000;

/** The database, its schema, the clock and the queue. */
export async function examineDatabase(process_: RunningProcess, fix = false): Promise<Check[]> {
  const current = await isCurrent(process_.database);
  const schema: Check = {
    name: 'schema',
    ok: current,
    detail: current ? "this version's" : 'not this version\'s: run "vidhuk migrate"',
  };
  const database: Check = { name: 'database', ok: true, detail: await whereIs(process_.environment) };
  const facts = [database, schema, examineClock(process_), examineLinks(process_.environment)];
  if (!current) return facts;
  return [...facts, ...(await examineQueue(process_)), await examineAnalysts(process_.database, fix)];
}

/** Whether analysts' own tools can read schema `reporting`. Not wrong without: nobody may need it. */
async function examineAnalysts(database: Queryable, fix: boolean): Promise<Check> {
  const name = 'analysts';
  let state = await analystRole(database);
  if (state === 'ungranted' && fix) {
    await analystGrant(database);
    state = await analystRole(database);
  }
  if (state === 'ready') return { name, ok: true, detail: `role ${ANALYST_ROLE} reads schema reporting` };
  if (state === 'ungranted')
    return { name, ok: false, detail: `role ${ANALYST_ROLE} may not read schema reporting: --fix lets it` };
  const run = `"create role ${ANALYST_ROLE} nologin" as an account that may, then "vidhuk doctor --fix"`;
  return { name, ok: true, detail: `no role ${ANALYST_ROLE}; if analysts' own tools shall read: ${run}` };
}

async function whereIs(environment: Environment): Promise<string> {
  if (environment.databaseUrl !== undefined) return `answers at ${new URL(environment.databaseUrl).host}`;
  const embedded = await findEmbedded(environment.dataDir);
  return embedded === undefined ? 'embedded, not running' : `embedded in ${environment.dataDir}, answers`;
}

function examineClock({ clock, environment }: RunningProcess): Check {
  const now = clock.now().toISOString();
  if (!environment.clock) return { name: 'clock', ok: true, detail: now };
  return { name: 'clock', ok: true, detail: `virtual, ${clock.speed} times as fast: ${now}` };
}

/** Packs are checked for a link of a certain length; a longer one may cost a part more than was counted. */
function examineLinks({ publicUrl }: Environment): Check {
  if (publicUrl === undefined) return { name: 'links', ok: true, detail: 'no public address: links work on this machine only' }; // prettier-ignore
  const length = `${publicUrl}/`.length + SURVEY_CODE_LENGTH;
  const counted = FIELD_LIMITS.link;
  const detail =
    length <= counted
      ? `${length} characters`
      : `${length} characters, texts are counted for ${counted}: they may take a part more; a shorter address costs less`;
  return { name: 'links', ok: true, detail };
}

async function examineQueue({ database, clock }: RunningProcess): Promise<Check[]> {
  const now = clock.now();
  const state = await queueState(database, now);
  const lateMs = state.oldestDueAt ? now.getTime() - state.oldestDueAt.getTime() : 0;
  const late = lateMs > LATE_MS * clock.speed;
  const minutes = Math.round(lateMs / 60_000);
  const queue = `${state.due} messages due, ${state.unplanned} visits to plan, ${state.unapplied} carrier facts to apply`;
  const senders = state.stopped.map(({ key, reason }) => ({
    name: `sender ${key}`,
    ok: false,
    detail: `stopped: ${reason}. Mend the cause; it resumes when its account works again.`,
  }));
  return [
    { name: 'queue', ok: !late, detail: late ? `${queue}; the oldest is ${minutes} minutes late: is a worker running?` : queue }, // prettier-ignore
    {
      name: 'uncertain',
      ok: state.uncertain === 0,
      detail:
        state.uncertain === 0
          ? 'none'
          : `${state.uncertain} messages nobody knows the fate of: see docs/states.md`,
    },
    ...senders,
  ];
}

/** Asks each carrier whether the account works and where it calls us; with `fix`, registers our webhook where it has such a call. */
export async function examineCarriers(
  channels: ReadonlyMap<string, Channel>,
  options: { publicUrl: string | undefined; fix: boolean },
): Promise<Check[]> {
  if (channels.size === 0) {
    return [{ name: 'carriers', ok: true, detail: 'none configured: "vidhuk up" uses the sandbox' }];
  }
  try {
    const found = await Promise.all(
      [...channels.values()].map((channel) => examineCarrier(channel, options)),
    );
    return found.flat();
  } finally {
    await closeChannels(channels);
  }
}

async function examineCarrier(
  channel: Channel,
  options: { publicUrl: string | undefined; fix: boolean },
): Promise<Check[]> {
  const probe = await channel.probe(AbortSignal.timeout(PROBE_TIMEOUT_MS));
  const account: Check = { name: `carrier ${channel.sender}`, ...probe };
  if (!probe.ok) return [account];
  return [account, { name: `webhook ${channel.sender}`, ...(await examineWebhook(channel, options)) }];
}

async function examineWebhook(
  channel: Channel,
  { publicUrl, fix }: { publicUrl: string | undefined; fix: boolean },
): Promise<Omit<Check, 'name'>> {
  if (publicUrl === undefined) {
    return { ok: false, detail: 'set VIDHUK_PUBLIC_URL, the address the carrier can reach us at' };
  }
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  if (fix && channel.register) return channel.register(publicUrl, signal);
  if (channel.webhook) return channel.webhook(publicUrl, signal);
  const address = `${publicUrl}/hooks/${channel.sender}`;
  return { ok: true, detail: `cannot be asked: ${address} must be set at the carrier` };
}
