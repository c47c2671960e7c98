import { Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CarrierDoor, give, type CarrierReply } from '../carrier-door.js';
import { SandboxParts } from '../parts.js';

type RawRequest = FastifyRequest<{ Body: Buffer | undefined }>;
const LARGEST_BODY = 30 * 1024;

/** Viber's bot API: POST JSON, HTTP 200 whatever happens, the `status` inside decides. */
@Controller('pa')
export class ViberController {
  constructor(
    private readonly parts: SandboxParts,
    private readonly door: CarrierDoor,
  ) {}

  @Post('set_webhook')
  async setWebhook(@Req() request: RawRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = this.read(request);
    give(reply, 'refusal' in body ? body.refusal : await this.parts.viber.setWebhook(body.fields['url']));
  }

  @Post('get_account_info')
  accountInfo(@Req() request: RawRequest, @Res() reply: FastifyReply): void {
    const body = this.read(request);
    give(reply, 'refusal' in body ? body.refusal : this.parts.viber.accountInfo());
  }

  @Post('send_message')
  async send(@Req() request: RawRequest, @Res() reply: FastifyReply): Promise<void> {
    const { viber } = this.parts;
    const body = this.read(request);
    if ('refusal' in body) return give(reply, body.refusal);
    const receiver = body.fields['receiver'];
    await this.door.answer(
      {
        carrier: 'viber',
        to: typeof receiver === 'string' ? receiver : '',
        refuse: (code) => viber.refuse(code ?? 3),
        tooMany: () => ({ ...viber.refuse(12), status: 429 }),
        accept: () => viber.send(body.fields),
      },
      reply,
    );
  }

  /** The token may come in the header or, as the vendor's own package also does, in the body. */
  private read(request: RawRequest): { fields: Record<string, unknown> } | { refusal: CarrierReply } {
    const { viber } = this.parts;
    const raw = request.body ?? Buffer.alloc(0);
    const fields = parseObject(raw);
    const header = request.headers['x-viber-auth-token'];
    const token = typeof header === 'string' ? header : fields?.['auth_token'];
    if (!viber.isAuthentic(typeof token === 'string' ? token : undefined))
      return { refusal: viber.refuse(2) };
    if (raw.length > LARGEST_BODY) return { refusal: viber.refuse(3, 'badData: the request is over 30 kB') };
    return fields ? { fields } : { refusal: viber.refuse(3) };
  }
}

function parseObject(raw: Buffer): Record<string, unknown> | undefined {
  if (raw.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(raw.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
