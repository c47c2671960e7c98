import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createToken, revokeTokens } from '#access/tokens';
import { projectRoot } from '#config/project';
import { parseClockSpec, systemClock, virtualClock } from '#kernel/clock';
import { reasonOf } from '#kernel/errors';
import { addDays, civilDate } from '#kernel/zone';
import { applyPack } from '#planning/pack/apply-pack';
import type { RunningProcess } from '#store/process';
import { DEMO_ZONE, demoStart, isLively, visitsBetween, type DemoVisit } from './visit-stream.js';

const PACK = join(projectRoot, 'templates', 'cnap');
const TOKEN_NAME = 'demo queue system';
const SPEED = 60;
// Visits of the last two hours are there when the demo opens: the oldest of them are due for a message at once.
const BACKLOG_MS = 2 * 3_600_000;
// Late enough for the campaign's delay to have passed, so that the first message comes within seconds.
const YOUR_VISIT_MS = 50 * 60_000;

export interface Demo {
  /** The phone that no virtual visitor uses: it is for the person who tries the demo. */
  readonly phone: string;
  run(): void;
  stop(): Promise<void>;
}

interface DemoState {
  clock: string;
  anchor: string;
  starts: number;
}

/**
 * The demo's clock as VIDHUK_CLOCK text. The first start opens on a working morning; a later one goes on where the
 * clock has come to, or on the next working morning when that is a night or a Sunday. It never goes back.
 */
export async function demoClock(dataDir: string): Promise<string> {
  const file = join(resolve(dataDir), 'demo.json');
  const real = systemClock.real();
  const before = await readState(file);
  const spec = before && parseClockSpec(before.clock);
  const now = spec && before ? virtualClock(spec, new Date(before.anchor)).now() : undefined;
  const goOn = before !== undefined && now !== undefined && isLively(now);
  const start = now === undefined ? demoStart(real) : demoStart(nextDay(now));
  const state: DemoState = goOn
    ? { ...before, starts: before.starts + 1 }
    : {
        clock: `${start.toISOString()}@${SPEED}`,
        anchor: real.toISOString(),
        starts: (before?.starts ?? 0) + 1,
      };
  await writeFile(file, JSON.stringify(state));
  return state.clock;
}

function nextDay(now: Date): Date {
  return new Date(`${addDays(civilDate(now, DEMO_ZONE), 1)}T12:00:00Z`);
}

async function readState(file: string): Promise<DemoState | undefined> {
  return readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as DemoState,
    () => undefined,
  );
}

/** Publishes the demo pack and prepares the feed of visits; `run` starts it once the console answers. */
export async function startDemo(process_: RunningProcess): Promise<Demo> {
  const now = process_.clock.now();
  await applyPack(process_.database, PACK, { publish: true, now });
  const { rows } = await process_.database.query<{ code: string }>(
    'select code from centre where confirmed order by id',
  );
  const state = await readState(join(resolve(process_.environment.dataDir), 'demo.json'));
  const feed = new VisitFeed(process_, rows.map((row) => row.code)); // prettier-ignore
  // A phone of its own for each start: the campaign's frequency cap would keep a used one silent for a month.
  const phone = `+3805000000${String((state?.starts ?? 1) % 100).padStart(2, '0')}`;
  return {
    phone,
    run: () => feed.run(phone),
    stop: () => feed.stop(),
  };
}

/** Posts the visits that finished since the last post, once a second, through the same door as a real queue system. */
class VisitFeed {
  private timer: NodeJS.Timeout | undefined;
  private until: Date | undefined;
  private posting: Promise<void> = Promise.resolve();
  private token = '';

  constructor(
    private readonly process_: RunningProcess,
    private readonly centres: readonly string[],
  ) {}

  run(phone: string): void {
    const now = this.process_.clock.now();
    this.until = new Date(now.getTime() - BACKLOG_MS);
    this.posting = this.open(phone, now);
    this.timer = setInterval(() => {
      this.posting = this.posting.then(() => this.postNew());
    }, 1000);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.posting;
  }

  private async open(phone: string, now: Date): Promise<void> {
    const real = this.process_.clock.real();
    await revokeTokens(this.process_.database, TOKEN_NAME, real);
    const { secret } = await createToken(this.process_.database, {
      name: TOKEN_NAME,
      role: 'admin',
      now: real,
    });
    this.token = secret;
    await this.postNew([yourVisit(this.centres[0] ?? '', phone, new Date(now.getTime() - YOUR_VISIT_MS))]);
  }

  private async postNew(extra: DemoVisit[] = []): Promise<void> {
    const from = this.until ?? this.process_.clock.now();
    const to = this.process_.clock.now();
    const visits = [...extra, ...visitsBetween(this.centres, from, to, 'vidhuk demo')];
    try {
      if (visits.length > 0) await this.post(visits);
      this.until = to;
    } catch (thrown) {
      // The console may be restarting: the same interval is posted again in a second, and repeats count once.
      this.process_.log.warn({ event: 'demo_post_failed', reason: reasonOf(thrown) }, 'visits not posted');
    }
  }

  private async post(visits: DemoVisit[]): Promise<void> {
    const response = await fetch(
      `http://127.0.0.1:${this.process_.environment.ports.console}/api/v1/visits`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
        body: JSON.stringify(visits),
        signal: AbortSignal.timeout(10_000),
      },
    );
    if (!response.ok) throw new Error(`the console answered ${response.status}`);
    await response.arrayBuffer();
  }
}

function yourVisit(centre: string, phone: string, finished: Date): DemoVisit {
  const at = (minutes: number): string => new Date(finished.getTime() - minutes * 60_000).toISOString();
  return {
    source: 'demo',
    recordId: `you-${finished.toISOString()}`,
    centre,
    desk: '1',
    employee: `${centre}-1`,
    ticket: 'А1',
    serviceCode: '02',
    serviceName: 'Паспорт громадянина України',
    arrivedAt: at(25),
    calledAt: at(12),
    finishedAt: at(0),
    outcome: 'served',
    phone,
    consent: 'granted',
    language: 'uk',
  };
}
