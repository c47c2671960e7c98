import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#config/logger';
import { AppError, reasonOf } from '#kernel/errors';
import { isPassing } from '#store/database';
import { plainPage } from '../survey/plain-page.js';
import type { Pages } from '../survey/pages.js';
import { sendHtml } from './compression.js';

/** Whatever goes wrong: a page that helps, a line in the log, and nothing about our insides. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly pages: Pages,
    private readonly log: Logger,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const status = statusOf(thrown);
    const route = request.routeOptions.url ?? 'none';
    if (status >= 500) this.log.error({ event: 'request_failed', route, reason: reasonOf(thrown) });
    if (reply.sent) return;
    if (isForProgram(route)) {
      const body = JSON.stringify({ status, title: status === 503 ? 'not ready' : 'failed' });
      void reply.code(status).type('application/json; charset=utf-8').send(body);
      return;
    }
    sendHtml(request, reply, status, plainPage(this.pages, status === 404 ? 'unknown' : 'broken'));
  }
}

/** Probes and carriers read no pages. */
function isForProgram(route: string): boolean {
  return /^\/(healthz|readyz|metrics|hooks)/.test(route);
}

/** 503 where it may work a little later: carriers and browsers may come again. */
export function statusOf(thrown: unknown): number {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (thrown instanceof AppError) return thrown.status;
  if (isPassing(thrown)) return 503;
  const { statusCode } = thrown as { statusCode?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 600 ? statusCode : 500;
}
