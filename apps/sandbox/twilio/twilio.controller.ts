import { Controller, Get, Header, HttpException, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CarrierDoor } from '../carrier-door.js';
import { SandboxParts } from '../parts.js';
import { isTwilioAccount } from './twilio-account.js';
import { twilioError } from './twilio-errors.js';
import { messageResource, rfc2822, type TwilioMessage } from './twilio-messages.js';

/** The part of Twilio's REST API that sends and looks up messages. */
@Controller('2010-04-01/Accounts')
export class TwilioController {
  constructor(
    private readonly parts: SandboxParts,
    private readonly door: CarrierDoor,
  ) {}

  @Post(':account/Messages.json')
  async create(
    @Param('account') account: string,
    @Req() request: FastifyRequest<{ Body: Buffer | undefined }>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.authenticate(account, request);
    const form = new URLSearchParams(request.body?.toString('utf8') ?? '');
    const { twilio } = this.parts;
    void reply.headers({
      'twilio-request-id': `RQ${twilio.sid().slice(2)}`,
      'twilio-concurrent-requests': '1',
    });
    await this.door.answer(
      {
        carrier: 'twilio',
        to: form.get('To') ?? '',
        refuse: (code) => twilio.refuse(code ?? 21211),
        tooMany: () => twilio.refuse(20429),
        accept: () => twilio.create(form),
      },
      reply,
    );
  }

  @Get(':account/Messages.json')
  list(
    @Param('account') account: string,
    @Query() query: Record<string, string | undefined>,
    @Req() request: FastifyRequest,
  ): Record<string, unknown> {
    this.authenticate(account, request);
    const found = this.parts.twilio.messages.list({
      ...(query['To'] === undefined ? {} : { to: query['To'] }),
      ...(query['From'] === undefined ? {} : { from: query['From'] }),
      ...sentFilter(query),
    });
    const size = Math.min(1000, Math.max(1, Number(query['PageSize'] ?? 50) || 50));
    const page = Math.max(0, Number(query['Page'] ?? 0) || 0);
    const shown = found.slice(page * size, (page + 1) * size);
    const uri = `/2010-04-01/Accounts/${account}/Messages.json`;
    const at = (n: number): string =>
      `${uri}?${new URLSearchParams({ ...query, PageSize: String(size), Page: String(n) }).toString()}`;
    return {
      first_page_uri: at(0),
      end: page * size + Math.max(0, shown.length - 1),
      previous_page_uri: page > 0 ? at(page - 1) : null,
      messages: shown.map((message) => messageResource(account, message)),
      uri: at(page),
      page_size: size,
      start: page * size,
      next_page_uri: found.length > (page + 1) * size ? at(page + 1) : null,
      page,
    };
  }

  @Get(':account/Messages/:sid')
  fetch(
    @Param('account') account: string,
    @Param('sid') sid: string,
    @Req() request: FastifyRequest,
  ): Record<string, unknown> {
    this.authenticate(account, request);
    return messageResource(account, this.find(account, sid.replace(/\.json$/, '')));
  }

  @Get(':account')
  @Header('content-type', 'application/json; charset=utf-8')
  account(@Param('account') account: string, @Req() request: FastifyRequest): Record<string, unknown> {
    const sid = account.replace(/\.json$/, '');
    this.authenticate(sid, request);
    const since = rfc2822(this.parts.startedAt);
    return {
      sid,
      friendly_name: 'Vidhuk sandbox',
      status: 'active',
      type: 'Full',
      date_created: since,
      date_updated: since,
      owner_account_sid: sid,
      uri: `/2010-04-01/Accounts/${sid}.json`,
    };
  }

  /** Every number is ours here, and what people write to it comes to our gateway. */
  @Get(':account/IncomingPhoneNumbers.json')
  numbers(
    @Param('account') account: string,
    @Query('PhoneNumber') number: string | undefined,
    @Req() request: FastifyRequest,
  ): Record<string, unknown> {
    this.authenticate(account, request);
    const sms_url = this.parts.publicUrl === undefined ? '' : `${this.parts.publicUrl}/hooks/twilio/inbound`;
    return { incoming_phone_numbers: [{ phone_number: number ?? '', sms_url, sms_method: 'POST' }] };
  }

  private find(account: string, sid: string): TwilioMessage {
    const message = this.parts.twilio.messages.find(sid);
    if (message) return message;
    const path = `/2010-04-01/Accounts/${account}/Messages/${sid}.json`;
    throw refusal(20404, `The requested resource ${path} was not found`);
  }

  private authenticate(account: string, request: FastifyRequest): void {
    const { twilio } = this.parts.accounts;
    if (account === twilio.accountSid && isTwilioAccount(twilio, request.headers.authorization)) return;
    throw refusal(20003);
  }
}

function refusal(code: number, message?: string): HttpException {
  const { status, body } = twilioError(code, message);
  return new HttpException(JSON.parse(body) as Record<string, unknown>, status);
}

/** `DateSent`, `DateSent>` and `DateSent<` as Twilio's own client writes them; both ends included. */
function sentFilter(query: Record<string, string | undefined>): { sent?: (day: string) => boolean } {
  const on = query['DateSent']?.slice(0, 10);
  const from = query['DateSent>']?.slice(0, 10);
  const to = query['DateSent<']?.slice(0, 10);
  if (on === undefined && from === undefined && to === undefined) return {};
  return {
    sent: (day) =>
      (on === undefined || day === on) &&
      (from === undefined || day >= from) &&
      (to === undefined || day <= to),
  };
}
