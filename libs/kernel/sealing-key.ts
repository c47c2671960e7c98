import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { sha256 } from './ids.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Nonces drawn from the system at once: asking for each costs as much as the encryption. */
const NONCES_DRAWN = 512;

/** The secrets a process holds: what it seals with, what it can still open, what it finds addresses by. */
export interface Keyring {
  /** 32 bytes, base64: everything new is sealed under it. */
  readonly current: string;
  /** Secrets of before, or of soon: what they sealed can be opened. */
  readonly previous: readonly string[];
  /** Key of the keyed hashes. It outlives rotation, since the hashes of a stop list outlive the numbers they stand for. */
  readonly hashingKey: Buffer;
}

/** A lone secret (tests, a database without rows) or all of them. */
export type Secrets = string | Keyring;

/** AES-256-GCM under a key derived from a secret (HKDF, RFC 5869), with a random nonce each time (NIST SP 800-38D, 8.2.2). */
export class SealingKey {
  private readonly key: Buffer;
  private nonces = Buffer.alloc(0);
  /** Names the key in stored rows; tells nothing about it. */
  readonly id: string;

  /** `secret`: 32 bytes as base64. */
  constructor(secret: string) {
    this.key = derive(secret, 'vidhuk sealing key');
    this.id = sha256(Buffer.concat([Buffer.from('key id'), this.key]))
      .toString('hex')
      .slice(0, 8);
  }

  seal(content: string | Buffer): Buffer {
    const nonce = this.nonce();
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce);
    const body = typeof content === 'string' ? cipher.update(content, 'utf8') : cipher.update(content);
    cipher.final(); // GCM keeps nothing back: this only makes the tag
    return Buffer.concat([nonce, body, cipher.getAuthTag()]);
  }

  /** Throws when the ciphertext was made with another key or changed. */
  open(sealed: Buffer): Buffer {
    const decipher = createDecipheriv('aes-256-gcm', this.key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const body = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([body, decipher.final()]);
  }

  /** Each is used once and then gone from the pool. */
  private nonce(): Buffer {
    if (this.nonces.length < NONCE_BYTES) this.nonces = randomBytes(NONCE_BYTES * NONCES_DRAWN);
    const nonce = this.nonces.subarray(0, NONCE_BYTES);
    this.nonces = this.nonces.subarray(NONCE_BYTES);
    return nonce;
  }
}

/** A new secret: 32 bytes from a cryptographic source, base64. */
export function newSecret(): string {
  return randomBytes(32).toString('base64');
}

/** The hashing key that a secret makes when a database is new; from then on the database keeps it, sealed. */
export function firstHashingKey(secret: string): Buffer {
  return derive(secret, 'vidhuk address hash');
}

function derive(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'base64'), '', purpose, 32));
}
