import type { Pool, PoolClient, QueryConfig, QueryResultRow } from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { asError } from '#kernel/errors';
import { migrations } from '#migrations/index';
import { entities } from './entities.js';

/** Anything a named statement can run on: the pool, or one connection inside a transaction. */
export interface Queryable {
  /** `prepareAs` names a statement of the hot path: each connection then parses and plans it once. */
  query<R extends QueryResultRow>(
    text: string,
    values?: readonly unknown[],
    prepareAs?: string,
  ): Promise<Answer<R>>;
}

export interface Answer<R> {
  readonly rows: R[];
  readonly rowCount: number;
}

/**
 * Real time after which a statement of the hot path is given up: it takes milliseconds where anything is well, and its
 * result is still of use, since leases are longer.
 */
export const HOT_PATH_MS = 10_000;
/** How often the server looks whether who asked is still there: what nobody waits for is rolled back. */
const SERVER_LOOKS_MS = 2_000;

/**
 * The one door to PostgreSQL: TypeORM's data source for entities and migrations, and its pool for the
 * hand-written statements of the stages. Both share the same connections.
 */
export class Database implements Queryable {
  private constructor(
    readonly dataSource: DataSource,
    /** For statements of the hot path. */
    private readonly hotPathMs: number | undefined,
  ) {}

  /**
   * Connects. Rejects when the server cannot be reached or refuses. `answerWithinMs`: statements that take longer fail and
   * their connection is given up, since a network that swallows everything never says so. Without it they may take for ever.
   */
  static async connect(
    url: string,
    options: { poolSize?: number; applicationName?: string; answerWithinMs?: number } = {},
  ): Promise<Database> {
    const dataSource = new DataSource({
      type: 'postgres',
      url,
      entities: [...entities],
      migrations: [...migrations],
      migrationsTableName: 'migration',
      synchronize: false,
      poolSize: options.poolSize ?? 10,
      applicationName: options.applicationName ?? 'vidhuk',
      // A restarted server kills idle connections; the pool drops them and the next statement opens a new one.
      poolErrorHandler: () => undefined,
      extra: {
        connectionTimeoutMillis: 10_000,
        keepAlive: true,
        ...(options.answerWithinMs === undefined
          ? {}
          : {
              query_timeout: options.answerWithinMs,
              options: `-c client_connection_check_interval=${SERVER_LOOKS_MS}`,
            }),
      },
    });
    await dataSource.initialize();
    const { answerWithinMs } = options;
    return new Database(dataSource, answerWithinMs && Math.min(answerWithinMs, HOT_PATH_MS));
  }

  /** The pg pool under TypeORM, for COPY streams and sessions that listen. */
  get pool(): Pool {
    return (this.dataSource.driver as PostgresDriver).master as Pool;
  }

  async query<R extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    prepareAs?: string,
  ): Promise<Answer<R>> {
    const { rows, rowCount } = await this.pool.query<R>(statement(text, values, prepareAs, this.hotPathMs));
    return { rows, rowCount: rowCount ?? 0 };
  }

  /** Runs `work` in one transaction on one connection; commits when it resolves, rolls back when it throws. */
  async transaction<T>(work: (tx: Queryable & { client: PoolClient }) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    // A connection that dies while it is ours also says so as an event, which nobody heard would end the process.
    const lost = (error: Error): void => {
      broken = error;
    };
    client.on('error', lost);
    try {
      await client.query({ text: 'begin', query_timeout: this.hotPathMs } as QueryConfig);
      const result = await work(on(client, this.hotPathMs));
      await client.query('commit');
      return result;
    } catch (thrown) {
      // A connection that does not answer would not answer this either.
      if (isUnanswered(thrown)) broken = asError(thrown);
      else await client.query('rollback').catch((error: Error) => (broken = error));
      throw thrown;
    } finally {
      client.off('error', lost);
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

/** pg gave up waiting; it has no code for that. */
function isUnanswered(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message === 'Query read timeout';
}

// Classes: connection, resources (53100 is a full disk), operator's intervention, system error; deadlock and serialization.
const PASSING_CODE = /^(08|53|57|58|40)[0-9A-Z]{3}$|^E(CONN|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH)/;
const PASSING_MESSAGE =
  /^Query read timeout$|^timeout exceeded when trying to connect$|^Connection terminated/;

/** Whether the database could not do it now, and may a little later: nothing is wrong with what was asked. */
export function isPassing(thrown: unknown): boolean {
  if (thrown instanceof AggregateError) return thrown.errors.some(isPassing);
  if (!(thrown instanceof Error)) return false;
  const { code } = thrown as { code?: unknown };
  return (typeof code === 'string' && PASSING_CODE.test(code)) || PASSING_MESSAGE.test(thrown.message);
}

function on(client: PoolClient, hotPathMs: number | undefined): Queryable & { client: PoolClient } {
  return {
    client,
    async query<R extends QueryResultRow>(text: string, values: readonly unknown[] = [], prepareAs?: string) {
      const { rows, rowCount } = await client.query<R>(statement(text, values, prepareAs, hotPathMs));
      return { rows, rowCount: rowCount ?? 0 };
    },
  };
}

/** pg takes a time for one statement as well, which its types do not know. */
type TimedQuery = QueryConfig & { query_timeout?: number };

function statement(
  text: string,
  values: readonly unknown[],
  name: string | undefined,
  hotPathMs: number | undefined,
): TimedQuery {
  if (name === undefined) return { text, values: [...values] };
  return { name, text, values: [...values], ...(hotPathMs !== undefined && { query_timeout: hotPathMs }) };
}
