import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/**
 * One JSON line per event on standard error. Fixed keys: component, event, message_id, invitation_id, sender,
 * attempt, outcome, elapsed_ms. Never pass a number, a text or a vendor's error object: those carry secrets.
 */
export function createLogger(
  component: string,
  level: string,
  destination?: { write(line: string): void },
): Logger {
  const options = {
    level,
    base: { component, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['phone', 'to', 'from', 'address', 'text', 'body', '*.authorization'],
      censor: '[hidden]',
    },
  };
  return destination ? pino(options, destination) : pino(options, pino.destination({ fd: 2, sync: false }));
}
