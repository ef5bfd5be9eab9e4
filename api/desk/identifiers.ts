// Ids and numbers that nobody can guess, made where chance is allowed.
import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';

// Without the letters that are misread or read as words.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const NUMBER_LENGTH = 8;
const RANDOM_BYTES = 10;

/** Begins with the time, so that neighbours in time are neighbours in the index. */
export function newBookingId(now: Date): string {
  return `bk_${now.getTime().toString(36)}${base36(randomBytes(RANDOM_BYTES))}`;
}

/** What a person reads out on the telephone: HF-7K3M9QXC. */
export function newBookingNumber(): string {
  const letters = Array.from({ length: NUMBER_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]);
  return `HF-${letters.join('')}`;
}

export const newQuoteId = (): string => `cq_${base36(randomBytes(RANDOM_BYTES))}`;

/** It is all that a cart's holder needs to know. */
export const newCartId = (): string => randomUUID();

export const newCartItemId = (): string => `ci_${base36(randomBytes(RANDOM_BYTES))}`;

/** Under an Idempotency-Key the same id comes out again, so a repeated request repeats nothing. */
export function newRequestId(prefix: 'rf' | 'rs' | 'mp', heldScope: string | undefined): string {
  const bytes =
    heldScope === undefined
      ? randomBytes(RANDOM_BYTES)
      : createHash('sha256').update(heldScope).digest().subarray(0, RANDOM_BYTES);
  return `${prefix}_${base36(bytes)}`;
}

const base36 = (bytes: Uint8Array): string =>
  BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
    .toString(36)
    .padStart(16, '0');
