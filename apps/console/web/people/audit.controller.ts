import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow } from '#access/access.guard';
import { auditPage as readPage } from '#access/audit.sql';
import { Database } from '#store/database';
import { sendPage } from '../../http/answers.js';
import { principalOf, type ConsoleReply, type ConsoleRequest } from '../../http/request.js';
import { page, pageQuery } from '../../api/cursor.js';
import { localeOf } from '../words.js';
import { auditPage } from './audit-page.js';

const text = z.string().max(254).default('');
const query = z.object({ actor: text, action: text, subject: text, cursor: pageQuery.cursor });
const ENTRIES = 100;

/** The audit log as a page. */
@ApiExcludeController()
@Allow('admin')
@Controller('audit')
export class AuditPageController {
  constructor(private readonly database: Database) {}

  @Get()
  async show(
    @Req() request: ConsoleRequest,
    @Query({ schema: query }) { cursor, ...filter }: z.output<typeof query>,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    const given = (value: string): string | undefined => (value === '' ? undefined : value);
    const rows = await readPage(this.database, {
      actor: given(filter.actor),
      action: given(filter.action),
      subject: given(filter.subject),
      limit: ENTRIES,
      olderThan: cursor,
    });
    const { items, next } = page(rows, ENTRIES);
    const principal = principalOf(request);
    sendPage(reply, auditPage({ locale: localeOf(request), principal, entries: items, filter, next }));
  }
}
