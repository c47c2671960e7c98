import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Allow, CentreScope } from '#access/access.guard';
import { narrowed } from '#access/centre-scope';
import type { Clock } from '#kernel/clock';
import { reportCost, type CostReport } from '#reporting/cost-report';
import type { WithFlagged } from '#reporting/flag.sql';
import { reportFunnel, type FunnelReport } from '#reporting/funnel-report';
import { reportLedger, type LedgerReport } from '#reporting/ledger-report';
import { reportQuery, toQuestion, type ReportQuestion } from '#reporting/question';
import { reportRates, type RatesReport } from '#reporting/rates-report';
import { reportScores, type ScoresReport } from '#reporting/scores-report';
import { Database } from '#store/database';
import { CLOCK } from '#store/process';
import { principalOf, type ConsoleRequest } from '../http/request.js';

type Asked = z.output<typeof reportQuery>;

@ApiTags('reports')
@ApiBearerAuth()
@Allow('admin', 'analyst')
@CentreScope('narrowed')
@Controller('api/v1/reports')
export class ReportsController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @ApiOperation({ summary: 'AAPOR outcome rates of the invited visits, with coverage and a Wilson interval' })
  @Get('rates')
  rates(
    @Query({ schema: reportQuery }) query: Asked,
    @Req() request: ConsoleRequest,
  ): Promise<WithFlagged<RatesReport>> {
    return reportRates(this.database, within(query, request), this.clock.now());
  }

  @ApiOperation({ summary: 'How far visits came, from arrival to a completed survey' })
  @Get('funnel')
  funnel(
    @Query({ schema: reportQuery }) query: Asked,
    @Req() request: ConsoleRequest,
  ): Promise<WithFlagged<FunnelReport>> {
    return reportFunnel(this.database, within(query, request), this.clock.now());
  }

  @ApiOperation({
    summary: 'Answers by question with intervals; scores of fewer than ten answers are hidden',
  })
  @Get('scores')
  scores(
    @Query({ schema: reportQuery }) query: Asked,
    @Req() request: ConsoleRequest,
  ): Promise<WithFlagged<ScoresReport>> {
    return reportScores(this.database, within(query, request), this.clock.now());
  }

  @ApiOperation({ summary: 'Messages and SMS parts it took' })
  @Get('cost')
  cost(
    @Query({ schema: reportQuery }) query: Asked,
    @Req() request: ConsoleRequest,
  ): Promise<WithFlagged<CostReport>> {
    return reportCost(this.database, within(query, request), this.clock.now());
  }

  @ApiOperation({ summary: 'The decision ledger: why each visit was or was not asked; always adds up' })
  @Get('ledger')
  ledger(
    @Query({ schema: reportQuery }) query: Asked,
    @Req() request: ConsoleRequest,
  ): Promise<WithFlagged<LedgerReport>> {
    return reportLedger(this.database, within(query, request), this.clock.now());
  }
}

/** The question, narrowed to the centres that the person sees. */
function within(query: Asked, request: ConsoleRequest): ReportQuestion {
  return narrowed(toQuestion(query), principalOf(request));
}
