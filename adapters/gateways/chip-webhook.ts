// Authenticates what CHIP posts and reads which purchase each speaks of; what is true, `look` tells.
import { createHash, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { WebhookReading } from '../../domain/payment.ts';
import type { KeyRing } from './chip-keys.ts';
import { textIn } from './chip-wire.ts';

const idWire = z.string().min(1);
const subjectWire = z.object({
  id: idWire,
  type: z.string(),
  updated_on: z.number().nullish().catch(null),
  reference: z.string().nullish().catch(null),
  purchase: z
    .object({ metadata: z.record(z.string(), z.unknown()).nullish().catch(null) })
    .nullish()
    .catch(null),
  transaction_data: z
    .object({ attempts: z.array(z.unknown()).nullish() })
    .nullish()
    .catch(null),
  related_to: z
    .object({ type: z.string(), id: idWire, reference: z.string().nullish().catch(null) })
    .nullish()
    .catch(null),
});
type Subject = z.output<typeof subjectWire>;

const namedWire = z.object({ event_type: z.string().min(1) });
const wrappedWire = z.object({ object: z.unknown() });

interface Meaning {
  readonly subject: 'purchase' | 'payment';
  /** What the event would change: told apart as finely as repeated changes of one object need. */
  readonly effect: (subject: Subject) => string;
}

const once = (word: string) => () => word;
/** May come to pass several times in the life of one purchase. */
const each = (word: string) => (subject: Subject) => `${word}/${triesOf(subject)}.${subject.updated_on ?? 0}`;

const triesOf = ({ transaction_data: data }: Subject): number => data?.attempts?.length ?? 0;

const MEANINGS = new Map<string, Meaning>(
  Object.entries({
    'purchase.paid': { subject: 'purchase', effect: once('succeeded') },
    'purchase.captured': { subject: 'purchase', effect: once('captured') },
    'purchase.payment_failure': { subject: 'purchase', effect: each('declined') },
    'purchase.pending_execute': { subject: 'purchase', effect: each('processing') },
    'purchase.pending_charge': { subject: 'purchase', effect: each('processing') },
    'purchase.hold': { subject: 'purchase', effect: once('authorised') },
    'purchase.released': { subject: 'purchase', effect: once('released') },
    'purchase.capture_failure': { subject: 'purchase', effect: each('capture_failed') },
    'purchase.cancelled': { subject: 'purchase', effect: once('cancelled') },
    'purchase.refund_failure': { subject: 'purchase', effect: each('refund/failed') },
    // CHIP has no `purchase.refunded`: money that went back is an object of its own.
    'payment.refunded': { subject: 'payment', effect: once('refunded') },
    'payment.charged_back': { subject: 'payment', effect: once('dispute/taken') },
    'payment.chargeback_reversed': { subject: 'payment', effect: once('dispute/returned') },
  } satisfies Record<string, Meaning>),
);

export interface SignedPost {
  readonly raw: Uint8Array;
  readonly signature: string | undefined;
  /** The webhook it came by; null for a success callback. */
  readonly webhookId: string | null;
}

export async function readChipWebhook(keys: KeyRing, post: SignedPost): Promise<WebhookReading> {
  const { raw, signature, webhookId } = post;
  if (!signature) return { kind: 'forged', reason: 'no signature header' };
  if (webhookId !== null && !isWebhookId(webhookId)) return { kind: 'forged', reason: 'no such webhook' };
  const verdict = await keys.check(webhookId, (key) => fits(key, raw, signature));
  if (verdict === 'no such webhook') return { kind: 'forged', reason: verdict };
  if (verdict !== 'fits') return { kind: 'forged', reason: 'no key of the sender fits the body' };
  const json = jsonIn(raw);
  return json === undefined ? { kind: 'forged', reason: 'the body is not JSON' } : readingOf(json, raw);
}

const isWebhookId = (text: string): boolean => /^[\w-]{1,64}$/.test(text);

/** Over the bytes as they came, before anything is made of them. */
const fits = (key: KeyObject, raw: Uint8Array, signature: string): boolean =>
  verify('RSA-SHA256', raw, key, Buffer.from(signature, 'base64'));

function jsonIn(raw: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch {
    return undefined;
  }
}

function readingOf(json: unknown, raw: Uint8Array): WebhookReading {
  const type = namedWire.safeParse(json).data?.event_type ?? 'unknown';
  const subject = subjectIn(json);
  if (!subject)
    return {
      kind: 'ignored',
      eventId: hashOf(raw),
      type,
      objectRef: null,
      paymentRef: null,
      bookingId: null,
      paymentId: null,
    };
  // CHIP does not number its events. Two tries of a payer may fail within one second, which is all its times tell.
  const eventId = hashOf(JSON.stringify([subject.id, type, subject.updated_on ?? null, triesOf(subject)]));
  const hint = hintOf(type, subject);
  if (!hint) return { kind: 'ignored', eventId, type, objectRef: subject.id, ...ownerOf(subject) };
  return { kind: 'event', eventId, type, ...hint };
}

const hashOf = (data: string | Uint8Array): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;

/** Flat, with the event's type among the object's own fields; one text of CHIP's shows it wrapped. */
function subjectIn(json: unknown): Subject | undefined {
  const wrapped = wrappedWire.safeParse(json).data?.object;
  return subjectWire.safeParse(wrapped ?? json).data;
}

function hintOf(type: string, subject: Subject) {
  const meaning = MEANINGS.get(type);
  if (!meaning || meaning.subject !== subject.type) return undefined;
  const { paymentRef, ...owner } = ownerOf(subject);
  if (paymentRef === null) return undefined;
  return {
    objectRef: subject.id,
    effect: meaning.effect(subject),
    paymentRef,
    ...owner,
  };
}

function ownerOf({ id, type, reference, purchase, related_to: related }: Subject) {
  const paidFor = related?.type === 'purchase' ? related.id : null;
  return {
    paymentRef: type === 'purchase' ? id : paidFor,
    // Money that moved later repeats no metadata: the reference leads to a booking by way of what was paid for.
    bookingId: textIn(purchase?.metadata?.['booking_id']) ?? (reference || related?.reference || null),
    paymentId: textIn(purchase?.metadata?.['payment_id']),
  };
}
