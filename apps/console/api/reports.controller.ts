import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Allow } from '#access/access.guard';
import type { Clock } from '#kernel/clock';
import { reportCost, type CostReport } from '#reporting/cost-report';
import { reportFunnel, type FunnelReport } from '#reporting/funnel-report';
import { reportLedger, type LedgerReport } from '#reporting/ledger-report';
import { reportQuery, toQuestion } from '#reporting/question';
import { reportRates, type RatesReport } from '#reporting/rates-report';
import { reportScores, type ScoresReport } from '#reporting/scores-report';
import { Database } from '#store/database';
import { CLOCK } from '#store/process';

type Asked = z.output<typeof reportQuery>;

@ApiTags('reports')
@ApiBearerAuth()
@Allow('admin', 'analyst')
@Controller('api/v1/reports')
export class ReportsController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @ApiOperation({ summary: 'AAPOR outcome rates of the invited visits, with coverage and a Wilson interval' })
  @Get('rates')
  rates(@Query({ schema: reportQuery }) query: Asked): Promise<RatesReport> {
    return reportRates(this.database, toQuestion(query), this.clock.now());
  }

  @ApiOperation({ summary: 'How far visits came, from arrival to a completed survey' })
  @Get('funnel')
  funnel(@Query({ schema: reportQuery }) query: Asked): Promise<FunnelReport> {
    return reportFunnel(this.database, toQuestion(query), this.clock.now());
  }

  @ApiOperation({
    summary: 'Answers by question with intervals; scores of fewer than ten answers are hidden',
  })
  @Get('scores')
  scores(@Query({ schema: reportQuery }) query: Asked): Promise<ScoresReport> {
    return reportScores(this.database, toQuestion(query));
  }

  @ApiOperation({ summary: 'Messages and SMS parts it took' })
  @Get('cost')
  cost(@Query({ schema: reportQuery }) query: Asked): Promise<CostReport> {
    return reportCost(this.database, toQuestion(query), this.clock.now());
  }

  @ApiOperation({ summary: 'The decision ledger: why each visit was or was not asked; always adds up' })
  @Get('ledger')
  ledger(@Query({ schema: reportQuery }) query: Asked): Promise<LedgerReport> {
    return reportLedger(this.database, toQuestion(query), this.clock.now());
  }
}
