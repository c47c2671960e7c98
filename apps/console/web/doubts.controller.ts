import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope } from '#access/access.guard';
import { actorOf } from '#access/audit-log';
import { DOUBT_ACTIONS } from '#dispatch/doubt';
import { DOUBT_STATES, type DoubtState } from '#dispatch/doubt-list.sql';
import { AppError } from '#kernel/errors';
import { page, pageQuery } from '../api/cursor.js';
import { idParam } from '../api/id.js';
import { DoubtDesk } from '../doubts/doubt-desk.js';
import { principalOf, type ConsoleReply, type ConsoleRequest } from '../http/request.js';
import { doubtsPage } from './doubts-page.js';
import { localeOf } from './words.js';

const listQuery = z.object({ cursor: pageQuery.cursor, state: z.enum(DOUBT_STATES).default('uncertain') });
const form = z.object({ action: z.enum(DOUBT_ACTIONS), reason: z.string().default('') });
const ON_A_PAGE = 50;
/** What the person can see and mend on the page itself. */
const MENDABLE = ['message_state', 'message_expired', 'reason_length'];

/** The page on which people decide about single messages in doubt. */
@ApiExcludeController()
@Allow('admin', 'operator')
@CentreScope('narrowed')
@Controller('doubts')
export class DoubtPagesController {
  constructor(private readonly desk: DoubtDesk) {}

  @Get()
  async list(
    @Query({ schema: listQuery }) query: z.output<typeof listQuery>,
    @Req() request: ConsoleRequest,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    await this.show(request, reply, query);
  }

  @Post(':id')
  async decide(
    @Param('id', { schema: idParam }) id: string,
    @Body({ schema: form }) wanted: z.output<typeof form>,
    @Req() request: ConsoleRequest,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    const again = { state: 'uncertain' as const };
    try {
      await this.desk.decide(id, wanted, principalOf(request), actorOf(request));
    } catch (thrown) {
      if (!(thrown instanceof AppError) || !MENDABLE.includes(thrown.code)) throw thrown;
      return this.show(request, reply, again, thrown);
    }
    void reply.code(303).header('location', '/doubts').send();
  }

  private async show(
    request: ConsoleRequest,
    reply: ConsoleReply,
    { state, cursor }: { state: DoubtState; cursor?: string | undefined },
    problem?: { readonly status: number; readonly code: string },
  ): Promise<void> {
    const principal = principalOf(request);
    const rows = await this.desk.page({ state, before: cursor, limit: ON_A_PAGE }, principal);
    const { items: doubts, next } = page(rows, ON_A_PAGE);
    const view = { locale: localeOf(request), principal, doubts, state, next, problem: problem?.code };
    void reply
      .code(problem?.status ?? 200)
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(doubtsPage(view));
  }
}
