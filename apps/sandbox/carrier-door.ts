import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { Carrier, CallFault, FaultRule, Faults } from './faults.js';
import type { Limits } from './limits.js';

export interface CarrierReply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request for sending, in the carrier's own terms. */
export interface CarrierCall {
  readonly carrier: Carrier;
  readonly to: string;
  /** The carrier's refusal with this code of its own, or its commonest. */
  refuse(code: number | undefined): CarrierReply;
  tooMany(): CarrierReply;
  /** Accepts the message, or refuses it for a reason of its own. Called at most once. */
  accept(): CarrierReply;
}

/** How long a request may hang that is never to be answered, real time. */
const HANG_MS = 120_000;
const BROKEN_PAGE = '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1>';

/** Answers requests for sending, with the trouble that was ordered. */
export class CarrierDoor {
  constructor(
    private readonly faults: Faults,
    private readonly limits: Limits,
    private readonly closing: AbortSignal,
  ) {}

  async answer(call: CarrierCall, reply: FastifyReply): Promise<void> {
    const welcome = this.limits.enter(call.carrier);
    try {
      const latency = this.faults.latency(call.carrier, call.to);
      if (latency > 0) await pause(latency, undefined, { signal: this.closing }).catch(() => undefined);
      const fault = this.faults.call(call.carrier, call.to);
      if (!welcome) give(reply, call.tooMany());
      else if (fault) this.strike(call, fault, reply);
      else give(reply, call.accept());
    } finally {
      this.limits.leave(call.carrier);
    }
  }

  private strike(call: CarrierCall, fault: FaultRule & { kind: CallFault }, reply: FastifyReply): void {
    const after = fault.kind.endsWith('after_accept') || fault.kind === 'garbage';
    if (after) call.accept();
    switch (fault.kind) {
      case 'refuse':
        return give(reply, call.refuse(fault.code));
      case 'http_429':
        return give(reply, withRetryAfter(call.tooMany(), fault.retryAfterSeconds));
      case 'http_500':
      case 'http_500_after_accept':
        return give(reply, { status: 500, body: BROKEN_PAGE, headers: { 'content-type': 'text/html' } });
      case 'garbage':
        return give(reply, { status: call.carrier === 'twilio' ? 201 : 200, body: '{"status":"quе' });
      case 'timeout_before_accept':
      case 'timeout_after_accept':
        return hang(reply);
      case 'reset_before_accept':
      case 'reset_after_accept':
        reply.hijack();
        reply.raw.socket?.resetAndDestroy();
    }
  }
}

/** Sends an answer of the carrier's. */
export function give(reply: FastifyReply, { status, body, headers }: CarrierReply): void {
  void reply
    .code(status)
    .headers({ 'content-type': 'application/json; charset=utf-8', ...headers })
    .send(body);
}

function withRetryAfter(reply: CarrierReply, seconds: number | undefined): CarrierReply {
  return seconds === undefined
    ? reply
    : { ...reply, headers: { ...reply.headers, 'retry-after': String(seconds) } };
}

/** Says nothing until the caller gives up; the server's closing ends it too. */
function hang(reply: FastifyReply): void {
  reply.hijack();
  const socket = reply.raw.socket;
  const timer = setTimeout(() => socket?.destroy(), HANG_MS).unref();
  socket?.once('close', () => clearTimeout(timer));
}
