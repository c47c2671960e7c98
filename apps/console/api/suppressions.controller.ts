import { Body, Controller, Get, Inject, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope } from '#access/access.guard';
import { actorOf, AuditLog } from '#access/audit-log';
import { maskPhone, Vault } from '#contacts/vault';
import { suppress } from '#contacts/suppression.sql';
import { suppressionPage, type ListedSuppression } from '#contacts/suppression-list.sql';
import type { Clock } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import { readPhone } from '#kernel/phone';
import type { Secrets } from '#kernel/sealing-key';
import { Database } from '#store/database';
import { CLOCK, SECRET_KEY } from '#store/process';
import { type ConsoleRequest } from '../http/request.js';
import { page, pageQuery, type Page } from './cursor.js';

const listQuery = z.strictObject(pageQuery);
const newSuppression = z.strictObject({
  phone: z.string().min(1).max(40).describe('number of the person, in any usual writing'),
  channel: z.enum(['sms', 'viber']).optional().describe('absent: every channel'),
});

type Shown = Omit<ListedSuppression, 'phoneCipher'> & { readonly phone: string | null };

/** The people who are not written to. An operator may add one; only the person takes it back, by START or on the page. */
@ApiTags('suppressions')
@ApiBearerAuth()
@Allow('admin', 'operator')
@CentreScope('irrelevant')
@Controller('api/v1/suppressions')
export class SuppressionsController {
  private readonly vault: Vault;

  constructor(
    private readonly database: Database,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECRET_KEY) secretKey: Secrets,
  ) {
    this.vault = new Vault(secretKey);
  }

  @ApiOperation({ summary: 'Who is not written to, newest first; a masked number where one is kept' })
  @Allow('admin')
  @Get()
  async list(
    @Query({ schema: listQuery }) { cursor, limit }: z.output<typeof listQuery>,
  ): Promise<Page<Shown>> {
    const { items, next } = page(await suppressionPage(this.database, { before: cursor, limit }), limit);
    return {
      items: items.map(({ phoneCipher, ...one }) => ({
        ...one,
        phone: phoneCipher && maskPhone(this.vault.open(phoneCipher)),
      })),
      next,
    };
  }

  @ApiOperation({
    summary: 'Write to this person no more, because they asked an operator; what waits is not sent',
  })
  @Post()
  async add(
    @Body({ schema: newSuppression }) { phone, channel }: z.output<typeof newSuppression>,
    @Req() request: ConsoleRequest,
  ): Promise<{ added: boolean }> {
    const reading = readPhone(phone, 'UA');
    if (reading.status !== 'ok')
      throw new AppError('phone_unreadable', 'The number cannot be read: write it as +380… or 0…');
    const addressHash = this.vault.phoneHash(reading.e164);
    const how = {
      channel: channel ?? null,
      reason: 'operator',
      via: 'operator',
      now: this.clock.now(),
    } as const;
    return this.database.transaction(async (tx) => {
      const added = await suppress(tx, { addressHash, ...how });
      const after = { channel: how.channel, added };
      await this.audit.record(tx, { by: actorOf(request), action: 'suppression.added', after });
      return { added };
    });
  }
}
