import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope } from '#access/access.guard';
import { narrowed } from '#access/centre-scope';
import type { Clock } from '#kernel/clock';
import { reportCompare, type CompareReport } from '#reporting/compare-report';
import { UNITS } from '#reporting/compare.sql';
import { reportExperiments, type ExperimentReport } from '#reporting/experiment-report';
import { reportQuery, toQuestion, type ReportQuestion } from '#reporting/question';
import { reportTrend, type TrendReport } from '#reporting/trend-report';
import { Database } from '#store/database';
import { CLOCK } from '#store/process';
import { principalOf, type ConsoleRequest } from '../http/request.js';

const NO_GROUPS = { path: ['by'], message: 'a comparison has its own groups' };
const plainQuery = reportQuery.refine(({ by }) => !by?.length, NO_GROUPS);
const compareQuery = reportQuery
  .safeExtend({ unit: z.enum(UNITS).default('centre') })
  .refine(({ by }) => !by?.length, NO_GROUPS);

/** Reports that judge: what differs, what fell, which text does better. */
@ApiTags('reports')
@ApiBearerAuth()
@Allow('admin', 'analyst')
@CentreScope('narrowed')
@Controller('api/v1/reports')
export class ComparisonsController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @ApiOperation({
    summary: 'Centres or employees inside their service mix: funnel lines, shrinkage, rank intervals',
  })
  @Get('compare')
  compare(
    @Query({ schema: compareQuery }) { unit, ...query }: z.output<typeof compareQuery>,
    @Req() request: ConsoleRequest,
  ): Promise<CompareReport> {
    return reportCompare(this.database, within(query, request), unit, this.clock.now());
  }

  @ApiOperation({ summary: 'Response rate and satisfied shares by week, watched for a drop' })
  @Get('trend')
  trend(
    @Query({ schema: plainQuery }) query: z.output<typeof plainQuery>,
    @Req() request: ConsoleRequest,
  ): Promise<TrendReport> {
    return reportTrend(this.database, within(query, request), this.clock.now());
  }

  @ApiOperation({
    summary: 'Texts against each other and the invited against the control group, with intervals',
  })
  @Get('experiments')
  experiments(
    @Query({ schema: plainQuery }) query: z.output<typeof plainQuery>,
    @Req() request: ConsoleRequest,
  ): Promise<ExperimentReport> {
    return reportExperiments(this.database, within(query, request), this.clock.now());
  }
}

function within(query: z.output<typeof reportQuery>, request: ConsoleRequest): ReportQuestion {
  return narrowed(toQuestion(query), principalOf(request));
}
