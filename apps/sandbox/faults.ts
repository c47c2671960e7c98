import { z } from 'zod';
import { AppError } from '#kernel/errors';
import type { Chance } from './chance.js';

export const carriers = ['twilio', 'viber', 'turbosms'] as const;
export type Carrier = (typeof carriers)[number];

/** What can go wrong with a request to the carrier. Without `after` in its name, the message is not accepted. */
export const callFaults = [
  'refuse',
  'http_500',
  'http_500_after_accept',
  'http_429',
  'timeout_before_accept',
  'timeout_after_accept',
  'reset_before_accept',
  'reset_after_accept',
  'garbage',
] as const;
/** What can go wrong later: with the message itself, or with the carrier's calls to us. */
export const laterFaults = [
  'undelivered',
  'callback_drop',
  'callback_double',
  'callback_reorder',
  'callback_delay',
] as const;

export type CallFault = (typeof callFaults)[number];
export type LaterFault = (typeof laterFaults)[number];

const ruleSchema = z.strictObject({
  carrier: z.enum([...carriers, 'any']).default('any'),
  kind: z.enum(['latency', ...callFaults, ...laterFaults]),
  /** Share of the requests, messages or callbacks it strikes. */
  rate: z.number().min(0).max(1).default(1),
  /** Carrier's error code for `refuse` and `undelivered`; the carrier's commonest when absent. */
  code: z.number().int().optional(),
  /** Real milliseconds for `latency` and `callback_delay`. */
  latencyMs: z.number().min(0).max(120_000).default(1000),
  /** Sent as Retry-After with `http_429`. */
  retryAfterSeconds: z.number().int().min(0).optional(),
  /** Only for addresses that begin so: a number, or a Viber user id. */
  to: z.string().optional(),
  /** Strikes so many times and is then gone. */
  times: z.number().int().min(1).optional(),
});

export type FaultRequest = z.input<typeof ruleSchema>;
export type FaultRule = Readonly<z.output<typeof ruleSchema>> & { readonly id: string };

/** The standing orders for trouble. The first rule that strikes wins; latency comes on top of any other. */
export class Faults {
  private rules: FaultRule[] = [];
  private struck = new Map<string, number>();
  private asked = new Map<string, number>();
  private created = 0;

  constructor(private readonly chance: Chance) {}

  /** Throws AppError `fault_invalid` naming the field when the rule makes no sense. */
  add(request: unknown): FaultRule {
    const parsed = ruleSchema.safeParse(request);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(
        (issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`,
      );
      throw new AppError('fault_invalid', `The fault is not understood: ${problems.join('; ')}`, {
        details: problems,
      });
    }
    const rule = { ...parsed.data, id: `f${++this.created}` };
    this.rules.push(rule);
    return rule;
  }

  list(): (FaultRule & { struck: number })[] {
    return this.rules.map((rule) => ({ ...rule, struck: this.struck.get(rule.id) ?? 0 }));
  }

  clear(): void {
    this.rules = [];
    this.struck.clear();
    this.asked.clear();
  }

  /** Real milliseconds to wait before this request is looked at. */
  latency(carrier: Carrier, to: string): number {
    return this.strike(carrier, ['latency'], to)?.latencyMs ?? 0;
  }

  /** The trouble, if any, this request is to meet. */
  call(carrier: Carrier, to: string): (FaultRule & { kind: CallFault }) | undefined {
    return this.strike(carrier, callFaults, to) as (FaultRule & { kind: CallFault }) | undefined;
  }

  /** The trouble of one kind that this message or callback is to meet. */
  later(carrier: Carrier, kind: LaterFault, to: string): FaultRule | undefined {
    return this.strike(carrier, [kind], to);
  }

  private strike(carrier: Carrier, kinds: readonly string[], to: string): FaultRule | undefined {
    return this.rules.find((rule) => {
      if (!kinds.includes(rule.kind)) return false;
      if (rule.carrier !== 'any' && rule.carrier !== carrier) return false;
      if (rule.to !== undefined && !to.startsWith(rule.to)) return false;
      const struck = this.struck.get(rule.id) ?? 0;
      if (rule.times !== undefined && struck >= rule.times) return false;
      // Counted per address, so that requests to others in between do not change what this one meets.
      const purpose = `${rule.id} ${to}`;
      const nth = (this.asked.get(purpose) ?? 0) + 1;
      this.asked.set(purpose, nth);
      if (!this.chance.happens(rule.rate, 'fault', purpose, nth)) return false;
      this.struck.set(rule.id, struck + 1);
      return true;
    });
  }
}
