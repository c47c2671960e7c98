import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope } from '#access/access.guard';
import { actorOf } from '#access/audit-log';
import { AppError } from '#kernel/errors';
import { page, pageQuery } from '../api/cursor.js';
import { idParam } from '../api/id.js';
import { CaseDesk, CASE_ACTIONS } from '../cases/case-desk.js';
import { CASE_STATES } from '../cases/cases.sql.js';
import { principalOf, type ConsoleReply, type ConsoleRequest } from '../http/request.js';
import { casePage, casesPage } from './cases-page.js';
import { localeOf } from './words.js';

const listQuery = z.object({ cursor: pageQuery.cursor, state: z.enum(CASE_STATES).optional() });
const change = z.object({ action: z.enum(CASE_ACTIONS).optional(), note: z.string().max(4000).default('') });
const ON_A_PAGE = 50;
/** What the person can mend on the spot; the page comes back with it. */
const MENDABLE = ['note_missing', 'case_state'];

/** The pages on which operators follow low scores up; plain forms, no script. */
@ApiExcludeController()
@Allow('admin', 'operator')
@CentreScope('narrowed')
@Controller('cases')
export class CasePagesController {
  constructor(private readonly desk: CaseDesk) {}

  @Get()
  async list(
    @Query({ schema: listQuery }) { cursor, state }: z.output<typeof listQuery>,
    @Req() request: ConsoleRequest,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    const principal = principalOf(request);
    const rows = await this.desk.page({ state, before: cursor, limit: ON_A_PAGE }, principal);
    const { items, next } = page(rows, ON_A_PAGE);
    send(reply, 200, casesPage({ locale: localeOf(request), principal, cases: items, state, next }));
  }

  @Get(':id')
  async one(
    @Param('id', { schema: idParam }) id: string,
    @Req() request: ConsoleRequest,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    await this.show(id, request, reply);
  }

  @Post(':id')
  async change(
    @Param('id', { schema: idParam }) id: string,
    @Body({ schema: change }) { action, note }: z.output<typeof change>,
    @Req() request: ConsoleRequest,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    if (action === undefined) return this.show(id, request, reply, { status: 400, note });
    try {
      await this.desk.change(id, { action, note }, principalOf(request), actorOf(request));
    } catch (thrown) {
      if (!(thrown instanceof AppError) || !MENDABLE.includes(thrown.code)) throw thrown;
      await this.show(id, request, reply, { status: thrown.status, problem: thrown.code, note });
      return;
    }
    void reply.code(303).header('location', `/cases/${id}`).send();
  }

  private async show(
    id: string,
    request: ConsoleRequest,
    reply: ConsoleReply,
    again?: { status: number; problem?: string; note: string },
  ): Promise<void> {
    const principal = principalOf(request);
    const detail = await this.desk.look(id, principal, actorOf(request));
    const { status = 200, ...said } = again ?? {};
    send(reply, status, casePage({ locale: localeOf(request), principal, detail, ...said }));
  }
}

function send(reply: ConsoleReply, status: number, text: string): void {
  void reply
    .code(status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(text);
}
