import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { isZone } from '#kernel/zone';
import type { AcceptedMessage } from './accepted.js';
import { carriers, type Carrier, type FaultRule } from './faults.js';
import type { Limit } from './limits.js';
import { SandboxParts } from './parts.js';
import { read } from './phones/phones.controller.js';
import { turboSmsErrors } from './turbosms/turbosms-codes.js';
import { twilioErrors } from './twilio/twilio-errors.js';
import { viberErrors } from './viber/viber-status.js';
import type { Deeds } from './visitors/diary.js';

const sinceSchema = z.object({
  since: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
});

const minutes = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must look like 09:00')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
const hoursSchema = z.object({
  zone: z.string().refine(isZone, 'is no time zone').default('Europe/Kyiv'),
  from: minutes.default(9 * 60),
  to: minutes.default(20 * 60),
});
const limitSchema = z.strictObject({
  carrier: z.enum(carriers),
  perSecond: z.number().int().min(1).optional(),
  concurrent: z.number().int().min(1).optional(),
});
const visitorsSchema = z.looseObject({ on: z.boolean().optional() });

/** What tests and rehearsals ask and order: accepted messages, counts, trouble, a clean start. */
@Controller()
export class ControlController {
  constructor(private readonly parts: SandboxParts) {}

  @Get('healthz')
  alive(): { status: 'alive' } {
    return { status: 'alive' };
  }

  @Get('readyz')
  ready(): { status: 'ready' } {
    return { status: 'ready' };
  }

  /** Accepted messages after sequence number `since`, oldest first; `next` is the `since` of the next call. */
  @Get('api/messages')
  messages(@Query() query: unknown): {
    messages: (AcceptedMessage & { duplicate: boolean })[];
    next: number;
    byNumber: Record<string, number>;
  } {
    const { since, limit } = read(sinceSchema, query);
    const found = this.parts.accepted.after(since, limit);
    return {
      messages: found.map((message) => ({ ...message, duplicate: this.parts.accepted.isDuplicate(message) })),
      next: found.at(-1)?.seq ?? since,
      byNumber: this.parts.accepted.byNumber(),
    };
  }

  @Get('api/counts')
  counts(): Record<string, unknown> {
    const { accepted, agenda, clock, phones, webhooks } = this.parts;
    return {
      now: clock.now(),
      ...accepted.counts(),
      phones: phones.size,
      webhooks: { ...webhooks.counts },
      pending: agenda.size,
    };
  }

  /** How often each of our message ids was accepted: 1 each, when all went well. */
  @Get('api/counts/messages')
  messageCounts(): { messages: Record<string, number> } {
    return { messages: this.parts.accepted.byMessageId() };
  }

  /** Messages accepted by hour of a zone's clock, and those outside the hours `from` to `to` (`HH:MM`). */
  @Get('api/counts/hours')
  hourCounts(@Query() query: unknown): Record<string, unknown> {
    const { zone, from, to } = read(hoursSchema, query);
    const { byHour, outside } = this.parts.accepted.hours(zone, from, to);
    const { forgotten } = this.parts.accepted.counts();
    return { zone, byHour, outside: outside.length, examples: outside.slice(0, 20), forgotten };
  }

  /** What carriers take at most: `{carrier, perSecond, concurrent}`; an absent one is no limit. */
  @Get('api/limits')
  limits(): { limits: Record<string, Limit> } {
    return { limits: this.parts.limits.all() };
  }

  @Post('api/limits')
  @HttpCode(200)
  setLimit(@Body() body: unknown): { limits: Record<string, Limit> } {
    const { carrier, ...limit } = read(limitSchema, body);
    this.parts.limits.set(carrier, limit);
    return this.limits();
  }

  /** Webhook calls of ours that failed, and answers the carrier would warn about; newest last. */
  @Get('api/problems')
  problems(): { problems: unknown[] } {
    return { problems: this.parts.webhooks.problems };
  }

  @Get('api/faults')
  faults(): { faults: (FaultRule & { struck: number })[] } {
    return { faults: this.parts.faults.list() };
  }

  @Post('api/faults')
  addFault(@Body() body: unknown): FaultRule {
    return this.parts.faults.add(body);
  }

  /** The codes that `refuse` can be ordered with, by carrier: every documented one, and its words. */
  @Get('api/faults/codes')
  codes(): Record<Carrier, Readonly<Record<number, string>>> {
    return { twilio: twilioErrors, viber: viberErrors, turbosms: turboSmsErrors };
  }

  @Delete('api/faults')
  @HttpCode(204)
  clearFaults(): void {
    this.parts.faults.clear();
  }

  /** Whether virtual visitors answer, how they behave and what they did. */
  @Get('api/visitors')
  visitors(): Record<string, unknown> {
    const { on, habits, counts, failures } = this.parts.visitors;
    return { on, habits, counts, failures };
  }

  /** `{on, …habits}`: what is absent stays as it is. */
  @Post('api/visitors')
  @HttpCode(200)
  setVisitors(@Body() body: unknown): Record<string, unknown> {
    const { on, ...habits } = read(visitorsSchema, body ?? {});
    this.parts.visitors.set({ on, habits });
    return this.visitors();
  }

  /** What each invited visitor did, `limit` of them after the first `since`, in the order of their invitations. */
  @Get('api/visitors/people')
  people(@Query() query: unknown): { people: Deeds[] } {
    const { since, limit } = read(sinceSchema, query);
    return { people: this.parts.visitors.diary.after(since, limit) };
  }

  @Delete('api/state')
  @HttpCode(204)
  clear(): void {
    this.parts.clear();
  }
}
