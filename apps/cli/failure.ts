import { CommanderError } from 'commander';
import { AppError, reasonOf } from '#kernel/errors';
import type { Context } from './context.js';

/**
 * Tells a person (or, with `--json`, a program) what went wrong. Returns the exit code: 0 for help, 2 for wrong
 * usage or unreadable input, 1 for a failure.
 */
export function failWith(context: Context, thrown: unknown, asJson: boolean): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
  if (thrown instanceof AppError) {
    context.err(asJson ? `${JSON.stringify(problem(thrown))}\n` : `${thrown.message}\n`);
    return thrown.exitCode;
  }
  context.err(
    asJson ? `${JSON.stringify({ code: 'failed', message: reasonOf(thrown) })}\n` : `${reasonOf(thrown)}\n`,
  );
  return 1;
}

function problem(error: AppError): object {
  const details = error.options.details;
  return { code: error.code, message: error.message, ...(details === undefined ? {} : { details }) };
}
