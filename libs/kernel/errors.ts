/**
 * An error meant for a person: what is wrong, where, and what to do. `code` is stable and never reworded;
 * `message` may be shown, so it never holds a secret or a phone number.
 */
export class AppError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly options: { status?: number; exitCode?: 1 | 2; details?: unknown; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
  }
  /** HTTP status for the API doors. */
  get status(): number {
    return this.options.status ?? 400;
  }
  /** Process exit code for the command line: 1 failed, 2 wrong usage or unreadable input. */
  get exitCode(): 1 | 2 {
    return this.options.exitCode ?? 2;
  }
}

/** The message of anything thrown, without stack. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) {
    return thrown.errors.map(reasonOf).join('; ');
  }
  if (thrown instanceof Error) return thrown.message;
  return String(thrown);
}

/** Anything thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Marks code that a complete switch makes unreachable. */
export function unreachable(value: never): never {
  throw new Error(`unhandled case: ${String(value)}`);
}
