import type { Queryable } from '#store/database';

export interface AnswerRow {
  readonly questionKey: string;
  /** JSON; null for free text. `'null'` is a question skipped. */
  readonly value: string | null;
  readonly textCipher: Buffer | null;
  readonly keyId: string | null;
}

export interface AnswerSet {
  readonly invitationId: string;
  readonly surveyId: string;
  readonly via: 'page' | 'sms' | 'viber';
  readonly late: boolean;
  readonly at: Date;
  readonly answers: readonly AnswerRow[];
}

/**
 * Stores answers; of two to one question the one given later stands, in whatever order they arrive. Returns the keys
 * of those that were stored.
 */
export async function answerUpsert(tx: Queryable, set: AnswerSet): Promise<Set<string>> {
  const { answers } = set;
  const { rows } = await tx.query<{ key: string }>(
    `insert into answer as known (invitation_id, survey_id, via, late, answered_at, question_key, value, text_cipher, key_id)
     select $1, $2, $3, $4, $5, a.* from unnest($6::text[], $7::jsonb[], $8::bytea[], $9::text[]) as a
     on conflict (invitation_id, question_key) do update set
       value = excluded.value, text_cipher = excluded.text_cipher, key_id = excluded.key_id, via = excluded.via,
       late = excluded.late, answered_at = excluded.answered_at
     where known.answered_at <= excluded.answered_at
     returning question_key as key`,
    [set.invitationId, set.surveyId, set.via, set.late, set.at, answers.map((a) => a.questionKey),
     answers.map((a) => a.value), answers.map((a) => a.textCipher), answers.map((a) => a.keyId)],
  ); // prettier-ignore
  return new Set(rows.map(({ key }) => key));
}

/** The sealed text a person wrote to a question, to show it to them again. */
export async function answerText(
  db: Queryable,
  invitationId: string,
  questionKey: string,
): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ cipher: Buffer | null }>(
    'select text_cipher as cipher from answer where invitation_id = $1 and question_key = $2',
    [invitationId, questionKey],
  );
  return rows[0]?.cipher ?? undefined;
}
