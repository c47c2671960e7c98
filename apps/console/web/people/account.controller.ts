import { Body, Controller, Get, Header, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope, OpenWhileDue, Unrecorded } from '#access/access.guard';
import { actorOf, type Actor } from '#access/audit-log';
import { SESSION_COOKIE } from '#access/authenticate';
import type { Visitor } from '#access/doorkeeper';
import { OwnAccount } from '#access/own-account';
import type { Principal } from '#access/principal';
import { SESSION_HOURS } from '#access/sessions';
import { ROLES, strengthFor } from '#access/users';
import type { Environment } from '#config/environment';
import { AppError } from '#kernel/errors';
import { ENVIRONMENT } from '#store/process';
import { redirect, sendPage } from '../../http/answers.js';
import { isSecure, secretCookie, visitorOf } from '../../http/cookies.js';
import { TOLD_COOKIE, TOLD_SECONDS, toldValue } from '../../http/told.js';
import { principalOf, type ConsoleReply, type ConsoleRequest } from '../../http/request.js';
import { localeOf } from '../words.js';
import { accountPage, type AccountView } from './account-page.js';
import { peopleWordsOf } from './words.js';

const text = z.string().max(1000).default('');
const passwordForm = z.object({ present: text, next: text });
const strengthForm = z.object({ next: text });
const codeForm = z.object({ code: text });
const presentForm = z.object({ present: text });
const sessionForm = z.object({
  session: z
    .string()
    .regex(/^[1-9]\d{0,17}$/)
    .optional(),
});

const toldForm = z.object({ until: z.string().regex(/^\d{1,18}$/) });

type Said = Pick<AccountView, 'done' | 'problem' | 'recoveryCodes'>;

/** A signed-in person's own page. Programs have none. */
@ApiExcludeController()
@Allow(...ROLES)
@CentreScope('irrelevant')
@OpenWhileDue()
@Controller('account')
export class AccountController {
  constructor(
    @Inject(OwnAccount) private readonly account: OwnAccount,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @Get()
  async show(@Req() request: ConsoleRequest, @Res() reply: ConsoleReply): Promise<void> {
    await this.answer(request, reply, {});
  }

  @Post('password')
  async password(
    @Req() request: ConsoleRequest,
    @Body({ schema: passwordForm }) form: z.output<typeof passwordForm>,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    await this.attempt(request, reply, async (principal, words) => {
      const fresh = await this.account.changePassword(principal, form, told(request));
      const secure = isSecure(request, this.environment.consoleUrl);
      void reply.header('set-cookie', secretCookie(SESSION_COOKIE, fresh.token, { maxAgeSeconds: SESSION_HOURS * 3600, secure })); // prettier-ignore
      request.principal = fresh.principal;
      return { done: words.account.changed };
    });
  }

  /** For the meter beside the field, by the very rules that judge the password when it is sent. */
  @Unrecorded('judges a text and stores nothing')
  @Post('password/strength')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async strength(
    @Req() request: ConsoleRequest,
    @Body({ schema: strengthForm }) { next }: z.output<typeof strengthForm>,
  ): Promise<{ strength: number; text: string }> {
    const strength = await strengthFor(person(request).name, next);
    return { strength, text: peopleWordsOf(localeOf(request)).account.strengths[strength] };
  }

  @Post('second-factor')
  async enrol(@Req() request: ConsoleRequest, @Res() reply: ConsoleReply): Promise<void> {
    await this.attempt(request, reply, async (principal) => {
      await this.account.enrol(principal, actorOf(request));
      return {};
    });
  }

  @Post('second-factor/confirm')
  async confirm(
    @Req() request: ConsoleRequest,
    @Body({ schema: codeForm }) { code }: z.output<typeof codeForm>,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    await this.attempt(request, reply, async (principal) => {
      const recoveryCodes = await this.account.confirmFactor(principal, code, actorOf(request));
      request.principal = { ...principal, due: principal.due === 'second_factor' ? null : principal.due };
      return { recoveryCodes };
    });
  }

  @Post('second-factor/off')
  async turnOff(
    @Req() request: ConsoleRequest,
    @Body({ schema: presentForm }) { present }: z.output<typeof presentForm>,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    await this.attempt(request, reply, async (principal, words) => {
      await this.account.turnFactorOff(principal, present, told(request));
      return { done: words.account.factorEnded };
    });
  }

  @Post('sessions')
  async closeSessions(
    @Req() request: ConsoleRequest,
    @Body({ schema: sessionForm }) { session }: z.output<typeof sessionForm>,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    await this.attempt(request, reply, async (principal, words) => {
      await this.account.closeSessions(principal, session, actorOf(request));
      return { done: words.account.closed };
    });
  }

  @Unrecorded('nothing changes but what this browser remembers')
  @Post('events')
  told(
    @Req() request: ConsoleRequest,
    @Body({ schema: toldForm }) { until }: z.output<typeof toldForm>,
    @Res() reply: ConsoleReply,
  ): void {
    const secure = isSecure(request, this.environment.consoleUrl);
    const known = secretCookie(TOLD_COOKIE, toldValue(person(request), until), { maxAgeSeconds: TOLD_SECONDS, secure }); // prettier-ignore
    void reply.header('set-cookie', known);
    redirect(reply, '/account');
  }

  /** Does what the form asks for; what a person can put right is said on the page itself. */
  private async attempt(
    request: ConsoleRequest,
    reply: ConsoleReply,
    work: (principal: Principal, words: ReturnType<typeof peopleWordsOf>) => Promise<Said>,
  ): Promise<void> {
    const words = peopleWordsOf(localeOf(request));
    try {
      await this.answer(request, reply, await work(person(request), words));
    } catch (thrown) {
      const problem = thrown instanceof AppError ? words.problems[thrown.code] : undefined;
      if (problem === undefined) throw thrown;
      await this.answer(request, reply, { problem }, (thrown as AppError).status);
    }
  }

  private async answer(
    request: ConsoleRequest,
    reply: ConsoleReply,
    said: Said,
    status = 200,
  ): Promise<void> {
    const principal = person(request);
    const state = await this.account.state(principal);
    sendPage(reply, accountPage({ locale: localeOf(request), principal, ...state, ...said }), status);
  }
}

function told(request: ConsoleRequest): { by: Actor; visitor: Visitor } {
  return { by: actorOf(request), visitor: visitorOf(request) };
}

function person(request: ConsoleRequest): Principal {
  const principal = principalOf(request);
  if (principal.kind === 'user') return principal;
  throw new AppError('people_only', 'This page is for people, not for tokens.', { status: 404 });
}
