import { Body, Controller, Get, Inject, Param, Patch, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope } from '#access/access.guard';
import { actorOf, AuditLog } from '#access/audit-log';
import { senderSetPace } from '#dispatch/pace.sql';
import { senderSetCap } from '#dispatch/sender.sql';
import type { Clock } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import { Database, type Queryable } from '#store/database';
import { CLOCK } from '#store/process';
import type { ConsoleRequest } from '../http/request.js';
import type { Page } from './cursor.js';
import { senderList, type ListedSender } from './senders.sql.js';

const keyParam = z.string().max(100);
const senderChange = z.strictObject({
  partsPerSecond: z.number().positive().max(100_000).nullable().optional().describe('SMS parts all workers together may send in a second; null: no limit'),
  maxInFlight: z.int().min(1).max(100_000).nullable().optional().describe('messages all workers together may have in flight; null: no limit'),
}); // prettier-ignore

/** Carrier accounts: whether they send, why not, and how fast they may. */
@ApiTags('set-up')
@ApiBearerAuth()
@Allow('admin', 'analyst', 'operator')
@CentreScope('irrelevant')
@Controller('api/v1/senders')
export class SendersController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  @ApiOperation({ summary: 'Carrier accounts: running, paused, stopped or off, and their limits' })
  @Get()
  async senders(): Promise<Page<ListedSender>> {
    return { items: await senderList(this.database, this.clock.real()), next: null };
  }

  @ApiOperation({ summary: 'Set how fast a sender may go; what is absent stays as it is' })
  @Allow('admin')
  @Patch(':key')
  change(
    @Param('key', { schema: keyParam }) key: string,
    @Body({ schema: senderChange }) change: z.output<typeof senderChange>,
    @Req() request: ConsoleRequest,
  ): Promise<ListedSender> {
    return this.database.transaction(async (tx) => {
      const before = limitsOf(await this.find(tx, key));
      const { partsPerSecond, maxInFlight } = change;
      const now = this.clock.now();
      if (partsPerSecond !== undefined) await senderSetPace(tx, key, partsPerSecond, now);
      if (maxInFlight !== undefined) await senderSetCap(tx, key, maxInFlight, now);
      const sender = await this.find(tx, key);
      await this.audit.record(tx, { by: actorOf(request), action: 'sender.limited', on: { kind: 'sender', id: key }, before, after: limitsOf(sender) }); // prettier-ignore
      return sender;
    });
  }

  private async find(tx: Queryable, key: string): Promise<ListedSender> {
    const sender = (await senderList(tx, this.clock.real())).find((one) => one.key === key);
    if (!sender) throw new AppError('sender_unknown', `There is no sender "${key}".`, { status: 404 });
    return sender;
  }
}

function limitsOf({ partsPerSecond, maxInFlight }: ListedSender): object {
  return { partsPerSecond, maxInFlight };
}
