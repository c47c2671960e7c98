import { createHmac } from 'node:crypto';
import { firstHashingKey, SealingKey, type Secrets } from '#kernel/sealing-key';

export interface Sealed {
  readonly cipher: Buffer;
  readonly keyId: string;
}

/**
 * The only place where numbers and people's words are encrypted and read. AES-256-GCM with a random nonce under the
 * current key; found again by HMAC-SHA256 under a second key, so a plain hash of the ten to the ninth possible numbers
 * is of no use without it. What earlier keys sealed stays readable as long as the process holds them.
 */
export class Vault {
  private readonly sealing: SealingKey;
  private readonly earlier: readonly SealingKey[];
  private readonly hashingKey: Buffer;
  /** Names the sealing key in stored rows; tells nothing about it. */
  readonly keyId: string;

  /** `secrets`: all that the process holds, or a lone secret of 32 bytes as base64. */
  constructor(secrets: Secrets) {
    const { current, previous, hashingKey } =
      typeof secrets === 'string'
        ? { current: secrets, previous: [], hashingKey: firstHashingKey(secrets) }
        : secrets;
    this.sealing = new SealingKey(current);
    this.earlier = previous.map((secret) => new SealingKey(secret));
    this.hashingKey = hashingKey;
    this.keyId = this.sealing.id;
  }

  seal(text: string): Sealed {
    return { cipher: this.sealing.seal(text), keyId: this.keyId };
  }

  /** Throws when the ciphertext was made with a key that is not held, or changed. */
  open(sealed: Buffer): string {
    try {
      return this.sealing.open(sealed).toString('utf8');
    } catch (thrown) {
      // The tag tells a wrong key from the right one, so each may be tried; after a rotation there is nothing to try.
      for (const key of this.earlier) {
        try {
          return key.open(sealed).toString('utf8');
        } catch {
          continue;
        }
      }
      throw thrown;
    }
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

  /** Keyed hash of any content that may hold something personal, for telling a repeat from a change. */
  hash(text: string): Buffer {
    return createHmac('sha256', this.hashingKey).update(text).digest();
  }
}

/** `+380501234567` becomes `+380••••••567`: enough for a clerk to recognise, too little to call. */
export function maskPhone(e164: string): string {
  return `${e164.slice(0, 4)}${'•'.repeat(Math.max(0, e164.length - 7))}${e164.slice(-3)}`;
}
