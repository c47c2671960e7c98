import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope } from '#access/access.guard';
import { actorOf } from '#access/audit-log';
import { page, pageQuery, type Page } from '../api/cursor.js';
import { idParam } from '../api/id.js';
import { openApi } from '../api/open-api.js';
import { principalOf, type ConsoleRequest } from '../http/request.js';
import { CaseDesk, CASE_ACTIONS } from './case-desk.js';
import { caseDetailShape, caseShape, type Case, type CaseDetail } from './case-shape.js';
import { CASE_STATES } from './cases.sql.js';

const listQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(CASE_STATES).optional().describe('all that are not closed when left out'),
  centre: z.string().optional(),
  assignee: z.string().max(254).optional().describe('only those this person took'),
});

const change = z.strictObject({
  action: z.enum(CASE_ACTIONS),
  note: z.string().max(4000).optional().describe('required to note and to close; kept encrypted'),
});

/** Low scores that operators look into. */
@ApiTags('cases')
@ApiBearerAuth()
@Allow('admin', 'operator')
@CentreScope('narrowed')
@Controller('api/v1/cases')
export class CasesController {
  constructor(private readonly desk: CaseDesk) {}

  @ApiOperation({
    summary: 'Low scores to look into, newest first',
    description:
      'A case opens when an answer is at or under `alertAtMost` of its question; one for each visit.',
  })
  @ApiOkResponse({ schema: openApi(z.object({ items: z.array(caseShape), next: z.string().nullable() })) })
  @Get()
  async list(
    @Query({ schema: listQuery }) { cursor, ...filter }: z.output<typeof listQuery>,
    @Req() request: ConsoleRequest,
  ): Promise<Page<Case>> {
    return page(await this.desk.page({ ...filter, before: cursor }, principalOf(request)), filter.limit);
  }

  @ApiOperation({ summary: "One case with the person's words and the notes; the look is recorded" })
  @ApiOkResponse({ schema: openApi(caseDetailShape) })
  @Get(':id')
  one(@Param('id', { schema: idParam }) id: string, @Req() request: ConsoleRequest): Promise<CaseDetail> {
    return this.desk.look(id, principalOf(request), actorOf(request));
  }

  @ApiOperation({
    summary: 'Take a case, give it back, add a note, close it, open it again',
    description:
      'Refused with 409 `case_state` when the case is not where this can be done; recorded in the audit log.',
  })
  @ApiBody({ schema: openApi(change) })
  @ApiOkResponse({ schema: openApi(caseDetailShape) })
  @Post(':id')
  @HttpCode(200)
  change(
    @Param('id', { schema: idParam }) id: string,
    @Body({ schema: change }) wanted: z.output<typeof change>,
    @Req() request: ConsoleRequest,
  ): Promise<CaseDetail> {
    return this.desk.change(id, wanted, principalOf(request), actorOf(request));
  }
}
