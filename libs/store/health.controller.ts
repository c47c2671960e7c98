import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { within } from '#kernel/deadline';
import { Database } from './database.js';
import { isCurrent } from './migrate.js';

/** Who asks whether a process is ready does not wait for long; a database that hangs is one that does not answer. */
const PATIENCE_MS = 2_000;

/** For load balancers and supervisors: `/healthz` the process lives, `/readyz` it can do its work. */
@Controller()
export class HealthController {
  constructor(private readonly database: Database) {}

  @Get('healthz')
  alive(): { status: 'alive' } {
    return { status: 'alive' };
  }

  /** 200 when the database answers and its schema is this program's; 503 with the reason otherwise. */
  @Get('readyz')
  async ready(): Promise<{ status: 'ready' }> {
    const current = await within(PATIENCE_MS, isCurrent(this.database)).catch(() => undefined);
    if (current === undefined) throw new ServiceUnavailableException('the database does not answer');
    if (!current) throw new ServiceUnavailableException('migrations have not run: use "vidhuk migrate"');
    return { status: 'ready' };
  }
}
