import { expect, test } from '@jest/globals';
import { firstHashingKey } from '#kernel/sealing-key';
import { maskPhone, Vault } from './vault.js';

const vault = new Vault(Buffer.alloc(32, 1).toString('base64'));
const other = new Vault(Buffer.alloc(32, 2).toString('base64'));

test('opens what it sealed, and never seals twice alike', () => {
  const first = vault.seal('+380501234567');
  expect(vault.open(first.cipher)).toBe('+380501234567');
  expect(first.cipher.equals(vault.seal('+380501234567').cipher)).toBe(false);
  expect(first.cipher.includes(Buffer.from('501234567'))).toBe(false);
});

test('never uses a nonce twice', () => {
  const nonces = Array.from({ length: 2_000 }, () => vault.seal('').cipher.subarray(0, 12).toString('hex'));
  expect(new Set(nonces).size).toBe(2_000);
  expect(vault.open(vault.seal('').cipher)).toBe('');
});

test('refuses what another key made or somebody changed', () => {
  const { cipher } = vault.seal('текст людини');
  expect(() => other.open(cipher)).toThrow();
  const changed = Buffer.from(cipher);
  changed[20] = (changed[20] ?? 0) ^ 1;
  expect(() => vault.open(changed)).toThrow();
});

test('opens what a key of before sealed, seals under the new one, and finds by the hash of before', () => {
  const secrets = [2, 1].map((byte) => Buffer.alloc(32, byte).toString('base64'));
  const hashingKey = firstHashingKey(secrets[1] ?? '');
  const both = new Vault({ current: secrets[0] ?? '', previous: secrets.slice(1), hashingKey });
  expect(both.open(vault.seal('+380501234567').cipher)).toBe('+380501234567');
  expect(other.open(both.seal('+380501234567').cipher)).toBe('+380501234567');
  expect(both.keyId).toBe(other.keyId);
  expect(both.phoneHash('+380501234567')).toEqual(vault.phoneHash('+380501234567'));
});

test('hashes an address alike under one key, differently under another or for another use', () => {
  const hash = vault.phoneHash('+380501234567');
  expect(hash.equals(vault.phoneHash('+380501234567'))).toBe(true);
  expect(hash.equals(other.phoneHash('+380501234567'))).toBe(false);
  expect(vault.phoneHashHex('+380501234567')).toBe(hash.toString('hex'));
  expect(vault.hashHex('a')).toBe(vault.hash('a').toString('hex'));
  expect(hash.equals(vault.subscriberHash('viber', '+380501234567'))).toBe(false);
});

test('masks all that would let somebody call', () => {
  expect(maskPhone('+380501234567')).toBe('+380••••••567');
});
