import { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope, Unrecorded } from '#access/access.guard';
import { centresWithin } from '#access/centre-scope';
import { Vault } from '#contacts/vault';
import { integrityFlags, type IntegrityFlags } from '#intake/integrity.sql';
import { visitRecordSchema } from '#intake/read/visit-record';
import { VisitIntake, type PostedSummary } from '#intake/visit-intake';
import type { Clock } from '#kernel/clock';
import type { Secrets } from '#kernel/sealing-key';
import { AppError } from '#kernel/errors';
import { Database } from '#store/database';
import { CLOCK, SECRET_KEY } from '#store/process';
import { principalOf, type ConsoleRequest } from '../http/request.js';
import { page, pageQuery, type Page } from './cursor.js';
import { postedLines } from './posted-lines.js';
import { added, NOTHING_POSTED } from './posted-summary.js';
import { visitPage, type ListedVisit } from './visits.sql.js';

const MOST_RECORDS = 10_000;
const LINES_AT_ONCE = 5_000;

const listQuery = z.strictObject({
  ...pageQuery,
  centre: z.string().optional(),
  contact: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional()
    .describe('id of a contact, as the flags name it'),
  from: z.iso.date().optional().describe('first day on which the visit finished'),
  to: z.iso.date().optional().describe('last day, included'),
});

const flagsQuery = z
  .strictObject({
    from: z.iso.date().describe('first day on which the visits finished'),
    to: z.iso.date().describe('last day, included'),
  })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'must not be before from' });

const record = z.toJSONSchema(visitRecordSchema, { io: 'input', target: 'openapi-3.0' }) as object;

/** The queue system's way in, and what became of its visits. */
@ApiTags('visits')
@ApiBearerAuth()
@Controller('api/v1/visits')
export class VisitsController {
  private readonly intake: VisitIntake;

  constructor(
    private readonly database: Database,
    @Inject(SECRET_KEY) secretKey: Secrets,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.intake = new VisitIntake(database, new Vault(secretKey), clock);
  }

  @ApiOperation({
    summary: 'Take in visit records: one, a list of up to 10,000, or a stream with one JSON record a line',
    description:
      'Repeating a record is safe: it counts as a duplicate. In a list or stream a record that cannot be taken is ' +
      'reported under its index and holds up no other; a single one is answered with 422.',
  })
  @ApiConsumes('application/json', 'application/x-ndjson')
  @ApiBody({ schema: { oneOf: [record, { type: 'array', maxItems: MOST_RECORDS, items: record }] } })
  @Unrecorded('each post is a batch in intake_batch, with its counts')
  @Allow('admin')
  @Post()
  @HttpCode(200)
  async take(@Body() body: unknown): Promise<PostedSummary> {
    if (body instanceof Readable) return this.takeStream(body);
    if (Array.isArray(body)) {
      if (body.length <= MOST_RECORDS) return this.intake.importRecords(body);
      throw new AppError(
        'too_many_records',
        `Post at most ${MOST_RECORDS} records at once, or a stream of lines.`,
        {
          status: 413,
        },
      );
    }
    const summary = await this.intake.importRecords([body]);
    const [reject] = summary.rejects;
    if (!reject) return summary;
    throw new AppError('record_rejected', `The record was not taken (${reject.reason}): ${reject.detail}.`, {
      status: 422,
    });
  }

  @ApiOperation({ summary: 'Visits, newest first, each with the decision of the ledger' })
  @Allow('admin', 'analyst', 'operator')
  @CentreScope('narrowed')
  @Get()
  async list(
    @Query({ schema: listQuery }) { cursor, centre, ...filter }: z.output<typeof listQuery>,
    @Req() request: ConsoleRequest,
  ): Promise<Page<ListedVisit>> {
    const centres = centresWithin(centre === undefined ? undefined : [centre], principalOf(request));
    return page(await visitPage(this.database, { ...filter, centres, before: cursor }), filter.limit);
  }

  @ApiOperation({
    summary: 'Signs of careless or made-up records, for a person to look into',
    description:
      'One number on many visits of a day or at many centres, numbers that no message ever reached, bursts at one desk, ' +
      'visits ahead of time. Nothing is changed by them. Contacts are named by id: `visits?contact=` lists their visits.',
  })
  @Allow('admin', 'analyst')
  @CentreScope('narrowed')
  @Get('flags')
  flags(
    @Query({ schema: flagsQuery }) range: z.output<typeof flagsQuery>,
    @Req() request: ConsoleRequest,
  ): Promise<IntegrityFlags> {
    return integrityFlags(this.database, {
      ...range,
      centres: centresWithin(undefined, principalOf(request)),
    });
  }

  private async takeStream(stream: Readable): Promise<PostedSummary> {
    let summary = NOTHING_POSTED;
    for await (const records of postedLines(stream, LINES_AT_ONCE)) {
      summary = added(summary, await this.intake.importRecords(records));
    }
    return summary;
  }
}
