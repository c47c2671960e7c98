import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { concatMap, type Observable } from 'rxjs';
import { unrecordedWhy } from '#access/access.guard';
import { actorOf, AuditLog } from '#access/audit-log';
import { Database } from '#store/database';
import type { ConsoleReply, ConsoleRequest } from './request.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The net under every change: a handler that changed something and recorded nothing itself leaves an entry with its
 * route and what it was done to, so that no new route can be forgotten. Handlers that know what was before and after
 * record it themselves, in the transaction of the change.
 */
@Injectable()
export class RecordedChanges implements NestInterceptor {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(Database) private readonly database: Database,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<ConsoleRequest>();
    const reply = context.switchToHttp().getResponse<ConsoleReply>();
    const exempt =
      SAFE_METHODS.has(request.method) ||
      unrecordedWhy(this.reflector, context.getHandler(), context.getClass()) !== undefined;
    if (exempt) return next.handle();
    return next.handle().pipe(
      concatMap(async (answer: unknown) => {
        // A page that says what is wrong with a form changed nothing.
        if (reply.statusCode < 400) await this.recordUnlessDone(request);
        return answer;
      }),
    );
  }

  private async recordUnlessDone(request: ConsoleRequest): Promise<void> {
    const by = actorOf(request);
    if (this.audit.hasRecorded(by)) return;
    const route = request.routeOptions.url ?? '';
    const parts = route.split('/');
    const place = parts.findIndex((part) => part.startsWith(':'));
    const id = (request.params as Record<string, string> | undefined)?.[parts[place]?.slice(1) ?? ''];
    await this.audit.record(this.database, {
      by,
      action: `${request.method} ${route}`,
      ...(id !== undefined && { on: { kind: parts[place - 1] ?? '', id } }),
    });
  }
}
