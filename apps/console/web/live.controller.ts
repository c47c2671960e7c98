import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope } from '#access/access.guard';
import { ROLES } from '#access/users';
import { maskPhone, Vault } from '#contacts/vault';
import type { Secrets } from '#kernel/sealing-key';
import { addDays } from '#kernel/zone';
import { SECRET_KEY } from '#store/process';
import { principalOf, type ConsoleReply, type ConsoleRequest } from '../http/request.js';
import { liveFragment, livePage, type LiveView, type PeriodChoice } from './live-page.js';
import { Live, type Span } from './live.js';
import { localeOf } from './words.js';

const liveQuery = z
  .object({
    days: z.coerce.number().int().min(1).max(366).optional(),
    from: z.iso.date().optional(),
    to: z.iso.date().optional(),
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), {
    path: ['to'],
    message: 'from and to go together',
  });
type LiveQuery = z.output<typeof liveQuery>;

/** The page people keep open: what is happening now and how the survey stands. */
@ApiExcludeController()
@Allow(...ROLES)
@CentreScope('narrowed')
@Controller()
export class LiveController {
  private readonly vault: Vault;

  constructor(
    private readonly live: Live,
    @Inject(SECRET_KEY) secretKey: Secrets,
  ) {
    this.vault = new Vault(secretKey);
  }

  @Get()
  async page(
    @Req() request: ConsoleRequest,
    @Query({ schema: liveQuery }) query: LiveQuery,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    send(reply, livePage(await this.view(request, query)));
  }

  @Get('live')
  async fragment(
    @Req() request: ConsoleRequest,
    @Query({ schema: liveQuery }) query: LiveQuery,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    send(reply, liveFragment(await this.view(request, query)));
  }

  private async view(request: ConsoleRequest, query: LiveQuery): Promise<LiveView> {
    const principal = principalOf(request);
    const period = periodOf(query);
    const state = await this.live.state(await this.span(period), principal.centres);
    return {
      locale: localeOf(request),
      state,
      period,
      principal,
      // An analyst never sees a number, not even a masked one.
      phoneOf: ({ phoneCipher }) =>
        phoneCipher === null || principal.role === 'analyst'
          ? undefined
          : maskPhone(this.vault.open(phoneCipher)),
    };
  }

  private async span(period: PeriodChoice): Promise<Span> {
    if ('from' in period) return period;
    const to = await this.live.today();
    return { from: addDays(to, 1 - period.days), to };
  }
}

/** A week unless asked otherwise; days given in the wrong order are turned round. */
function periodOf({ days, from, to }: LiveQuery): PeriodChoice {
  if (from === undefined || to === undefined) return { days: days ?? 7 };
  return from <= to ? { from, to } : { from: to, to: from };
}

function send(reply: ConsoleReply, text: string): void {
  void reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(text);
}
