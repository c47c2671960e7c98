/** A table that holds sealed content, with the key id of each row in `key_id`. */
export interface SealedTable {
  readonly table: string;
  /** Primary key columns and their types, in order. */
  readonly key: readonly (readonly [column: string, type: string])[];
  readonly ciphers: readonly string[];
}

const ID = [['id', 'bigint']] as const;

/**
 * Every place where something sealed is stored. A test compares it with the schema: a new `…_cipher` column that is
 * missing here would be unreadable after the next rotation. (`vault_key` is resealed on its own.)
 */
export const SEALED: readonly SealedTable[] = [
  { table: 'contact', key: ID, ciphers: ['phone_cipher'] },
  { table: 'visit_record', key: ID, ciphers: ['phone_raw_cipher'] },
  { table: 'rejected_row', key: ID, ciphers: ['row_cipher'] },
  { table: 'carrier_fact', key: ID, ciphers: ['address_cipher', 'text_cipher'] },
  {
    table: 'answer',
    key: [
      ['invitation_id', 'bigint'],
      ['question_key', 'text'],
    ],
    ciphers: ['text_cipher'],
  },
  { table: 'case_note', key: ID, ciphers: ['text_cipher'] },
  { table: 'second_factor', key: [['user_id', 'bigint']], ciphers: ['secret_cipher'] },
];
