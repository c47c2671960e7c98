import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AppError } from '#kernel/errors';

/** Errors for people, as RFC 9457 problem documents. */
@Catch(AppError)
export class AppErrorFilter implements ExceptionFilter<AppError> {
  catch(error: AppError, host: ArgumentsHost): void {
    void host
      .switchToHttp()
      .getResponse<FastifyReply>()
      .code(error.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(JSON.stringify({ title: error.message, status: error.status, code: error.code }));
  }
}
