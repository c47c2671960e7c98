import type { ConsoleReply } from './request.js';

/** A page, never kept by anyone on the way. */
export function sendPage(reply: ConsoleReply, text: string, status = 200): void {
  void reply
    .code(status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(text);
}

/** After a form: the browser asks for the page anew, so that reloading it repeats nothing. */
export function redirect(reply: ConsoleReply, to: string): void {
  void reply.code(303).header('location', to).header('cache-control', 'no-store').send();
}

/** An address of this console, or its start: a link must not lead a person who just signed in elsewhere. */
export function inside(next: string): string {
  return /^\/(?![/\\])[^\\\s]*$/.test(next) ? next : '/';
}
