/** One kind of personal data with a time of its own. */
export interface DataClass {
  readonly key: string;
  readonly holds: string;
  /** Days it is kept unless the rules say otherwise; null: for ever. */
  readonly defaultDays: number | null;
  /** Select of the time each piece counts from, as `at`: every piece that is still held. */
  readonly held: string;
  /**
   * Removes pieces older than $1, at most $2 of them, with an id beyond $3 where the class goes by id. Answers one row:
   * `pieces` that went, and `last`, the id to go on from (null: begin anew). What another holds is passed over.
   */
  readonly remove: string;
}

/** Shapes a statement that takes some rows and changes them into what `remove` answers. */
const removal = (due: string, gone: string, last = 'null::text'): string =>
  `with due as materialized (${due}), gone as (${gone} returning 1)
   select (select count(*)::int from gone) as pieces, ${last} as last`;
const LAST_ID = '(select max(id)::text from due)';

/** A contact's time begins when their last visit ended and no invitation of theirs is open any more. */
const LAST_SEEN = `greatest(c.created_at, (select max(v.finished_at) from visit v where v.contact_id = c.id),
  (select max(i.expires_at) from invitation i where i.contact_id = c.id))`;
const NOT_SEEN_SINCE = `c.created_at < $1
  and not exists (select from visit v where v.contact_id = c.id and v.finished_at >= $1)
  and not exists (select from invitation i where i.contact_id = c.id and i.expires_at >= $1)`;

const GONE_FROM_VIBER = `user_id not like 'gone:%' and (unsubscribed_at is not null or subscribed_at is null)`;
/** Columns of `viber_subscriber` for somebody who is not known any more; the row stays under the messages sent to it. */
export const FORGET_SUBSCRIBER = `user_id = 'gone:' || id, contact_id = null, linked_at = null, link_source = null, language = null,
  stopped_at = null`;

/**
 * What is kept for a time. Defaults: a number as long as a survey may be answered and disputed; words for the year in
 * which they are worked with; raw material for as long as a fault may have to be found in it. The Law on the Protection
 * of Personal Data (2297-VI) asks for no longer than the purpose needs, and leaves the days to the owner.
 */
export const DATA_CLASSES: readonly DataClass[] = [
  {
    key: 'number',
    holds: 'the phone number; its keyed hash stays for frequency caps',
    defaultDays: 60,
    held: `select ${LAST_SEEN} as at from contact c where c.phone_cipher is not null`,
    remove: removal(
      `select c.id from contact c where c.phone_cipher is not null and c.id > $3::bigint and ${NOT_SEEN_SINCE}
       order by c.id limit $2 for no key update skip locked`,
      'update contact set phone_cipher = null, key_id = null where id in (select id from due)',
      LAST_ID,
    ),
  },
  {
    key: 'person',
    holds: 'the keyed hash that ties visits to one person; the visits stay, as visits of nobody',
    defaultDays: 730,
    held: `select ${LAST_SEEN} as at from contact c where c.phone_hash is not null`,
    remove: removal(
      `select c.id from contact c where c.phone_hash is not null and c.id > $3::bigint and ${NOT_SEEN_SINCE}
         and not exists (select from viber_subscriber s where s.contact_id = c.id and s.unsubscribed_at is null)
       order by c.id limit $2 for update skip locked`,
      `update contact set phone_hash = null, phone_cipher = null, key_id = null, erased_at = $1 + ($4::integer * interval '1 day')
       where id in (select id from due)`,
      LAST_ID,
    ),
  },
  {
    key: 'typed_number',
    holds: 'what was typed in place of a number and is none',
    defaultDays: 30,
    held: 'select received_at as at from visit_record where phone_raw_cipher is not null',
    remove: removal(
      `select id from visit_record where phone_raw_cipher is not null and received_at < $1
       order by received_at limit $2 for no key update skip locked`,
      'update visit_record set phone_raw_cipher = null, key_id = null where id in (select id from due)',
    ),
  },
  {
    key: 'free_text',
    holds: 'what people wrote into a survey; that they wrote is still counted',
    defaultDays: 365,
    held: 'select answered_at as at from answer where text_cipher is not null',
    remove: removal(
      `select ctid as place from answer where text_cipher is not null and answered_at < $1
       order by answered_at limit $2 for no key update skip locked`,
      `update answer set value = '""', text_cipher = null, key_id = null where ctid = any(array(select place from due))`,
    ),
  },
  {
    key: 'case_notes',
    holds: 'what operators wrote about a low score; who wrote, and when, stays',
    defaultDays: 365,
    held: 'select written_at as at from case_note where text_cipher is not null',
    remove: removal(
      `select id from case_note where text_cipher is not null and written_at < $1
       order by written_at limit $2 for no key update skip locked`,
      'update case_note set text_cipher = null, key_id = null where id in (select id from due)',
    ),
  },
  {
    key: 'answers',
    holds: 'marks and choices; without them the scores of those days are gone',
    defaultDays: null,
    held: 'select answered_at as at from answer',
    remove: removal(
      'select ctid as place from answer where answered_at < $1 order by answered_at limit $2 for update skip locked',
      'delete from answer where ctid = any(array(select place from due))',
    ),
  },
  {
    key: 'replies',
    holds: 'what people wrote by SMS and Viber, their addresses, and webhooks nobody understood',
    defaultDays: 90,
    held: 'select received_at as at from carrier_fact where address_cipher is not null or text_cipher is not null',
    remove: removal(
      `select id from carrier_fact where (address_cipher is not null or text_cipher is not null)
         and received_at < $1 and applied_at is not null
       order by received_at limit $2 for no key update skip locked`,
      `update carrier_fact set address_hash = null, address_cipher = null, text_cipher = null, key_id = null
       where id in (select id from due)`,
    ),
  },
  {
    key: 'viber_ids',
    holds: 'Viber ids of people who left the bot or only looked at it',
    defaultDays: 365,
    held: `select coalesce(unsubscribed_at, created_at) as at from viber_subscriber where ${GONE_FROM_VIBER}`,
    remove: removal(
      `select id from viber_subscriber where ${GONE_FROM_VIBER} and coalesce(unsubscribed_at, created_at) < $1
         and id > $3::bigint
       order by id limit $2 for no key update skip locked`,
      `update viber_subscriber set ${FORGET_SUBSCRIBER} where id in (select id from due)`,
      LAST_ID,
    ),
  },
  {
    key: 'rejected_rows',
    holds: 'rows of imports that were not taken, as they came',
    defaultDays: 30,
    held: 'select created_at as at from rejected_row',
    remove: removal(
      'select id from rejected_row where created_at < $1 order by id limit $2 for update skip locked',
      'delete from rejected_row where id in (select id from due)',
    ),
  },
];
