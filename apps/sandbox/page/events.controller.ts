import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { SandboxParts } from '../parts.js';

/** Changes within this time are told together, so that a busy hour does not flood the page. */
const GATHER_MS = 200;
const HEARTBEAT_MS = 20_000;

/** A stream of server-sent events: `changed` with the numbers of the phones on which something happened. */
@Controller('api/events')
export class EventsController {
  constructor(private readonly parts: SandboxParts) {}

  @Get()
  stream(@Res() reply: FastifyReply): void {
    reply.hijack();
    const out = reply.raw;
    out.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    out.write('retry: 2000\n\n');
    const changed = new Set<string>();
    let timer: NodeJS.Timeout | undefined;
    const tell = (): void => {
      timer = undefined;
      // One page shows 50 phones; beyond some hundred the numbers are of no use to anybody.
      out.write(`event: changed\ndata: ${JSON.stringify([...changed].slice(-200))}\n\n`);
      changed.clear();
    };
    const leave = this.parts.phones.watch(({ number }) => {
      changed.delete(number);
      changed.add(number);
      timer ??= setTimeout(tell, GATHER_MS);
    });
    const heartbeat = setInterval(() => out.write(': still here\n\n'), HEARTBEAT_MS);
    out.once('close', () => {
      leave();
      clearTimeout(timer);
      clearInterval(heartbeat);
    });
  }
}
