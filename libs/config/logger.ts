import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** What no line of this process may say, whoever writes it; as it stands in JSON. */
const hidden = new Set<string>();
/** Anything shorter would hide half of every line, and is no secret. */
const SHORTEST_SECRET = 6;

/** Keeps these strings out of every log line from now on: tokens and what is made of them. For carriers' channels. */
export function keepFromLogs(secrets: readonly string[]): void {
  for (const secret of secrets)
    if (secret.length >= SHORTEST_SECRET) hidden.add(JSON.stringify(secret).slice(1, -1));
}

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
    hooks: { streamWrite: withoutSecrets },
  };
  return destination ? pino(options, destination) : pino(options, pino.destination({ fd: 2, sync: false }));
}

function withoutSecrets(line: string): string {
  let told = line;
  for (const secret of hidden) if (told.includes(secret)) told = told.replaceAll(secret, '[hidden]');
  return told;
}
