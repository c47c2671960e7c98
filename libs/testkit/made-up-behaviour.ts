import { seededRandom, type SeededRandom } from '#kernel/seeded-random';
import { addDays } from '#kernel/zone';
import type { Queryable } from '#store/database';
import type { Builders, Campaign } from './builders.js';

/** What becomes of an invited visit, by the letters that reports count it under. */
type Outcome =
  | 'complete' | 'partial' | 'brokenOff' | 'openedOnly' | 'refused' | 'seen' | 'delivered' | 'undelivered'
  | 'neverSent' | 'wrongNumber' | 'ineligible'; // prettier-ignore

/** How people behave, as probabilities: the truth that reports have to find again. */
export interface Behaviour {
  /** Of those who belong to the sample, who answer, by centre. */
  readonly answering: Readonly<Record<string, number>>;
  /** Added to it for the second text. */
  readonly betterText: number;
  /** Of those who answer, who give 4 or 5. */
  readonly satisfied: number;
  /** Of those who answer to the end: 9 or 10, and 0 to 6. */
  readonly promoters: number;
  readonly detractors: number;
}

const INELIGIBLE = 0.03;
/** Of those who answer: not to the end. */
const PARTLY = 0.12;
const FACTS: Readonly<Record<Outcome, readonly string[]>> = {
  complete: ['sent_at', 'delivered_at', 'opened_at', 'started_at', 'completed_at'],
  partial: ['sent_at', 'delivered_at', 'opened_at', 'started_at'],
  brokenOff: ['sent_at', 'delivered_at', 'opened_at', 'started_at'],
  openedOnly: ['sent_at', 'delivered_at', 'opened_at'],
  refused: ['sent_at', 'delivered_at', 'refused_at'],
  seen: ['sent_at', 'delivered_at', 'seen_at'],
  delivered: ['sent_at', 'delivered_at'],
  undelivered: ['sent_at', 'undelivered_at'],
  neverSent: [],
  wrongNumber: ['sent_at', 'delivered_at', 'wrong_number_at'],
  ineligible: ['sent_at', 'delivered_at', 'ineligible_at'],
};
const SILENT: readonly (readonly [Outcome, number])[] = [['brokenOff', 3], ['openedOnly', 6], ['refused', 2], ['seen', 5], ['delivered', 45], ['undelivered', 8], ['neverSent', 4], ['wrongNumber', 3]]; // prettier-ignore

/** The two questions that must be answered and one that need not be. */
export const REHEARSED_QUESTIONS = [
  { key: 'quality', type: 'scale', min: 1, max: 5, text: { uk: 'Як Вас обслужили?' } },
  { key: 'recommend', type: 'nps', text: { uk: 'Порадите?' } },
  { key: 'comment', type: 'text', text: { uk: 'Що покращити?' }, optional: true },
];

/** A month of `visits` invited visits that behave so, drawn by `seed`; all links are long closed. */
export async function rehearse(
  db: Queryable,
  build: Builders,
  campaign: Campaign,
  { seed, month, visits, behaviour }: { seed: string; month: string; visits: number; behaviour: Behaviour },
): Promise<void> {
  const random = seededRandom(seed);
  const centres = new Map<string, string>();
  for (const code of Object.keys(behaviour.answering)) centres.set(code, await build.centre(code));
  const rows = Array.from({ length: visits }, (_, i) => ({
    key: `${seed}|${i}`,
    code: `${seed}-${i}`,
    day: addDays(`${month}-01`, i % 28),
    ...drawVisit(random, behaviour, [...centres]),
  }));
  const { cipher, keyId } = build.vault.seal('допис');
  const facts = [...new Set(Object.values(FACTS).flat())];
  await db.query(
    `with given as (
       select * from jsonb_to_recordset($1::jsonb) as g (key text, code text, day date, centre bigint, service text,
         variant text, facts text[], quality int, recommend int, comment boolean)
     ), v as (
       insert into visit (source, visit_key, centre_id, service_code, outcome, finished_at, finished_on, phone_status,
                          consent, language, created_at)
       select 'rehearsal', key, centre, service, 'served', day + time '09:00', day, 'missing', 'granted', 'uk', day
       from given returning id, visit_key
     ), d as (
       insert into decision (visit_id, decision, campaign_id, channel, planned_at, visit_revision, decided_at)
       select v.id, 'invited', $2, 'sms', day, 1, day from v join given on key = visit_key
     ), i as (
       insert into invitation (visit_id, campaign_id, survey_id, variant, code, locale, legal_basis, channels, planned_at,
                               deadline_at, expires_at, created_at, sent_channel, ${facts.join(', ')})
       select v.id, $2, $3, variant, code, 'uk', 'public_task', '{sms}', day, day + 2, day + 7, day,
              case when 'sent_at' = any(given.facts) then 'sms' end,
              ${facts.map((fact) => `case when '${fact}' = any(given.facts) then day + time '12:00' end`).join(', ')}
       from v join given on key = visit_key returning id, invitation.code
     )
     insert into answer (invitation_id, question_key, survey_id, value, text_cipher, key_id, via, late, answered_at)
     select i.id, q.key, $3, q.value, q.cipher, q.key_id, 'page', false, given.day + time '12:00'
     from i join given on given.code = i.code
     cross join lateral (values
       ('quality', to_jsonb(quality), null::bytea, null), ('recommend', to_jsonb(recommend), null, null),
       ('comment', null, case when comment then $4::bytea end, case when comment then $5 end)
     ) q (key, value, cipher, key_id)
     where q.value is not null or q.cipher is not null`,
    [JSON.stringify(rows), campaign.campaignId, campaign.surveyId, cipher, keyId],
  );
}

function drawVisit(
  random: SeededRandom,
  { answering, betterText, satisfied, promoters, detractors }: Behaviour,
  centres: readonly (readonly [string, string])[],
) {
  const [code, centre] = centres[random.below(centres.length)] ?? ['', ''];
  const variant = random.chance(0.5) ? 'text-a' : 'text-b';
  const answers = random.chance((answering[code] ?? 0) + (variant === 'text-b' ? betterText : 0));
  const outcome: Outcome = random.chance(INELIGIBLE)
    ? 'ineligible'
    : answers
      ? random.chance(PARTLY)
        ? 'partial'
        : 'complete'
      : random.weighted(SILENT);
  const quality = random.chance(satisfied) ? 4 + random.below(2) : 1 + random.below(3);
  const luck = random.next();
  const recommend = luck < promoters ? 9 + random.below(2) : luck < promoters + detractors ? random.below(7) : 7 + random.below(2); // prettier-ignore
  return {
    centre, variant, facts: FACTS[outcome], service: random.chance(0.5) ? 'passport' : 'land',
    quality: outcome === 'complete' || outcome === 'partial' ? quality : null,
    recommend: outcome === 'complete' ? recommend : null,
    comment: outcome === 'brokenOff',
  }; // prettier-ignore
}
