// RSA keys: one of the company's for success callbacks, one of each webhook's own.
import { createSign, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Table } from '../table.ts';

/** `id`: the webhook's, or the company's. */
export type KeyPair = { id: string; publicKey: string; privateKey: string };

export const COMPANY = 'company';

const generate = promisify(generateKeyPair);

export async function newKeyPair(id: string): Promise<KeyPair> {
  const { publicKey, privateKey } = await generate('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { id, publicKey, privateKey };
}

export function signature(body: string, { privateKey }: Pick<KeyPair, 'privateKey'>): string {
  return createSign('RSA-SHA256').update(body).sign(privateKey, 'base64');
}

/** Any key but the right one. */
export function otherKey(keys: Table<KeyPair>, id: string): KeyPair | undefined {
  return keys.values().find((key) => key.id !== id);
}
