import * as OTPAuth from 'otpauth';
import QRCode from 'qrcode';
import type { Vault } from '#contacts/vault';
import { AppError } from '#kernel/errors';
import { randomToken } from '#kernel/ids';
import type { Queryable } from '#store/database';

const ISSUER = 'Vidhuk';
const STEP_MS = 30_000;
// One step before and after, for clocks that differ and people who type slowly (RFC 6238, 5.2).
const WINDOW = 1;
const RECOVERY_CODES = 10;

/** What a person needs to put the secret into an authenticator. */
export interface Enrolment {
  /** Base32, to be typed where no picture can be taken. */
  readonly secret: string;
  /** A picture of the otpauth address, as SVG. */
  readonly qr: string;
}

export interface SecondFactorState {
  readonly on: boolean;
  readonly recoveryCodesLeft: number;
}

/** Time-based codes by RFC 6238 as a second factor; the secret is sealed, recovery codes are kept as keyed hashes. */
export class SecondFactors {
  constructor(private readonly vault: Pick<Vault, 'seal' | 'open' | 'hash' | 'keyId'>) {}

  async state(db: Queryable, userId: string): Promise<SecondFactorState> {
    const { rows } = await db.query<{ on: boolean; left: number }>(
      `select exists (select from second_factor where user_id = $1 and confirmed_at is not null) as on,
              (select count(*)::int from recovery_code where user_id = $1 and used_at is null) as left`,
      [userId],
    );
    return { on: rows[0]?.on ?? false, recoveryCodesLeft: rows[0]?.left ?? 0 };
  }

  /** Makes a secret that asks for nothing until `confirm`. Throws AppError `second_factor_on` (409). */
  async enrol(db: Queryable, user: { id: string; email: string }, now: Date): Promise<Enrolment> {
    const secret = new OTPAuth.Secret({ size: 20 });
    const { cipher, keyId } = this.vault.seal(secret.base32);
    const { rowCount } = await db.query(
      `insert into second_factor as f (user_id, secret_cipher, key_id, created_at) values ($1, $2, $3, $4)
       on conflict (user_id) do update set secret_cipher = excluded.secret_cipher, key_id = excluded.key_id,
         created_at = excluded.created_at, last_step = 0
       where f.confirmed_at is null`,
      [user.id, cipher, keyId, now],
    );
    if (rowCount === 0) {
      throw new AppError('second_factor_on', 'The second factor is on already: turn it off first.', {
        status: 409,
      });
    }
    return this.shown(secret, user.email);
  }

  /** The secret that still waits for its first code; undefined when there is none. */
  async pending(db: Queryable, user: { id: string; email: string }): Promise<Enrolment | undefined> {
    const { rows } = await db.query<{ cipher: Buffer }>(
      'select secret_cipher as cipher from second_factor where user_id = $1 and confirmed_at is null',
      [user.id],
    );
    if (!rows[0]) return undefined;
    return this.shown(OTPAuth.Secret.fromBase32(this.vault.open(rows[0].cipher)), user.email);
  }

  /**
   * Turns it on with a first right code, and returns the recovery codes, told this once. Throws AppError `code_wrong`
   * (403). Run it in a transaction.
   */
  async confirm(tx: Queryable, userId: string, code: string, now: Date): Promise<string[]> {
    if (!(await this.takeTotp(tx, { userId, code, now, confirmed: false }))) throw wrongCode();
    await tx.query('update second_factor set confirmed_at = $2 where user_id = $1', [userId, now]);
    await tx.query('delete from recovery_code where user_id = $1', [userId]);
    const codes = Array.from({ length: RECOVERY_CODES }, () => `${randomToken(6)}-${randomToken(6)}`);
    await tx.query(
      `insert into recovery_code (user_id, code_hash, created_at) select $1, hash, $3 from unnest($2::bytea[]) as hash`,
      [userId, codes.map((made) => this.recoveryHash(userId, made)), now],
    );
    return codes;
  }

  /**
   * Takes a code of the authenticator or a recovery code: each opens once. Undefined when it is neither, was used, or
   * is older than one that was used.
   */
  async take(
    db: Queryable,
    userId: string,
    code: string,
    now: Date,
  ): Promise<'authenticator' | 'recovery' | undefined> {
    if (await this.takeTotp(db, { userId, code, now, confirmed: true })) return 'authenticator';
    const { rowCount } = await db.query(
      'update recovery_code set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null',
      [userId, this.recoveryHash(userId, code), now],
    );
    return rowCount > 0 ? 'recovery' : undefined;
  }

  /** Run it in a transaction. */
  async turnOff(tx: Queryable, userId: string): Promise<void> {
    await tx.query('delete from recovery_code where user_id = $1', [userId]);
    await tx.query('delete from second_factor where user_id = $1', [userId]);
  }

  private async takeTotp(
    db: Queryable,
    given: { userId: string; code: string; now: Date; confirmed: boolean },
  ): Promise<boolean> {
    const token = given.code.replace(/\s/g, '');
    if (!/^\d{6}$/.test(token)) return false;
    const { rows } = await db.query<{ cipher: Buffer }>(
      `select secret_cipher as cipher from second_factor where user_id = $1 and (confirmed_at is not null) = $2`,
      [given.userId, given.confirmed],
    );
    if (!rows[0]) return false;
    const totp = totpOf(OTPAuth.Secret.fromBase32(this.vault.open(rows[0].cipher)), '');
    const delta = totp.validate({ token, timestamp: given.now.getTime(), window: WINDOW });
    if (delta === null) return false;
    const step = Math.floor(given.now.getTime() / STEP_MS) + delta;
    // Who looked over a shoulder cannot use the code again, not even at the same moment (RFC 6238, 5.2).
    const { rowCount } = await db.query(
      'update second_factor set last_step = $2 where user_id = $1 and last_step < $2',
      [given.userId, step],
    );
    return rowCount > 0;
  }

  private async shown(secret: OTPAuth.Secret, email: string): Promise<Enrolment> {
    const qr = await QRCode.toString(totpOf(secret, email).toString(), { type: 'svg', margin: 2 });
    return { secret: secret.base32, qr };
  }

  /** Spaces, hyphens and the kind of dash do not matter. */
  private recoveryHash(userId: string, code: string): Buffer {
    return this.vault.hash(`recovery:${userId}:${code.replace(/[\s\p{Dash}]/gu, '')}`);
  }
}

function totpOf(secret: OTPAuth.Secret, label: string): OTPAuth.TOTP {
  return new OTPAuth.TOTP({ issuer: ISSUER, label, algorithm: 'SHA1', digits: 6, period: 30, secret });
}

export function wrongCode(): AppError {
  return new AppError('code_wrong', 'This code is not right, or was used before: wait for the next one.', {
    status: 403,
  });
}
