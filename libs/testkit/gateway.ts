import { parseEnvironment } from '#config/environment';
import { createLogger } from '#config/logger';
import type { Channel } from '#channels/channel';
import { start, type RunningGateway } from '#gateway/main';
import type { RunningProcess } from '#store/process';
import { TEST_SECRET } from './builders.js';
import type { TestDatabase } from './database.js';
import type { ReplyDesk } from './reply-desk.js';

export const PUBLIC_URL = 'https://v.example.gov.ua';

export interface TestGateway extends RunningGateway {
  readonly logged: Record<string, unknown>[];
}

/** A gateway on a free port, over a test database and the desk's clock. `channels`: instead of the environment's. */
export async function testGateway(
  t: TestDatabase,
  desk: ReplyDesk,
  options: { channels?: ReadonlyMap<string, Channel>; env?: Record<string, string> } = {},
): Promise<TestGateway> {
  const logged: Record<string, unknown>[] = [];
  const environment = parseEnvironment({
    DATABASE_URL: t.url,
    VIDHUK_SECRET_KEY: TEST_SECRET,
    VIDHUK_GATEWAY_PORT: '0',
    VIDHUK_PUBLIC_URL: PUBLIC_URL,
    ...options.env,
  });
  const log = createLogger('gateway', 'info', {
    write: (line) => logged.push(JSON.parse(line) as Record<string, unknown>),
  });
  const running: RunningProcess = {
    name: 'gateway',
    environment,
    log,
    clock: desk.clock,
    database: t.db,
    secretKey: TEST_SECRET,
    close: () => Promise.resolve(),
  };
  const gateway = await start(running, ...(options.channels ? [options.channels] : []));
  return { ...gateway, logged };
}
