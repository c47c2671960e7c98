import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, AllowAnyone, CentreScope } from '#access/access.guard';
import { cookieOf, SESSION_COOKIE, sessionCookie } from '#access/authenticate';
import { closeSession, openSession, SESSION_HOURS, type SignedIn } from '#access/sessions';
import { SignInAttempts } from '#access/sign-in-attempts';
import { ROLES, verifyUser } from '#access/users';
import type { Clock } from '#kernel/clock';
import { Database } from '#store/database';
import { CLOCK } from '#store/process';
import type { ConsoleReply, ConsoleRequest } from '../http/request.js';
import { signInPage } from './sign-in-page.js';
import { LOCALE_COOKIE, localeOf } from './words.js';

const credentials = z.object({
  email: z.string().max(254).default(''),
  password: z.string().max(1000).default(''),
  next: z.string().max(2000).default('/'),
});
const nextQuery = z.object({ next: z.string().max(2000).default('/') });
const YEAR_SECONDS = 365 * 24 * 3600;

/** The way in and out, and the language. */
@ApiExcludeController()
@Controller()
export class SignInController {
  private readonly attempts = new SignInAttempts();

  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @AllowAnyone()
  @Get('sign-in')
  show(
    @Req() request: ConsoleRequest,
    @Query({ schema: nextQuery }) { next }: { next: string },
    @Res() reply: ConsoleReply,
  ): void {
    if (request.principal) void redirect(reply, inside(next));
    else void page(reply, 200, signInPage(localeOf(request), { email: '', next: inside(next) }));
  }

  @AllowAnyone()
  @Post('sign-in')
  async enter(
    @Req() request: ConsoleRequest,
    @Body({ schema: credentials }) given: z.output<typeof credentials>,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    const next = inside(given.next);
    const again = { email: given.email, next };
    const now = this.clock.real();
    const waitMs = this.attempts.begin(given.email, request.ip, now);
    if (waitMs > 0) {
      void reply.header('retry-after', String(Math.ceil(waitMs / 1000)));
      return page(reply, 429, signInPage(localeOf(request), { ...again, waitMs }));
    }
    const user = await verifyUser(this.database, given.email, given.password);
    if (!user) return page(reply, 401, signInPage(localeOf(request), { ...again, wrong: true }));
    this.attempts.succeeded(given.email, request.ip);
    const { token } = await openSession(this.database, user.id, signedIn(request), now);
    const cookie = sessionCookie(token, { maxAgeSeconds: SESSION_HOURS * 3600, secure: isSecure(request) });
    void reply.header('set-cookie', cookie);
    return redirect(reply, next);
  }

  @Allow(...ROLES)
  @CentreScope('irrelevant')
  @Post('sign-out')
  async leave(@Req() request: ConsoleRequest, @Res() reply: ConsoleReply): Promise<void> {
    const token = cookieOf(request.headers.cookie, SESSION_COOKIE);
    if (token !== undefined) await closeSession(this.database, token);
    void reply.header('set-cookie', sessionCookie('', { maxAgeSeconds: 0, secure: isSecure(request) }));
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
}

function signedIn(request: ConsoleRequest): SignedIn {
  return { via: 'password', address: request.ip, agent: request.headers['user-agent'] ?? '' };
}

/** An address of this console, or its start: a link must not lead a person who just signed in elsewhere. */
export function inside(next: string): string {
  return /^\/(?![/\\])[^\\\s]*$/.test(next) ? next : '/';
}

/** Behind a proxy that ends TLS the proxy says so; without TLS a Secure cookie would be dropped. */
function isSecure(request: ConsoleRequest): boolean {
  return request.protocol === 'https';
}

function page(reply: ConsoleReply, status: number, text: string): void {
  void reply
    .code(status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(text);
}

function redirect(reply: ConsoleReply, to: string): void {
  void reply.code(303).header('location', to).send();
}
