import { Controller, Get, HttpException, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SandboxParts } from '../parts.js';
import { isTwilioAccount } from './twilio-account.js';
import { twilioError } from './twilio-errors.js';

/** Twilio's API for Messaging Services: any service exists here, and its incoming messages come to our gateway. */
@Controller('v1/Services')
export class TwilioServiceController {
  constructor(private readonly parts: SandboxParts) {}

  @Get(':sid')
  service(@Param('sid') sid: string, @Req() request: FastifyRequest): Record<string, unknown> {
    const { accounts, publicUrl } = this.parts;
    if (!isTwilioAccount(accounts.twilio, request.headers.authorization)) {
      const { status, body } = twilioError(20003);
      throw new HttpException(JSON.parse(body) as Record<string, unknown>, status);
    }
    return {
      sid,
      account_sid: accounts.twilio.accountSid,
      inbound_request_url: publicUrl === undefined ? '' : `${publicUrl}/hooks/twilio/inbound`,
      inbound_method: 'POST',
      use_inbound_webhook_on_number: false,
    };
  }
}
