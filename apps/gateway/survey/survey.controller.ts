import { Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendHtml } from '../http/compression.js';
import { readForm } from '../http/form.js';
import { MissLimit } from '../http/miss-limit.js';
import { isProgram } from './programs.js';
import { Pages } from './pages.js';
import { plainPage } from './plain-page.js';
import { SurveyDesk, type Answer } from './survey-desk.js';

type Lookup = () => Promise<Answer | undefined>;

/** A transparent dot of one pixel. */
const DOT = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** The pages of an invitation. GET and HEAD change nothing, whoever asks: previews and scanners follow every link. */
@Controller(':code')
export class SurveyController {
  constructor(
    private readonly desk: SurveyDesk,
    private readonly pages: Pages,
    private readonly misses: MissLimit,
  ) {}

  @Get()
  show(
    @Param('code') code: string,
    @Query() query: Asked,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    return this.serve(request, reply, () => this.desk.show({ code, lang: one(query.lang), q: one(query.q) }));
  }

  @Post()
  answer(
    @Param('code') code: string,
    @Query() query: Asked,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    const form = readForm(request.body);
    const byProgram = isProgram(request.headers['user-agent']);
    return this.serve(request, reply, () =>
      this.desk.answer({ code, lang: one(query.lang), byProgram }, form),
    );
  }

  @Get('stop')
  showStop(
    @Param('code') code: string,
    @Query() query: Asked,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    return this.serve(request, reply, () => this.desk.showStop({ code, lang: one(query.lang) }));
  }

  @Post('stop')
  stop(
    @Param('code') code: string,
    @Query() query: Asked,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    const form = readForm(request.body);
    return this.serve(request, reply, () => this.desk.stop({ code, lang: one(query.lang) }, form));
  }

  @Get('viber')
  viber(
    @Param('code') code: string,
    @Query() query: Asked,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    return this.serve(request, reply, () => this.desk.showViber({ code, lang: one(query.lang) }));
  }

  /**
   * The page's own sign that a person has it before them: an image that a browser loads only once somebody touches,
   * points at or tabs into the page. Fetching the page alone never counts as opening it.
   */
  @Get('opened')
  async opened(
    @Param('code') code: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const destination = request.headers['sec-fetch-dest'];
    const asImage = destination === undefined || destination === 'image';
    if (request.method === 'GET' && asImage && !this.misses.isExhausted(request.ip))
      await this.desk.markOpened(code);
    void reply.type('image/gif').send(DOT);
  }

  private async serve(request: FastifyRequest, reply: FastifyReply, lookup: Lookup): Promise<void> {
    if (this.misses.isExhausted(request.ip)) {
      void reply.header('retry-after', '60');
      sendHtml(request, reply, 429, plainPage(this.pages, 'tooMany'));
      return;
    }
    const answer = await lookup();
    if (!answer) {
      this.misses.miss(request.ip);
      sendHtml(request, reply, 404, plainPage(this.pages, 'unknown'));
    } else if ('seeOther' in answer) {
      void reply.code(303).header('location', answer.seeOther).send('');
    } else {
      sendHtml(request, reply, answer.status, answer.html);
    }
  }
}

interface Asked {
  readonly lang?: string | string[];
  readonly q?: string | string[];
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
