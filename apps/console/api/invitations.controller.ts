import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow } from '#access/access.guard';
import { maskPhone, Vault } from '#contacts/vault';
import { AppError } from '#kernel/errors';
import type { Secrets } from '#kernel/sealing-key';
import { disposition, FACTS, type Disposition } from '#reporting/disposition';
import { Database } from '#store/database';
import { SECRET_KEY } from '#store/process';
import { page, pageQuery, type Page } from './cursor.js';
import { idParam } from './id.js';
import {
  invitationById,
  invitationPage,
  invitationTimeline,
  type InvitationRow,
  type TimelineEvent,
} from './invitations.sql.js';

const day = z.iso.date();
const listQuery = z.strictObject({
  ...pageQuery,
  centre: z.string().optional(),
  campaign: z.string().optional(),
  from: day.optional().describe('first day on which the visit finished'),
  to: day.optional().describe('last day, included'),
});

export interface ListedInvitation {
  readonly id: string;
  readonly visit: string;
  readonly centre: string;
  readonly service: string | null;
  readonly campaign: string;
  readonly variant: string;
  readonly locale: string;
  readonly channels: readonly string[];
  readonly plannedAt: Date;
  readonly expiresAt: Date;
  /** Masked; null once the person was forgotten. */
  readonly phone: string | null;
  /** What is known to have happened. */
  readonly facts: readonly string[];
  readonly disposition: Disposition;
}

/** For operators: single invitations with a masked number. Analysts have reports instead. */
@ApiTags('invitations')
@ApiBearerAuth()
@Allow('admin', 'operator')
@Controller('api/v1/invitations')
export class InvitationsController {
  private readonly vault: Vault;

  constructor(
    private readonly database: Database,
    @Inject(SECRET_KEY) secretKey: Secrets,
  ) {
    this.vault = new Vault(secretKey);
  }

  @ApiOperation({ summary: 'Invitations, newest first, with what happened and the disposition it makes' })
  @Get()
  async list(
    @Query({ schema: listQuery }) { cursor, ...filter }: z.output<typeof listQuery>,
  ): Promise<Page<ListedInvitation>> {
    const rows = await invitationPage(this.database, { ...filter, before: cursor });
    const { items, next } = page(rows, filter.limit);
    return { items: items.map((row) => this.listed(row)), next };
  }

  @ApiOperation({ summary: 'Everything that happened to one invitation, in order; no texts, no number' })
  @Get(':id/timeline')
  async timeline(
    @Param('id', { schema: idParam }) id: string,
  ): Promise<{ invitation: ListedInvitation; events: TimelineEvent[] }> {
    const row = await invitationById(this.database, id);
    if (!row) throw new AppError('not_found', `There is no invitation ${id}.`, { status: 404 });
    return { invitation: this.listed(row), events: await invitationTimeline(this.database, id) };
  }

  private listed(row: InvitationRow): ListedInvitation {
    const { id, visit, centre, service, campaign, variant, locale, channels, plannedAt, expiresAt } = row;
    return {
      id, visit, centre, service, campaign, variant, locale, channels, plannedAt, expiresAt,
      phone: row.phoneCipher === null ? null : maskPhone(this.vault.open(row.phoneCipher)),
      facts: FACTS.filter((fact) => row.facts[fact]),
      disposition: disposition(row.facts),
    }; // prettier-ignore
  }
}
