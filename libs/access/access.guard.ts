import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AppError } from '#kernel/errors';
import { secretsEqual } from '#kernel/ids';
import type { Role } from '#store/entities';
import type { Due, Principal } from './principal.js';

export type Audience = readonly Role[] | 'anyone';

/**
 * What a route does for somebody who sees some centres only: `narrowed`, it shows and changes nothing of other
 * centres; `irrelevant`, nothing behind it belongs to a centre; `closed`, it looks over all centres, so they are refused.
 */
export type ScopeRule = 'narrowed' | 'irrelevant' | 'closed';

const AUDIENCE = 'vidhuk:audience';
const SCOPE = 'vidhuk:centre-scope';
const WHILE_DUE = 'vidhuk:while-due';
const UNRECORDED = 'vidhuk:unrecorded';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Declares who may use a route: roles, or everyone, signed in or not. Every route has one or is refused. */
export const Allow = (...roles: Role[]): MethodDecorator & ClassDecorator => SetMetadata(AUDIENCE, roles);
export const AllowAnyone = (): MethodDecorator & ClassDecorator => SetMetadata(AUDIENCE, 'anyone');

/** Declares what a route does for people who see some centres only. Without it such people are refused there. */
export const CentreScope = (rule: ScopeRule): MethodDecorator & ClassDecorator => SetMetadata(SCOPE, rule);

/** Declares a route open to people who must change their password or set up the second factor first. */
export const OpenWhileDue = (): MethodDecorator & ClassDecorator => SetMetadata(WHILE_DUE, true);

/** A change that the audit log need not hold, with the reason why; every other one leaves an entry there. */
export const Unrecorded = (why: string): MethodDecorator & ClassDecorator => SetMetadata(UNRECORDED, why);

/** The declared rule of a route, the handler's own before its controller's; undefined when there is none. */
export function scopeOf(reflector: Reflector, handler: object, controller: object): ScopeRule | undefined {
  return reflector.getAllAndOverride<ScopeRule | undefined>(SCOPE, [handler, controller] as never);
}

/** Why a route's changes are not recorded; undefined when they are. */
export function unrecordedWhy(reflector: Reflector, handler: object, controller: object): string | undefined {
  return reflector.getAllAndOverride<string | undefined>(UNRECORDED, [handler, controller] as never);
}

/** The declared audience of a route, the handler's own before its controller's; undefined when nobody declared one. */
export function audienceOf(reflector: Reflector, handler: object, controller: object): Audience | undefined {
  return reflector.getAllAndOverride<Audience | undefined>(AUDIENCE, [handler, controller] as never);
}

/** What the guard reads of a request; `principal` was put there before the body was read. */
export interface GuardedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body?: unknown;
  readonly principal?: Principal;
}

/**
 * Lets a request through when its principal has a declared role. Throws AppError `role_undeclared` (403) for a route
 * without one, `not_signed_in` (401), `role_not_allowed` (403), `every_centre_only` (403), `password_due` or
 * `second_factor_due` (403) or `csrf_invalid` (403).
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const audience = audienceOf(this.reflector, context.getHandler(), context.getClass());
    if (audience === undefined) {
      throw new AppError('role_undeclared', 'This address is closed: no role was declared for it.', {
        status: 403,
      });
    }
    if (audience === 'anyone') return true;
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    const { principal } = request;
    if (!principal) {
      throw new AppError('not_signed_in', 'Sign in, or send a bearer token that is still valid.', {
        status: 401,
      });
    }
    if (!audience.includes(principal.role)) {
      throw new AppError('role_not_allowed', `This needs the role ${audience.join(' or ')}.`, {
        status: 403,
      });
    }
    const rule = scopeOf(this.reflector, context.getHandler(), context.getClass());
    if (principal.centres !== null && (rule === undefined || rule === 'closed')) {
      throw new AppError('every_centre_only', 'This is for people who see every centre.', { status: 403 });
    }
    this.refuseWhileDue(context, principal);
    refuseForeignForms(request, principal);
    return true;
  }

  private refuseWhileDue(context: ExecutionContext, { due }: Principal): void {
    const places = [context.getHandler(), context.getClass()];
    if (due === null || this.reflector.getAllAndOverride<boolean | undefined>(WHILE_DUE, places)) return;
    throw new AppError(`${due}_due`, DUE[due], { status: 403 });
  }
}

const DUE: Readonly<Record<Due, string>> = {
  password: 'Choose a password of your own first, on the page of your account.',
  second_factor: 'Set up the second factor first, on the page of your account.',
};

/**
 * A browser sends the session cookie with any form, also one on somebody else's page. So a change under a session
 * must carry the session's token; a bearer token is never sent by itself and needs none.
 */
function refuseForeignForms(request: GuardedRequest, principal: Principal): void {
  if (principal.csrf === null || SAFE_METHODS.has(request.method)) return;
  const inBody = request.body as { csrf?: unknown } | null | undefined;
  const given = request.headers['x-csrf-token'] ?? inBody?.csrf;
  if (typeof given !== 'string' || !secretsEqual(given, principal.csrf)) {
    throw new AppError('csrf_invalid', 'The page is out of date: load it again and repeat.', { status: 403 });
  }
}
