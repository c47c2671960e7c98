import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope } from '#access/access.guard';
import { narrowed, seesCentre } from '#access/centre-scope';
import { Vault } from '#contacts/vault';
import type { Clock } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import type { Secrets } from '#kernel/sealing-key';
import { reportCompare } from '#reporting/compare-report';
import { reportRates } from '#reporting/rates-report';
import { wholeMonths } from '#reporting/reporting-period';
import { reportScores, type ScoreEntry } from '#reporting/scores-report';
import { Database } from '#store/database';
import { CLOCK, SECRET_KEY } from '#store/process';
import { principalOf, type ConsoleReply, type ConsoleRequest } from '../http/request.js';
import { textsOf } from './analysis-figures.js';
import { tongueOf } from './analysis-page.js';
import { newestSurveys } from './analysis.sql.js';
import { Live } from './live.js';
import { monthlyPage } from './monthly-page.js';
import { centreComments, centreHead, type CentreHead } from './monthly.sql.js';

const monthlyQuery = z.object({
  centre: z.string().default(''),
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month like 2026-03')
    .optional(),
});

const MOST_COMMENTS = 60;

/** One centre's month as a page to print. */
@ApiExcludeController()
@Allow('admin', 'analyst')
@CentreScope('narrowed')
@Controller('monthly')
export class MonthlyController {
  private readonly vault: Vault;

  constructor(
    private readonly database: Database,
    private readonly live: Live,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECRET_KEY) secretKey: Secrets,
  ) {
    this.vault = new Vault(secretKey);
  }

  @Get()
  async page(
    @Req() request: ConsoleRequest,
    @Query({ schema: monthlyQuery }) { centre: code, month }: z.output<typeof monthlyQuery>,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    const principal = principalOf(request);
    const centre = seesCentre(code, principal) ? await centreHead(this.database, code) : undefined;
    if (!centre) throw new AppError('not_found', 'There is no such centre.', { status: 404 });
    const today = await this.live.today();
    const day = month === undefined ? today : `${month}-01`;
    const period = wholeMonths({ from: day, to: day });
    const all = narrowed({ ...period, by: [], filter: {} }, principal);
    void reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(await this.written(centre, period, all, today));
  }

  private async written(
    centre: CentreHead,
    period: { from: string; to: string },
    all: Parameters<typeof reportRates>[1],
    madeOn: string,
  ): Promise<string> {
    const own = { ...all, filter: { centre: [centre.code] } };
    const now = this.clock.now();
    const [rates, scores, compare, sealed, surveys] = await Promise.all([
      reportRates(this.database, own, now),
      reportScores(this.database, own, now),
      reportCompare(this.database, all, 'centre', now),
      centreComments(this.database, centre.code, period, MOST_COMMENTS),
      newestSurveys(this.database),
    ]);
    const [group] = rates.groups;
    if (!group) throw new Error('a report without grouping has one group');
    const entries = scores.groups[0]?.scores ?? [];
    const told = shownTexts(entries);
    const comments = sealed
      .filter(({ question }) => told.has(question))
      .map(({ question, cipher }) => ({ question, text: this.vault.open(cipher) }));
    const offered = { centres: [centre], services: [], campaigns: [] };
    return monthlyPage(
      {
        centre, period, rates: group, flagged: rates.flagged.any, scores: entries, compare, comments,
        texts: textsOf(surveys), madeOn,
      }, // prettier-ignore
      tongueOf('uk', { offered }),
    );
  }
}

/** Questions whose texts may be shown: every survey that asks them has enough answers. */
function shownTexts(entries: readonly ScoreEntry[]): Set<string> {
  const texts = entries.filter(({ type }) => type === 'text');
  const hidden = new Set(texts.filter((entry) => entry.hidden).map(({ question }) => question));
  return new Set(texts.map(({ question }) => question).filter((question) => !hidden.has(question)));
}
