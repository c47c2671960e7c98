import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Allow, CentreScope } from '#access/access.guard';
import { narrowed } from '#access/centre-scope';
import type { Clock } from '#kernel/clock';
import { Database } from '#store/database';
import { CLOCK } from '#store/process';
import { principalOf, type ConsoleReply, type ConsoleRequest } from '../http/request.js';
import { analysisFigures } from './analysis-figures.js';
import { analysisPage } from './analysis-page.js';
import { analysisAsked, analysisQuery, type AnalysisQuery } from './analysis-question.js';
import { Live } from './live.js';
import { localeOf } from './words.js';

/** The page for people who ask why. */
@ApiExcludeController()
@Allow('admin', 'analyst')
@CentreScope('narrowed')
@Controller('analysis')
export class AnalysisController {
  constructor(
    private readonly database: Database,
    private readonly live: Live,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  async page(
    @Req() request: ConsoleRequest,
    @Query({ schema: analysisQuery }) query: AnalysisQuery,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    const principal = principalOf(request);
    const asked = analysisAsked(query, await this.live.today());
    const within = { ...asked, question: narrowed(asked.question, principal) };
    const figures = await analysisFigures(this.database, within, principal.centres, this.clock.now());
    void reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(analysisPage({ locale: localeOf(request), asked, figures, principal }));
  }
}
