import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { sha256 } from '#kernel/ids';

export interface Sealed {
  readonly cipher: Buffer;
  readonly keyId: string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Nonces drawn from the system at once: asking for each costs as much as the encryption. */
const NONCES_DRAWN = 512;

/**
 * The only place where numbers and people's words are encrypted and read. AES-256-GCM with a random nonce; found
 * again by HMAC-SHA256 under a second key. Both keys come from VIDHUK_SECRET_KEY by HKDF, so a plain hash of the
 * ten to the ninth possible numbers is of no use without it.
 */
export class Vault {
  private readonly sealingKey: Buffer;
  private readonly hashingKey: Buffer;
  private nonces = Buffer.alloc(0);
  /** Names the sealing key in stored rows; tells nothing about it. */
  readonly keyId: string;

  /** `secret`: 32 bytes as base64. */
  constructor(secret: string) {
    const master = Buffer.from(secret, 'base64');
    this.sealingKey = Buffer.from(hkdfSync('sha256', master, '', 'vidhuk sealing key', 32));
    this.hashingKey = Buffer.from(hkdfSync('sha256', master, '', 'vidhuk address hash', 32));
    this.keyId = sha256(Buffer.concat([Buffer.from('key id'), this.sealingKey]))
      .toString('hex')
      .slice(0, 8);
  }

  seal(text: string): Sealed {
    const nonce = this.nonce();
    const cipher = createCipheriv('aes-256-gcm', this.sealingKey, nonce);
    const body = cipher.update(text, 'utf8');
    cipher.final(); // GCM keeps nothing back: this only makes the tag
    return { cipher: Buffer.concat([nonce, body, cipher.getAuthTag()]), keyId: this.keyId };
  }

  /** Throws when the ciphertext was made with another key or changed. */
  open(sealed: Buffer): string {
    const decipher = createDecipheriv('aes-256-gcm', this.sealingKey, sealed.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const body = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([body, decipher.final()]).toString('utf8');
  }

  /** Keyed hash of an E.164 number: equal numbers, equal hashes. */
  phoneHash(e164: string): Buffer {
    return this.hash(`phone:${e164}`);
  }

  /** Keyed hash of a carrier's user id within one sender. */
  subscriberHash(sender: string, userId: string): Buffer {
    return this.hash(`subscriber:${sender}:${userId}`);
  }

  /** `hash` in hexadecimal, for look-ups in memory and for COPY: making a Buffer costs half as much again. */
  hashHex(text: string): string {
    return createHmac('sha256', this.hashingKey).update(text).digest('hex');
  }

  /** `phoneHash` in hexadecimal. */
  phoneHashHex(e164: string): string {
    return this.hashHex(`phone:${e164}`);
  }

  /** Each is used once and then gone from the pool. */
  private nonce(): Buffer {
    if (this.nonces.length < NONCE_BYTES) this.nonces = randomBytes(NONCE_BYTES * NONCES_DRAWN);
    const nonce = this.nonces.subarray(0, NONCE_BYTES);
    this.nonces = this.nonces.subarray(NONCE_BYTES);
    return nonce;
  }

  /** Keyed hash of any content that may hold something personal, for telling a repeat from a change. */
  hash(text: string): Buffer {
    return createHmac('sha256', this.hashingKey).update(text).digest();
  }
}

/** `+380501234567` becomes `+380••••••567`: enough for a clerk to recognise, too little to call. */
export function maskPhone(e164: string): string {
  return `${e164.slice(0, 4)}${'•'.repeat(Math.max(0, e164.length - 7))}${e164.slice(-3)}`;
}
