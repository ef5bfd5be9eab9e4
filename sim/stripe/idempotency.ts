// Stripe's idempotency: the first answer under a key is kept with a hash of its parameters, a stored 500 included.
import { createHash } from 'node:crypto';
import { cut, json } from '../reply.ts';
import type { Outcome, Reply } from '../reply.ts';
import type { Call } from './call.ts';
import type { World } from './state.ts';

/** An answer and whether the endpoint got far enough for it to be kept. */
export type Answer = { reply: Outcome; stored: boolean };

export async function idempotent(world: World, call: Call, execute: () => Promise<Answer>): Promise<Outcome> {
  const key = call.idempotencyKey;
  if (key === null || call.method !== 'POST') return (await execute()).reply;
  if (key.length > 255) return refusal(400, 'Idempotency keys can be up to 255 characters long.');
  const hash = hashOf(call);
  const known = world.answers.get(key);
  if (known && known.hash !== hash) return otherParameters(key);
  if (known) return replay(known);
  if (world.running.has(key)) return stillRunning(key);
  world.running.add(key);
  try {
    const { reply, stored } = await execute();
    if (stored && reply !== cut) {
      world.answers.put({ id: key, hash, status: reply.status, text: reply.text, requestId: call.id });
    }
    return reply;
  } finally {
    world.running.delete(key);
  }
}

function replay(known: { status: number; text: string; requestId: string }): Reply {
  return {
    status: known.status,
    text: known.text,
    headers: {
      'content-type': 'application/json',
      'idempotent-replayed': 'true',
      'original-request': known.requestId,
    },
  };
}

function otherParameters(key: string): Reply {
  return json(400, {
    error: {
      type: 'idempotency_error',
      message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
    },
  });
}

function stillRunning(key: string): Reply {
  return json(409, {
    error: {
      type: 'invalid_request_error',
      code: 'idempotency_key_in_use',
      message: `There is currently another in-progress request using this idempotency key (${key}). Please try again later.`,
    },
  });
}

function refusal(status: number, message: string): Reply {
  return json(status, { error: { type: 'invalid_request_error', message } });
}

function hashOf(call: Call): string {
  const canonical = JSON.stringify([call.method, call.path, sorted(call.params)]);
  return createHash('sha256').update(canonical).digest('base64');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, sorted(inner)]);
}
