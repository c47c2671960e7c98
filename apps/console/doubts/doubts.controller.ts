import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope } from '#access/access.guard';
import { actorOf } from '#access/audit-log';
import { DOUBT_ACTIONS, DOUBT_REASON } from '#dispatch/doubt';
import { DOUBT_STATES } from '#dispatch/doubt-list.sql';
import { page, pageQuery, type Page } from '../api/cursor.js';
import { idParam } from '../api/id.js';
import { openApi } from '../api/open-api.js';
import { principalOf, type ConsoleRequest } from '../http/request.js';
import { DoubtDesk, type Doubt } from './doubt-desk.js';

const listQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(DOUBT_STATES).default('uncertain').describe('in doubt now, or given up'),
  centre: z.string().optional(),
  sender: z.string().max(100).optional(),
});

/** Why is asked for, since who sends again takes the risk that the person gets it twice. */
export const decision = z.strictObject({
  action: z.enum(DOUBT_ACTIONS),
  reason: z
    .string()
    .trim()
    .min(DOUBT_REASON.min)
    .max(DOUBT_REASON.max)
    .describe('how it is known; kept in the audit log'),
});

/** Messages of which nobody knows whether they were sent. */
@ApiTags('messages')
@ApiBearerAuth()
@Allow('admin', 'operator')
@CentreScope('narrowed')
@Controller('api/v1/messages')
export class DoubtsController {
  constructor(private readonly desk: DoubtDesk) {}

  @ApiOperation({
    summary: 'Messages in doubt, or given up, newest first; masked numbers',
    description: 'Doubts end by themselves within the hour: by a receipt, by asking the carrier, or as the campaign says.',
  }) // prettier-ignore
  @Get()
  async list(
    @Query({ schema: listQuery }) { cursor, ...filter }: z.output<typeof listQuery>,
    @Req() request: ConsoleRequest,
  ): Promise<Page<Doubt>> {
    return page(await this.desk.page({ ...filter, before: cursor }, principalOf(request)), filter.limit);
  }

  @ApiOperation({
    summary: 'End the doubt about one message: send it again, or give it up',
    description:
      'Refused with 409 `message_state` when it is not in doubt any more, and 409 `message_expired` when it is too late to send. ' +
      'What is sent again may reach the person twice; window and refusals hold as ever. Recorded in the audit log.',
  })
  @ApiBody({ schema: openApi(decision) })
  @Post(':id')
  @HttpCode(204)
  decide(
    @Param('id', { schema: idParam }) id: string,
    @Body({ schema: decision }) wanted: z.output<typeof decision>,
    @Req() request: ConsoleRequest,
  ): Promise<void> {
    return this.desk.decide(id, wanted, principalOf(request), actorOf(request));
  }
}
