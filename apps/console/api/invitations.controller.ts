import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope } from '#access/access.guard';
import { actorOf, AuditLog } from '#access/audit-log';
import { centresWithin, seesCentre } from '#access/centre-scope';
import { maskPhone, Vault } from '#contacts/vault';
import { AppError } from '#kernel/errors';
import type { Secrets } from '#kernel/sealing-key';
import { disposition, FACTS, type Disposition } from '#reporting/disposition';
import { withoutContacts } from '#reporting/free-text';
import { Database } from '#store/database';
import { SECRET_KEY } from '#store/process';
import { principalOf, type ConsoleRequest } from '../http/request.js';
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

const lookReason = z.strictObject({
  reason: z.string().trim().min(5).max(200).describe('why the number is needed; kept in the audit log'),
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
@CentreScope('narrowed')
@Controller('api/v1/invitations')
export class InvitationsController {
  private readonly vault: Vault;

  constructor(
    private readonly database: Database,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(SECRET_KEY) secretKey: Secrets,
  ) {
    this.vault = new Vault(secretKey);
  }

  @ApiOperation({ summary: 'Invitations, newest first, with what happened and the disposition it makes' })
  @Get()
  async list(
    @Query({ schema: listQuery }) { cursor, centre, ...filter }: z.output<typeof listQuery>,
    @Req() request: ConsoleRequest,
  ): Promise<Page<ListedInvitation>> {
    const centres = centresWithin(centre === undefined ? undefined : [centre], principalOf(request));
    const rows = await invitationPage(this.database, { ...filter, centres, before: cursor });
    const { items, next } = page(rows, filter.limit);
    return { items: items.map((row) => this.listed(row)), next };
  }

  @ApiOperation({ summary: 'Everything that happened to one invitation, in order; no texts, no number' })
  @Get(':id/timeline')
  async timeline(
    @Param('id', { schema: idParam }) id: string,
    @Req() request: ConsoleRequest,
  ): Promise<{ invitation: ListedInvitation; events: TimelineEvent[] }> {
    const row = await this.visible(id, request);
    const events = await invitationTimeline(this.database, id);
    await this.audit.record(this.database, {
      by: actorOf(request),
      action: 'timeline.seen',
      on: { kind: 'invitation', id },
    });
    return { invitation: this.listed(row), events };
  }

  @ApiOperation({
    summary: "The person's whole number, to call back; the look and its reason are recorded first",
  })
  @Allow('admin')
  @Post(':id/phone')
  @HttpCode(200)
  async phone(
    @Param('id', { schema: idParam }) id: string,
    @Body({ schema: lookReason }) { reason }: z.output<typeof lookReason>,
    @Req() request: ConsoleRequest,
  ): Promise<{ phone: string }> {
    const row = await this.visible(id, request);
    if (row.phoneCipher === null) {
      throw new AppError('number_forgotten', 'This person was forgotten: there is no number.', {
        status: 404,
      });
    }
    const phone = this.vault.open(row.phoneCipher);
    await this.audit.record(this.database, {
      by: actorOf(request),
      action: 'number.seen',
      on: { kind: 'invitation', id },
      after: { reason: withoutContacts(reason) },
    });
    return { phone };
  }

  private async visible(id: string, request: ConsoleRequest): Promise<InvitationRow> {
    const row = await invitationById(this.database, id);
    if (row && seesCentre(row.centre, principalOf(request))) return row;
    throw new AppError('not_found', `There is no invitation ${id}.`, { status: 404 });
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
