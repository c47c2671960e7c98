import { Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CarrierDoor, give, type CarrierReply } from '../carrier-door.js';
import { SandboxParts } from '../parts.js';
import { turboSmsAnswer } from './turbosms-codes.js';

type RawRequest = FastifyRequest<{ Body: Buffer | undefined; Querystring: { token?: string } }>;

/** TurboSMS' HTTP API: any valid request is answered with HTTP 200, the `response_code` inside decides. */
@Controller()
export class TurboSmsController {
  constructor(
    private readonly parts: SandboxParts,
    private readonly door: CarrierDoor,
  ) {}

  @Post('message/send.json')
  async send(@Req() request: RawRequest, @Res() reply: FastifyReply): Promise<void> {
    const { turbosms } = this.parts;
    const body = this.read(request);
    if ('refusal' in body) return give(reply, body.refusal);
    const { recipients } = body.fields as { recipients?: unknown };
    const recipient = Array.isArray(recipients) ? String(recipients[0] ?? '') : '';
    await this.door.answer(
      {
        carrier: 'turbosms',
        to: recipient === '' ? '' : `+${recipient.replace(/^\+/, '')}`,
        refuse: (code) => turbosms.refuse(code ?? 404, recipient),
        tooMany: () => ({ status: 429, body: '', headers: { 'content-type': 'text/html' } }),
        accept: () => turbosms.send(body.fields),
      },
      reply,
    );
  }

  @Post(['message/ping.json', 'user/ping.json'])
  ping(@Req() request: RawRequest, @Res() reply: FastifyReply): void {
    const body = this.read(request);
    give(reply, 'refusal' in body ? body.refusal : { status: 200, body: turboSmsAnswer(1) });
  }

  @Post('user/balance.json')
  balance(@Req() request: RawRequest, @Res() reply: FastifyReply): void {
    const body = this.read(request);
    give(reply, 'refusal' in body ? body.refusal : this.parts.turbosms.balance());
  }

  /** The token comes as a bearer, or as a parameter of the address. */
  private read(request: RawRequest): { fields: unknown } | { refusal: CarrierReply } {
    const { turbosms } = this.parts;
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const token = bearer ?? request.query.token ?? '';
    if (token === '') return { refusal: turbosms.refuse(103) };
    if (!turbosms.isAuthentic(token)) return { refusal: turbosms.refuse(301) };
    const raw = request.body?.toString('utf8') ?? '';
    try {
      return { fields: raw === '' ? {} : (JSON.parse(raw) as unknown) };
    } catch {
      return { refusal: turbosms.refuse(502) };
    }
  }
}
