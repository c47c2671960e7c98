import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, Unrecorded } from '#access/access.guard';
import { campaignSchema, type Campaign } from '#planning/campaign';
import { definitionPublished } from '#planning/pack/definition.sql';
import type { MessageTexts } from '#planning/pack/read-pack';
import { DEFAULT_MAX_PARTS } from '#rendering/lint';
import { previewMessage } from '#rendering/preview';
import { Database } from '#store/database';
import { principalOf, type ConsoleReply, type ConsoleRequest } from '../http/request.js';
import { PUBLIC_URL } from '../set-up/preview.controller.js';
import { campaignsPage, textsPage, type InForce, type TextForm } from './set-up-page.js';
import { localeOf } from './words.js';

const textForm = z.object({
  source: z.string().max(4000).default(''),
  role: z.enum(['invite', 'reminder', 'thanks']).default('invite'),
  channel: z.enum(['sms', 'viber']).default('sms'),
  textLocale: z.enum(['uk', 'en']).default('uk'),
  maxParts: z.coerce.number().int().min(1).max(10).default(DEFAULT_MAX_PARTS),
});
const chosen = textForm.omit({ source: true, role: true }).extend({ key: z.string().max(60).optional() });

/** What is in force, and a bench for message texts. Nothing is changed here: packs are files, and are applied. */
@ApiExcludeController()
@Allow('admin')
@Controller()
export class SetUpController {
  constructor(
    private readonly database: Database,
    @Inject(PUBLIC_URL) private readonly publicUrl: { readonly value: string | undefined },
  ) {}

  @Get('campaigns')
  async campaigns(@Req() request: ConsoleRequest, @Res() reply: ConsoleReply): Promise<void> {
    const published = await definitionPublished(this.database, 'campaign');
    const campaigns = published.map(({ key, pack, revision, content }) => ({
      key,
      pack,
      revision,
      content: readable(content),
    }));
    send(reply, campaignsPage({ locale: localeOf(request), principal: principalOf(request), campaigns }));
  }

  @Get('texts')
  async texts(
    @Query({ schema: chosen }) { key, ...rest }: z.output<typeof chosen>,
    @Req() request: ConsoleRequest,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    const inForce = await this.textsInForce();
    const texts = inForce.find((one) => one.key === key)?.content.texts;
    const source = texts?.[rest.textLocale]?.[rest.channel] ?? '';
    const role = key?.includes('reminder') ? 'reminder' : key?.includes('thanks') ? 'thanks' : 'invite';
    this.show({ source, role, ...rest }, request, reply, inForce);
  }

  @Unrecorded('renders a text and stores nothing')
  @Post('texts')
  @HttpCode(200)
  async preview(
    @Body({ schema: textForm }) form: z.output<typeof textForm>,
    @Req() request: ConsoleRequest,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    this.show(form, request, reply, await this.textsInForce());
  }

  private show(
    form: TextForm,
    request: ConsoleRequest,
    reply: ConsoleReply,
    inForce: readonly InForce<{ texts: MessageTexts }>[],
  ): void {
    const { source, role, channel, maxParts, textLocale: locale } = form;
    // A browser sends line breaks as CRLF; in a pack's file they are one character.
    const text = source.replace(/\r\n/g, '\n');
    const wanted = { role, channel, maxParts, locale, publicUrl: this.publicUrl.value };
    const preview = text === '' ? undefined : previewMessage(text, wanted);
    const view = { locale: localeOf(request), principal: principalOf(request), form, preview, inForce };
    send(reply, textsPage(view));
  }

  private async textsInForce(): Promise<InForce<{ texts: MessageTexts }>[]> {
    return (await definitionPublished(this.database, 'message')) as unknown as InForce<{
      texts: MessageTexts;
    }>[];
  }
}

/** A campaign as the schema of today has it; one of a version that had other fields is named and not shown. */
function readable(content: object): Campaign | undefined {
  const own = Object.fromEntries(Object.entries(content).filter(([name]) => name !== 'refs'));
  return campaignSchema.safeParse(own).data;
}

function send(reply: ConsoleReply, text: string): void {
  void reply
    .code(200)
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(text);
}
