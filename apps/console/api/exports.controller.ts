import { Readable } from 'node:stream';
import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope } from '#access/access.guard';
import { actorOf, AuditLog } from '#access/audit-log';
import { narrowed } from '#access/centre-scope';
import { recordedExport } from '#access/recorded-export';
import { Vault } from '#contacts/vault';
import type { Secrets } from '#kernel/sealing-key';
import { EXPORT_FORMATS, exportAnswers, type ExportFormat } from '#reporting/answers-export';
import { reportQuery, toQuestion } from '#reporting/question';
import { Database } from '#store/database';
import { SECRET_KEY } from '#store/process';
import { principalOf, type ConsoleReply, type ConsoleRequest } from '../http/request.js';

const exportQuery = reportQuery
  .safeExtend({ format: z.enum(EXPORT_FORMATS).default('csv') })
  .refine(({ by }) => !by?.length, {
    path: ['by'],
    message: 'an export has one line per answer, not groups',
  });
const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/jsonl',
  parquet: 'application/vnd.apache.parquet',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

@ApiTags('exports')
@ApiBearerAuth()
@Allow('admin', 'analyst')
@CentreScope('narrowed')
@Controller('api/v1/exports')
export class ExportsController {
  private readonly vault: Vault;

  constructor(
    private readonly database: Database,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(SECRET_KEY) secretKey: Secrets,
  ) {
    this.vault = new Vault(secretKey);
  }

  @ApiOperation({ summary: 'Every answer of the visits of a span, one a line, without numbers or names' })
  @ApiProduces(...Object.values(TYPES))
  @Get('answers')
  async answers(
    @Query({ schema: exportQuery }) { format, ...query }: z.output<typeof exportQuery>,
    @Req() request: ConsoleRequest,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    const question = narrowed(toQuestion(query), principalOf(request));
    const pieces = await recordedExport(
      { audit: this.audit, db: this.database, by: actorOf(request) },
      { ...question, format },
      (count) => exportAnswers(this.database, this.vault, question, format, count),
    );
    void reply
      .header('content-type', TYPES[format])
      .header('content-disposition', `attachment; filename="answers-${query.from}-${query.to}.${format}"`)
      .send(Readable.from(pieces));
  }
}
