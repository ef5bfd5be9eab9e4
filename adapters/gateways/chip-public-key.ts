// A public key in any of the shapes in which CHIP, and those who stand in for it, tell one.
import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { readAs } from './chip-http.ts';

/** As `/public_key/` has it: a text, and nothing around it by CHIP's documents. */
const companyWire = z.union([z.string(), z.object({ public_key: z.string() }).transform((told) => told.public_key)]);

export const companyKeyIn = (answer: unknown): KeyObject => keyIn(readAs(companyWire, answer));

const FRAME = /-----BEGIN ([A-Z ]+)-----(.*)-----END /s;

/** Its line breaks may be gone, or have been escaped once more on their way, and so may be the frame around it. */
export function keyIn(text: string): KeyObject {
  const broken = text.replaceAll(/\\[rn]/g, '\n');
  const [, label = 'PUBLIC KEY', content = broken] = FRAME.exec(broken) ?? [];
  const lines = content.replaceAll(/\s/g, '').match(/.{1,64}/g) ?? [];
  const key = createPublicKey([`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n'));
  if (key.asymmetricKeyType !== 'rsa')
    throw new Error(`CHIP signs with RSA, this is a key for ${key.asymmetricKeyType}`);
  return key;
}
