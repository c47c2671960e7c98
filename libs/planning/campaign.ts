import { z } from 'zod';
import { WEEKDAYS } from '#kernel/window';
import { isDuration } from '#kernel/zone';
import { DEFAULT_MAX_PARTS } from '#rendering/lint';

/** Key of a campaign, survey, message text or pack: also a file name and part of addresses. */
export const definitionKey = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,59}$/, 'a key is small Latin letters, digits and -, 60 at most');

/** A name by locale; `uk` is always there, since the state language is the default everywhere (Law 2704-VIII). */
export const localName = z
  .record(z.string().regex(/^[a-z]{2}$/, 'a locale is two small letters'), z.string().trim().min(1).max(120))
  .refine((byLocale) => byLocale['uk'] !== undefined, { error: 'a Ukrainian name (uk) is required' });

const duration = z
  .string()
  .refine(isDuration, { error: 'must be an ISO 8601 duration such as PT45M, P2D or P1M' });
const period = duration.refine((iso) => /[1-9]/.test(iso), { error: 'must be longer than zero' });
const percent = z.number().min(0).max(100);
const outcome = z.enum(['served', 'left', 'no_show', 'redirected']);
const channel = z.enum(['sms', 'viber']);
const listed = z.array(z.string().min(1)).min(1);

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as "09:00"');
const closingClock = z
  .string()
  .regex(
    /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
    'must be a time such as "20:00", or "24:00" for the end of the day',
  );
const day = z.iso.date('must be a day such as 2026-08-24');

const sendingWindow = z
  .strictObject({
    days: uniqueList(z.enum(WEEKDAYS)).default(['mon', 'tue', 'wed', 'thu', 'fri', 'sat']),
    from: clock.default('09:00'),
    to: closingClock.default('20:00'),
    closed: z.array(day).default([]),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be later than "from": a window lies within one day' }); // prettier-ignore

const services = z
  .strictObject({ include: listed.optional(), exclude: z.array(z.string().min(1)).optional() })
  .refine((s) => !s.include || !s.exclude, { error: 'takes include or exclude, not both' });

const when = z.strictObject({
  outcomes: uniqueList(outcome).default(['served', 'redirected']),
  centres: z
    .union([z.literal('all'), listed], { error: 'must be "all" or a list of centre codes' })
    .default('all'),
  services: z
    .union([z.literal('all'), services], { error: 'must be "all", {include: […]} or {exclude: […]}' })
    .default('all'),
  countries: uniqueList(z.string().regex(/^[A-Z]{2}$/, 'a country is two capital letters, as UA')).default([
    'UA',
  ]),
});

const weights = z
  .record(definitionKey, z.number().positive('a weight must be greater than 0'))
  .refine((shares) => Object.keys(shares).length > 0, { error: 'needs at least one message' });

/**
 * One file of `campaigns/`: whom to ask, when, how often and with which words. Defaults are the working ones of
 * survey practice; the legal basis has none, because somebody must have decided it (Law 2297-VI, art. 11).
 */
export const campaignSchema = z
  .strictObject({
    key: definitionKey,
    name: localName,
    /** Who writes, as visitors know it; the pack's name when absent. */
    sender: localName.optional(),
    /** The higher one takes a visit that several campaigns would. */
    priority: z.int().default(10),
    when: when.prefault({}),
    legalBasis: z.enum(['public_task', 'consent']),
    delay: duration.default('PT45M'),
    window: sendingWindow.prefault({}),
    maxAge: period.default('PT48H'),
    validFor: period.default('P7D'),
    sample: percent.default(100),
    control: percent.default(0),
    cap: z
      .strictObject({ invitations: z.int().min(1), per: period })
      .default({ invitations: 1, per: 'P30D' }),
    quota: z
      .strictObject({ completes: z.int().min(1), per: z.enum(['centre', 'campaign']), every: period })
      .optional(),
    budget: z.strictObject({ parts: z.int().min(1), every: period }).optional(),
    channels: uniqueList(channel),
    fallbackAfter: period.default('PT2H'),
    reminder: z.strictObject({ after: period, max: z.int().min(0).max(3).default(1) }).optional(),
    survey: definitionKey,
    messages: z.strictObject({
      invite: definitionKey,
      reminder: definitionKey.optional(),
      thanks: definitionKey.optional(),
    }),
    variants: z.strictObject({ invite: weights }).optional(),
    /** What becomes of a message of which nobody can know whether it was sent. */
    onUncertain: z.enum(['abandon', 'resend']).default('abandon'),
    /** SMS parts an invitation or reminder may take at its longest. */
    maxParts: z.int().min(1).max(10).default(DEFAULT_MAX_PARTS),
  })
  .superRefine((campaign, context) => {
    if (campaign.reminder && campaign.reminder.max > 0 && campaign.messages.reminder === undefined) {
      context.addIssue({ code: 'custom', path: ['messages'], message: 'a reminder is set but messages.reminder names no text' }); // prettier-ignore
    }
  });

/** A campaign with every default filled in: what a definition of kind `campaign` holds, plus `refs` once published. */
export type Campaign = z.infer<typeof campaignSchema>;
export type Channel = z.infer<typeof channel>;
export type Outcome = z.infer<typeof outcome>;

/** Definitions as they stood at publication, so that a later edit does not change what people were asked. */
export interface CampaignRefs {
  readonly survey: string;
  readonly messages: Readonly<Record<string, string>>;
}

/** The texts an invitation of the campaign may be made of, each with its part of the people. */
export function inviteShares(campaign: Campaign): Readonly<Record<string, number>> {
  return campaign.variants?.invite ?? { [campaign.messages.invite]: 1 };
}

/** Every message text the campaign names, with what it is used for. */
export function messagesOf(campaign: Campaign): { key: string; role: 'invite' | 'reminder' | 'thanks' }[] {
  const { invite, reminder, thanks } = campaign.messages;
  const invites = [...new Set([invite, ...Object.keys(inviteShares(campaign))])];
  return [
    ...invites.map((key) => ({ key, role: 'invite' as const })),
    ...(reminder === undefined ? [] : [{ key: reminder, role: 'reminder' as const }]),
    ...(thanks === undefined ? [] : [{ key: thanks, role: 'thanks' as const }]),
  ];
}

function uniqueList<T extends z.ZodType>(item: T): z.ZodArray<T> {
  return z
    .array(item)
    .min(1)
    .refine((list) => new Set(list).size === list.length, { error: 'names something twice' });
}
