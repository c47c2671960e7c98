import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow } from '#access/access.guard';
import type { AuditFacts } from '#access/audit-chain';
import { auditPage } from '#access/audit.sql';
import { Database } from '#store/database';
import { page, pageQuery, type Page } from './cursor.js';

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const listQuery = z.strictObject({
  ...pageQuery,
  actor: z.string().max(254).optional().describe('e-mail address or token name'),
  action: z.string().max(100).optional().describe('such as number.seen'),
  subject: z.string().max(254).optional().describe('kind, or kind:id, of what it was done to'),
  from: moment.optional().describe('first moment'),
  before: moment.optional().describe('moment after the last'),
});

@ApiTags('audit')
@ApiBearerAuth()
@Allow('admin')
@Controller('api/v1/audit')
export class AuditController {
  constructor(private readonly database: Database) {}

  @ApiOperation({
    summary: 'What people changed and looked at, newest first: who, when, from where, before and after',
  })
  @Get()
  async list(
    @Query({ schema: listQuery }) { cursor, ...filter }: z.output<typeof listQuery>,
  ): Promise<Page<AuditFacts>> {
    return page(await auditPage(this.database, { ...filter, olderThan: cursor }), filter.limit);
  }
}
