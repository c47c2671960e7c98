import { HttpException } from '@nestjs/common';
import { AppError } from '#kernel/errors';

/** RFC 9457 problem document; `code` is stable, the texts are for people and may change. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly errors?: readonly FieldProblem[];
}

export interface FieldProblem {
  /** Where in the query, path or body; empty for the whole. */
  readonly at: string;
  readonly message: string;
}

const codes: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'not_signed_in',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  413: 'body_too_large',
  415: 'media_type_unsupported',
  429: 'too_many_requests',
  503: 'unavailable',
};

/** The problem document of anything thrown; what was not meant for people becomes a bare `internal`. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof AppError) {
    const problem = build(thrown.status, thrown.code, thrown.message);
    return isFieldList(thrown.options.details) ? { ...problem, errors: thrown.options.details } : problem;
  }
  const status = statusOf(thrown);
  if (status === undefined || status >= 500) {
    return thrown instanceof HttpException
      ? build(status ?? 500, codes[status ?? 500] ?? 'internal', thrown.message)
      : build(500, 'internal', 'Something went wrong on our side; it was written to the log.');
  }
  return build(status, codes[status] ?? 'bad_request', (thrown as Error).message);
}

/** The error that a failed schema becomes: every wrong place with what is wrong there. */
export function invalidRequest(
  issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[],
): AppError {
  const errors = issues.slice(0, 100).map(({ path, message }): FieldProblem => {
    const parts = (path ?? []).map((part) => (typeof part === 'object' && part !== null ? (part as { key: unknown }).key : part)); // prettier-ignore
    return { at: parts.join('.'), message };
  });
  const first = errors[0];
  const where = first?.at ? `${first.at}: ` : '';
  return new AppError('request_invalid', `The request is not valid. ${where}${first?.message ?? ''}`, {
    status: 400,
    details: errors,
  });
}

function build(status: number, code: string, title: string): Problem {
  return { type: `urn:vidhuk:problem:${code}`, title, status, code };
}

function isFieldList(details: unknown): details is readonly FieldProblem[] {
  return (
    Array.isArray(details) &&
    details.every((entry) => typeof entry === 'object' && entry !== null && 'at' in entry)
  );
}

/** Nest's and Fastify's own errors carry a status; anything else is a fault of ours. */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode;
  return thrown instanceof Error && typeof status === 'number' ? status : undefined;
}
