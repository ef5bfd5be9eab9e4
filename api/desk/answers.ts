// The first answer to a create is the only one: kept sealed with the booking's key, and given again word for word.
import { z } from 'zod';
import { findByScope, keepFirstAnswer } from '../../db/intake.ts';
import { KeyDestroyed } from '../../db/keyring.ts';
import { erasedError } from '../errors.ts';
import type { Desk } from './desk.ts';

const Said = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('opened'), body: z.record(z.string(), z.unknown()) }),
  /** The gateway or the supplier said no before any money could move. */
  z.object({
    kind: z.literal('refused'),
    as: z.enum(['conflict', 'unacceptable']),
    code: z.string(),
    message: z.string(),
  }),
]);
export type Said = z.output<typeof Said>;

/** The attempt it speaks of stands with it: the answer of a dead one is worth nothing. */
const Answer = z.object({ attempt: z.int(), said: Said });
export type Answer = z.output<typeof Answer>;

export interface NewAnswer extends Answer {
  readonly bookingId: string;
  readonly scope: string;
  /** What stood there when the request came: nothing, or the answer of a dead attempt. */
  readonly instead: Buffer | null;
}

const CONTEXT = 'answer';

/** Of several that are done at once the first speaks for all; returns what it said. */
export async function keepAnswer(desk: Desk, { bookingId, scope, instead, ...answer }: NewAnswer): Promise<Said> {
  const sealedBody = await desk.keyring.seal(bookingId, Buffer.from(JSON.stringify(answer)), CONTEXT);
  if (await keepFirstAnswer(desk.db, { scope, bookingId, instead, sealedBody })) return answer.said;
  const kept = await findByScope(desk.db, scope);
  if (!kept?.sealedAnswer || kept.bookingId !== bookingId) return answer.said;
  return (await recallAnswer(desk, bookingId, kept.sealedAnswer)).said;
}

export async function recallAnswer(desk: Desk, bookingId: string, sealed: Buffer): Promise<Answer> {
  const opened = await desk.keyring.unseal(bookingId, sealed, CONTEXT).catch(whenErased);
  return Answer.parse(JSON.parse(opened.toString()));
}

function whenErased(error: unknown): never {
  if (!(error instanceof KeyDestroyed)) throw error;
  throw erasedError('conflict', error);
}
