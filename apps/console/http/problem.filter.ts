import { Catch, Inject, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Logger } from '#config/logger';
import { reasonOf } from '#kernel/errors';
import { LOG } from '#store/process';
import { errorPage } from '../web/error-page.js';
import { localeOf } from '../web/words.js';
import { problemOf, type Problem } from './problem.js';
import { redirect } from './answers.js';
import { isApi, type ConsoleReply, type ConsoleRequest } from './request.js';

/** Everything thrown in the console: a problem document for programs, a page for people, a log line for faults. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<ConsoleRequest>();
    const reply = http.getResponse<ConsoleReply>();
    const problem = problemOf(thrown);
    if (problem.status >= 500) {
      this.log.error({ event: 'request_failed', method: request.method, route: request.routeOptions?.url, reason: reasonOf(thrown) }); // prettier-ignore
    }
    if (reply.sent) return;
    if (isApi(request)) sendProblem(reply, problem);
    else sendPage(request, reply, problem);
  }
}

export function sendProblem(reply: ConsoleReply, problem: Problem): void {
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="vidhuk"');
  void reply
    .code(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(problem));
}

function sendPage(request: ConsoleRequest, reply: ConsoleReply, problem: Problem): void {
  if (problem.status === 401 && request.method === 'GET' && request.headers['x-live'] === undefined) {
    void reply
      .code(303)
      .header('location', `/sign-in?next=${encodeURIComponent(request.url)}`)
      .send();
    return;
  }
  if (problem.code.endsWith('_due') && request.method === 'GET' && request.headers['x-live'] === undefined) {
    redirect(reply, '/account');
    return;
  }
  void reply
    .code(problem.status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(errorPage(localeOf(request), problem));
}
