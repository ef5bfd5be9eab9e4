// The first answer to a create is the only one: kept sealed with the booking's key, and given again word for word.
import { findByScope } from '../../db/intake.ts';
import { storeAnswer } from '../../db/idempotency.ts';
import type { Desk } from './desk.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

interface NewAnswer {
  readonly bookingId: string;
  readonly scope: string;
  readonly body: JsonObject;
}

const CREATED = 201;
const CONTEXT = 'answer';

/** Writes unless an answer stands already; returns the one that stands. */
export async function keepAnswer(desk: Desk, { bookingId, scope, body }: NewAnswer): Promise<JsonObject> {
  const sealedBody = await desk.keyring.seal(bookingId, Buffer.from(JSON.stringify(body)), CONTEXT);
  await storeAnswer(desk.db, scope, { status: CREATED, sealedBody });
  const kept = await findByScope(desk.db, scope);
  return kept?.sealedAnswer && kept.bookingId === bookingId ? recallAnswer(desk, bookingId, kept.sealedAnswer) : body;
}

export async function recallAnswer(desk: Desk, bookingId: string, sealedBody: Buffer): Promise<JsonObject> {
  const opened = await desk.keyring.unseal(bookingId, sealedBody, CONTEXT);
  const answer: unknown = JSON.parse(opened.toString());
  if (!isObject(answer)) throw new Error(`the answer kept for ${bookingId} is none`);
  return answer;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
