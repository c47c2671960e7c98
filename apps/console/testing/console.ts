import { createToken } from '#access/tokens';
import { createUser } from '#access/users';
import { parseEnvironment } from '#config/environment';
import { createLogger } from '#config/logger';
import { SteppedClock } from '#kernel/clock';
import type { Role } from '#store/entities';
import type { RunningProcess } from '#store/process';
import { Builders, TEST_SECRET } from '#testkit/builders';
import { testDatabase } from '#testkit/database';
import type { Patience } from '../http/door.js';
import { start } from '../main.js';

export const PASSWORD = 'a password for tests';

/**
 * A console of its own on a free port, with a database, builders and a user and token for each role. `env`: settings
 * beside the defaults.
 */
export async function testConsole(now: Date, env: Record<string, string> = {}, patience?: Patience) {
  const t = await testDatabase();
  const clock = new SteppedClock(now);
  const log: string[] = [];
  const environment = parseEnvironment({ VIDHUK_CONSOLE_PORT: '0', ...env });
  const running: RunningProcess = {
    name: 'console',
    environment,
    log: createLogger('console', 'info', { write: (line) => void log.push(line) }),
    clock,
    database: t.db,
    secretKey: TEST_SECRET,
    close: async () => undefined,
  };
  const secrets = {} as Record<Role, string>;
  /** A token of this role for these centres only. */
  const scopedTo = async (role: Role, centres: readonly string[]): Promise<string> =>
    (await createToken(t.db, { name: `${role} of ${centres.join()}`, role, centres, now })).secret;
  for (const role of ['admin', 'analyst', 'operator'] as const) {
    await createUser(t.db, { email: `${role}@example.ua`, password: PASSWORD, role, now });
    secrets[role] = (await createToken(t.db, { name: role, role, now })).secret;
  }
  const app = await start(running, patience);
  const as = (role: Role | undefined, path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${app.url}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { ...(role && { authorization: `Bearer ${secrets[role]}` }), ...init.headers },
    });
  return {
    db: t.db,
    url: app.url,
    clock,
    log,
    secrets,
    running,
    build: new Builders(t.db, now),
    scopedTo,
    /** A request with the role's bearer token; undefined: without. */
    as,
    /** The session cookie of the role's user after signing in by the form. */
    async signIn(role: Role): Promise<string> {
      const answer = await as(undefined, '/sign-in', {
        method: 'POST',
        body: new URLSearchParams({ email: `${role}@example.ua`, password: PASSWORD }),
      });
      return cookiesOf(answer)['vidhuk_session'] ?? '';
    },
    async close(): Promise<void> {
      await app.close();
      await t.drop();
    },
  };
}

/** The cookies an answer sets, as `name=value` by name; what it clears is left out. */
export function cookiesOf(answer: Response): Record<string, string> {
  const set = answer.headers.getSetCookie().filter((line) => !line.includes('Max-Age=0'));
  const pairs = set.map((line) => line.split(';')[0] ?? '');
  return Object.fromEntries(pairs.map((pair) => [pair.split('=')[0] ?? '', pair]));
}

export type TestConsole = Awaited<ReturnType<typeof testConsole>>;
