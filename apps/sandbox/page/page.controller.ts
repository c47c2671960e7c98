import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, NotFoundException, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { projectRoot } from '#config/project';
import { AppError } from '#kernel/errors';
import { SandboxParts } from '../parts.js';
import { readNumber } from '../phones/number.js';
import { numberOf } from '../phones/phones.controller.js';
import type { Phone } from '../phones/phone.js';
import { pageView } from './layout.js';
import { address } from './view.js';
import type { Language } from './words.js';

type FormRequest = FastifyRequest<{ Body: Buffer | undefined }>;
type PageQuery = Readonly<Record<string, string | undefined>>;

const ASSETS: Readonly<Record<string, string>> = {
  'phone.css': 'text/css; charset=utf-8',
  'phone.js': 'text/javascript; charset=utf-8',
  'phone.svg': 'image/svg+xml',
};
const POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** The page with the virtual phones. Works by links and plain forms; its script only spares the reloads. */
@Controller()
export class PageController {
  constructor(private readonly parts: SandboxParts) {}

  @Get()
  page(@Query() query: PageQuery, @Res() reply: FastifyReply): void {
    this.render(reply, query, readNumber(query['phone'] ?? ''));
  }

  @Get('assets/:name')
  asset(@Param('name') name: string, @Res() reply: FastifyReply): void {
    const type = ASSETS[name];
    if (type === undefined) throw new NotFoundException();
    const content = readFileSync(join(projectRoot, 'apps', 'sandbox', 'page', name));
    void reply.header('content-type', type).header('cache-control', 'no-cache').send(content);
  }

  @Post('phones')
  async add(@Req() request: FormRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.act(request, reply, undefined, async (form) => {
      return this.parts.phones.obtain(numberOf(form.get('number') ?? ''));
    });
  }

  @Post('phones/:number/reply')
  async reply(
    @Param('number') number: string,
    @Req() request: FormRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.act(request, reply, number, async (form) => {
      const phone = this.find(number);
      const text = form.get('quick') ?? form.get('text') ?? '';
      const channel = form.get('channel') === 'viber' ? 'viber' : 'sms';
      if (text.trim() !== '') await this.parts.handset.reply(phone, text, channel);
      return phone;
    });
  }

  @Post('phones/:number/press')
  async press(
    @Param('number') number: string,
    @Req() request: FormRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.act(request, reply, number, async (form) => {
      const phone = this.find(number);
      await this.parts.handset.press(phone, form.get('messageId') ?? '', form.get('reply') ?? '');
      return phone;
    });
  }

  @Post('phones/:number/viber')
  async viber(
    @Param('number') number: string,
    @Req() request: FormRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.act(request, reply, number, async (form) => {
      const phone = this.find(number);
      await this.parts.handset.openViber(phone, form.get('context') ?? undefined);
      return phone;
    });
  }

  @Post('phones/:number/viber/unsubscribe')
  async leave(
    @Param('number') number: string,
    @Req() request: FormRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.act(request, reply, number, async () => {
      const phone = this.find(number);
      await this.parts.handset.unsubscribeViber(phone);
      return phone;
    });
  }

  @Post('visitors')
  async visitors(@Req() request: FormRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.act(request, reply, undefined, async (form) => {
      this.parts.visitors.set({ on: form.get('on') === 'yes' });
      return undefined;
    });
  }

  private find(number: string): Phone {
    return this.parts.handset.phone(numberOf(number));
  }

  /** Does what the form asks and leads back to the page, or shows the page with what was wrong. */
  private async act(
    request: FormRequest,
    reply: FastifyReply,
    number: string | undefined,
    what: (form: URLSearchParams) => Promise<Phone | undefined>,
  ): Promise<void> {
    const form = new URLSearchParams(request.body?.toString('utf8') ?? '');
    const lang = form.get('lang') ?? 'uk';
    try {
      const shown = await what(form);
      const language: Language = lang === 'en' ? 'en' : 'uk';
      const to = address({ language, search: '', show: 50 }, shown ? { number: shown.number } : {});
      await reply.redirect(to, 303);
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      void reply.code(thrown.status);
      this.render(reply, { lang }, readNumber(number ?? ''), thrown.message);
    }
  }

  private render(reply: FastifyReply, query: PageQuery, number: string | undefined, notice?: string): void {
    const { accepted, clock, handset, ownNumber, phones, visitors, webhooks } = this.parts;
    const search = query['q'] ?? '';
    const show = Math.min(500, Math.max(50, Number(query['show'] ?? 50) || 50));
    const chosen = number === undefined ? undefined : phones.find(number);
    const found = phones.list({ search, limit: show });
    // The phone of the person who tries the sandbox stays in reach, however busy the others are.
    const own = search === '' ? phones.find(ownNumber) : undefined;
    const listed = own ? [own, ...found.phones.filter((phone) => phone !== own)] : found.phones;
    const view = pageView({
      language: query['lang'] === 'en' ? 'en' : 'uk',
      search,
      show,
      phones: listed,
      total: found.total,
      chosen,
      ownNumber,
      now: clock.now(),
      smsReply: chosen !== undefined && handset.canReplyBySms(chosen),
      notice,
      state: {
        accepted: accepted.total,
        phones: phones.size,
        visitors: visitors.on,
        problems: webhooks.problems,
      },
    });
    void reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', POLICY)
      .header('cache-control', 'no-store')
      .send(view.text);
  }
}
