import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, AllowAnyone, CentreScope, OpenWhileDue, Unrecorded } from '#access/access.guard';
import { actorOf, AuditLog } from '#access/audit-log';
import { cookieOf, SESSION_COOKIE } from '#access/authenticate';
import { Doorkeeper, type Entrance } from '#access/doorkeeper';
import { closeSession, SESSION_HOURS } from '#access/sessions';
import { ROLES } from '#access/users';
import type { Environment } from '#config/environment';
import { Database } from '#store/database';
import { ENVIRONMENT } from '#store/process';
import { inside, redirect, sendPage } from '../http/answers.js';
import {
  ANTEROOM_COOKIE,
  DEVICE_COOKIE,
  DEVICE_SECONDS,
  isSecure,
  secretCookie,
  visitorOf,
} from '../http/cookies.js';
import type { ConsoleReply, ConsoleRequest } from '../http/request.js';
import { codePage } from './code-page.js';
import { signInPage } from './sign-in-page.js';
import { LOCALE_COOKIE, localeOf } from './words.js';

const credentials = z.object({
  email: z.string().max(254).default(''),
  password: z.string().max(1000).default(''),
  next: z.string().max(2000).default('/'),
});
const codeForm = z.object({
  code: z.string().max(100).default(''),
  next: z.string().max(2000).default('/'),
});
const nextQuery = z.object({ next: z.string().max(2000).default('/') });
const YEAR_SECONDS = 365 * 24 * 3600;

/** The way in and out, and the language. */
@ApiExcludeController()
@Controller()
export class SignInController {
  constructor(
    private readonly database: Database,
    @Inject(Doorkeeper) private readonly door: Doorkeeper,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @AllowAnyone()
  @Get('sign-in')
  show(
    @Req() request: ConsoleRequest,
    @Query({ schema: nextQuery }) { next }: { next: string },
    @Res() reply: ConsoleReply,
  ): void {
    if (request.principal) redirect(reply, inside(next));
    else sendPage(reply, this.form(request, { email: '', next: inside(next) }));
  }

  @AllowAnyone()
  @Unrecorded('an entrance records itself; a failed one goes to the log')
  @Post('sign-in')
  async enter(
    @Req() request: ConsoleRequest,
    @Body({ schema: credentials }) given: z.output<typeof credentials>,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    const next = inside(given.next);
    const entrance = await this.door.byPassword(given, visitorOf(request));
    if (entrance.kind === 'code') {
      const maxAgeSeconds = 300;
      void reply.header(
        'set-cookie',
        this.cookie(request, ANTEROOM_COOKIE, entrance.session.token, maxAgeSeconds),
      );
      return redirect(reply, `/sign-in/code?next=${encodeURIComponent(next)}`);
    }
    if (entrance.kind === 'in') return this.letIn(request, reply, entrance, next);
    const again = { email: given.email, next };
    this.turnAway(reply, entrance, (problem) => this.form(request, { ...again, ...problem }));
  }

  @AllowAnyone()
  @Get('sign-in/code')
  askCode(
    @Req() request: ConsoleRequest,
    @Query({ schema: nextQuery }) { next }: { next: string },
    @Res() reply: ConsoleReply,
  ): void {
    sendPage(reply, codePage(localeOf(request), { next: inside(next) }));
  }

  @AllowAnyone()
  @Unrecorded('an entrance records itself; a failed one goes to the log')
  @Post('sign-in/code')
  async giveCode(
    @Req() request: ConsoleRequest,
    @Body({ schema: codeForm }) given: z.output<typeof codeForm>,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    const next = inside(given.next);
    const anteroom = cookieOf(request.headers.cookie, ANTEROOM_COOKIE) ?? '';
    const entrance = await this.door.byCode(anteroom, given.code, visitorOf(request));
    if (entrance.kind === 'in') return this.letIn(request, reply, entrance, next);
    this.turnAway(reply, entrance, (problem) => codePage(localeOf(request), { next, ...problem }));
  }

  @Allow(...ROLES)
  @CentreScope('irrelevant')
  @OpenWhileDue()
  @Post('sign-out')
  async leave(@Req() request: ConsoleRequest, @Res() reply: ConsoleReply): Promise<void> {
    const token = cookieOf(request.headers.cookie, SESSION_COOKIE);
    if (token !== undefined) await closeSession(this.database, token);
    await this.audit.record(this.database, { by: actorOf(request), action: 'signed_out' });
    void reply.header('set-cookie', this.cookie(request, SESSION_COOKIE, '', 0));
    return redirect(reply, '/sign-in');
  }

  @AllowAnyone()
  @Get('locale/:locale')
  language(
    @Param('locale', { schema: z.enum(['uk', 'en']) }) locale: string,
    @Query({ schema: nextQuery }) { next }: { next: string },
    @Res() reply: ConsoleReply,
  ): void {
    void reply.header(
      'set-cookie',
      `${LOCALE_COOKIE}=${locale}; Path=/; SameSite=Lax; Max-Age=${YEAR_SECONDS}`,
    );
    redirect(reply, inside(next));
  }

  private form(request: ConsoleRequest, form: Omit<Parameters<typeof signInPage>[1], 'provider'>): string {
    return signInPage(localeOf(request), { ...form, provider: this.environment.oidc !== undefined });
  }

  private letIn(
    request: ConsoleRequest,
    reply: ConsoleReply,
    { session, device }: Extract<Entrance, { kind: 'in' }>,
    next: string,
  ): void {
    void reply
      .header('set-cookie', this.cookie(request, SESSION_COOKIE, session.token, SESSION_HOURS * 3600))
      .header('set-cookie', this.cookie(request, DEVICE_COOKIE, device, DEVICE_SECONDS))
      .header('set-cookie', this.cookie(request, ANTEROOM_COOKIE, '', 0));
    redirect(reply, next);
  }

  private turnAway(
    reply: ConsoleReply,
    entrance: Exclude<Entrance, { kind: 'in' | 'code' }>,
    pageOf: (problem: { wrong?: boolean; expired?: boolean; waitMs?: number }) => string,
  ): void {
    if (entrance.kind === 'wait') {
      void reply.header('retry-after', String(Math.ceil(entrance.waitMs / 1000)));
      return sendPage(reply, pageOf({ waitMs: entrance.waitMs }), 429);
    }
    sendPage(reply, pageOf(entrance.kind === 'wrong' ? { wrong: true } : { expired: true }), 401);
  }

  private cookie(request: ConsoleRequest, name: string, value: string, maxAgeSeconds: number): string {
    const secure = isSecure(request, this.environment.consoleUrl);
    return secretCookie(name, value, { maxAgeSeconds, secure });
  }
}
