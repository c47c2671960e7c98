import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, Unrecorded } from '#access/access.guard';
import { Vault } from '#contacts/vault';
import { AppError } from '#kernel/errors';
import type { Secrets } from '#kernel/sealing-key';
import { DIMENSIONS } from '#kernel/dimensions';
import { simulate, type SimulationResult } from '#planning/simulate/simulate';
import { Database } from '#store/database';
import { SECRET_KEY } from '#store/process';
import { openApi } from '../api/open-api.js';
import { rulesInForce } from './rules-in-force.js';
import { storedFeed } from './stored-feed.js';

const MOST_DAYS = 366;
const DAY_MS = 86_400_000;

const request = z
  .strictObject({
    from: z.iso.date().describe('first day on which the visits finished'),
    to: z.iso.date().describe('last day, included'),
    pack: z
      .string()
      .max(60)
      .optional()
      .describe('only the campaigns of this pack; all in force when left out'),
    campaign: z
      .string()
      .max(20_000)
      .optional()
      .describe('a campaign as YAML, tried in place of the one of its key or beside those in force'),
    by: z.array(z.enum(DIMENSIONS)).max(3).optional().describe('what the ledger is grouped by'),
    responsePercent: z.number().min(0).max(100).optional(),
    partPrice: z.number().min(0).optional().describe('of one SMS part, in any currency'),
  })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'must not lie before from' })
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) < MOST_DAYS * DAY_MS, {
    path: ['to'],
    message: `at most ${MOST_DAYS} days at once`,
  });

const counts = z.object({ invited: z.int(), control: z.int(), not_invited: z.int() });
const answer = z.object({
  records: z.int(),
  duplicates: z.int(),
  visits: z.int(),
  decisions: counts,
  reasons: z.record(z.string(), z.int()),
  hours: z.array(z.object({ hour: z.string(), messages: z.int() })).describe('first messages by hour, UTC'),
  peak: z.object({ hour: z.string(), messages: z.int() }).nullable(),
  dayHours: z.array(z.object({ hour: z.string(), messages: z.int(), most: z.int() })),
  months: z.array(
    z.object({
      month: z.string(),
      invitations: z.int(),
      channels: z.object({ sms: z.int(), viber: z.int() }),
      smsParts: z.int(),
      cost: z.number().nullable(),
    }),
  ),
  expected: z.object({ responsePercent: z.number(), answers: z.int() }),
  groups: z.array(
    z.object({
      by: z.record(z.string(), z.string().nullable()),
      visits: z.int(),
      decisions: counts,
      reasons: z.record(z.string(), z.int()),
    }),
  ),
});

/** What rules would have done with visits that are known already. */
@ApiTags('simulate')
@ApiBearerAuth()
@Allow('admin')
@Controller('api/v1/simulate')
export class SimulateController {
  private readonly vault: Vault;
  private isBusy = false;

  constructor(
    private readonly database: Database,
    @Inject(SECRET_KEY) secretKey: Secrets,
  ) {
    this.vault = new Vault(secretKey);
  }

  @ApiOperation({
    summary: 'Run campaigns over the visits of some days, in a scratch database; sends and changes nothing',
    description:
      "The planner's own rules: the ledger, messages by hour, SMS parts and cost. Every person counts as reachable and nobody " +
      'refuses or answers. At most 366 days and 100,000 visits; one simulation at a time.',
  })
  @ApiBody({ schema: openApi(request) })
  @ApiOkResponse({ schema: openApi(answer) })
  @Unrecorded('runs in a scratch database and changes nothing')
  @Post()
  @HttpCode(200)
  async run(@Body({ schema: request }) wanted: z.output<typeof request>): Promise<SimulationResult> {
    if (this.isBusy) {
      throw new AppError(
        'simulation_running',
        'A simulation is running already: try again when it is done.',
        {
          status: 429,
        },
      );
    }
    this.isBusy = true;
    try {
      return await this.simulated(wanted);
    } finally {
      this.isBusy = false;
    }
  }

  private async simulated({ from, to, by, partPrice, responsePercent, ...rules }: z.output<typeof request>): Promise<SimulationResult> {
    return simulate(
      { beside: this.database, vault: this.vault },
      {
        rules: await rulesInForce(this.database, rules),
        feed: await storedFeed(this.database, { from, to }),
        by,
        assumptions: { ...(partPrice !== undefined && { partPrice }), ...(responsePercent !== undefined && { responsePercent }) },
      },
    );
  } // prettier-ignore
}
