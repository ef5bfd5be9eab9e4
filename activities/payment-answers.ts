// Beside the facts that were learned from it: what the gateway said.
import { KeyDestroyed } from '../db/keyring.ts';
import { keepAnswer, sealAnswer } from '../db/payment-answers.ts';
import type { PaymentFact } from '../domain/payment.ts';
import type { Deps } from './deps.ts';
import type { Alongside } from './record.ts';

interface Told {
  readonly bookingId: string;
  readonly paymentId: string;
  readonly fact: PaymentFact;
}

export async function keepingAnswer(deps: Deps, { bookingId, paymentId, fact }: Told): Promise<Alongside> {
  const { wireStatus } = fact;
  const sealed = await sealedAnswer(deps, bookingId, fact);
  if (!sealed) return async () => {};
  return async (tx, { version: bookingVersion }, recorded) => {
    if (recorded.length > 0) await keepAnswer(tx, { bookingId, paymentId, bookingVersion, wireStatus, sealed });
  };
}

async function sealedAnswer(
  { keyring }: Deps,
  bookingId: string,
  { answer }: PaymentFact,
): Promise<Buffer | undefined> {
  if (answer === undefined) return undefined;
  try {
    return await sealAnswer(keyring, bookingId, answer);
  } catch (error) {
    // Of a person who was erased nothing may be kept; what became of the money is written down all the same.
    if (error instanceof KeyDestroyed) return undefined;
    throw error;
  }
}
