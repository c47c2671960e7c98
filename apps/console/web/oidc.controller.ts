import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { AllowAnyone } from '#access/access.guard';
import { cookieOf, SESSION_COOKIE } from '#access/authenticate';
import { Doorkeeper } from '#access/doorkeeper';
import { OidcProvider, type PendingSignIn } from '#access/oidc';
import { OidcPeople } from '#access/oidc-people';
import { SESSION_HOURS } from '#access/sessions';
import { Vault } from '#contacts/vault';
import type { Environment } from '#config/environment';
import { AppError } from '#kernel/errors';
import { ENVIRONMENT } from '#store/process';
import { inside, redirect } from '../http/answers.js';
import {
  DEVICE_COOKIE,
  DEVICE_SECONDS,
  isSecure,
  PROVIDER_COOKIE,
  secretCookie,
  visitorOf,
} from '../http/cookies.js';
import type { ConsoleReply, ConsoleRequest } from '../http/request.js';

/** Sign-in through the organisation's provider, when one is configured. */
export const OIDC = 'vidhuk:oidc';
export type Oidc = { readonly provider: OidcProvider; readonly people: OidcPeople } | null;

const nextQuery = z.object({ next: z.string().max(2000).default('/') });
const PENDING_SECONDS = 600;
const PATH = '/sign-in/provider';

/** What waits in the browser, sealed, while the person is at the provider. */
interface Pending extends PendingSignIn {
  readonly next: string;
}

@ApiExcludeController()
@AllowAnyone()
@Controller(PATH)
export class OidcController {
  constructor(
    @Inject(OIDC) private readonly oidc: Oidc,
    @Inject(Doorkeeper) private readonly door: Doorkeeper,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @Get()
  async leave(
    @Req() request: ConsoleRequest,
    @Query({ schema: nextQuery }) { next }: { next: string },
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    const { provider } = this.configured();
    const { url, pending } = await provider.begin();
    const sealed = this.vault.seal(
      JSON.stringify({ ...pending, next: inside(next) } satisfies Pending),
    ).cipher;
    void reply.header('set-cookie', this.cookie(request, PROVIDER_COOKIE, sealed.toString('base64url'), PENDING_SECONDS, PATH)); // prettier-ignore
    redirect(reply, url);
  }

  @Get('return')
  async comeBack(@Req() request: ConsoleRequest, @Res() reply: ConsoleReply): Promise<void> {
    const { provider, people } = this.configured();
    const pending = this.pendingOf(request);
    const query = request.url.slice(request.url.indexOf('?'));
    const identity = await provider.finish(query, pending);
    const user = await people.userOf(identity, request.ip);
    const entrance = await this.door.byProvider(user, visitorOf(request));
    void reply
      .header(
        'set-cookie',
        this.cookie(request, SESSION_COOKIE, entrance.session.token, SESSION_HOURS * 3600, '/'),
      )
      .header('set-cookie', this.cookie(request, DEVICE_COOKIE, entrance.device, DEVICE_SECONDS, '/'))
      .header('set-cookie', this.cookie(request, PROVIDER_COOKIE, '', 0, PATH));
    redirect(reply, inside(pending.next));
  }

  private configured(): NonNullable<Oidc> {
    if (this.oidc) return this.oidc;
    throw new AppError('not_found', 'No sign-in provider is configured.', { status: 404 });
  }

  /** Only the browser that left comes back: its sealed cookie holds the state. */
  private pendingOf(request: ConsoleRequest): Pending {
    const sealed = cookieOf(request.headers.cookie, PROVIDER_COOKIE);
    try {
      return JSON.parse(this.vault.open(Buffer.from(sealed ?? '', 'base64url'))) as Pending;
    } catch {
      throw new AppError(
        'provider_refused',
        'This sign-in was not begun here, or too long ago: start again.',
        {
          status: 403,
        },
      );
    }
  }

  private cookie(
    request: ConsoleRequest,
    name: string,
    value: string,
    maxAgeSeconds: number,
    path: string,
  ): string {
    return secretCookie(name, value, {
      maxAgeSeconds,
      path,
      secure: isSecure(request, this.environment.consoleUrl),
    });
  }
}
