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
  /** CHIP has been seen to leave it out. */
  type: z.string().nullish().catch(null),
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
    .object({ type: z.string().nullish(), id: idWire, reference: z.string().nullish().catch(null) })
    .nullish()
    .catch(null),
});
interface Subject extends z.output<typeof subjectWire> {
  readonly type: string;
  /** When it last changed, else what all of it looks like: two changes of one object are two. */
  readonly stamp: number | string;
}

const nameWire = z.string().min(1).nullish().catch(null);
const namedWire = z.object({ event_type: nameWire, event: nameWire });
const wrappedWire = z.object({ object: z.unknown().optional(), data: z.unknown().optional() });

interface Meaning {
  readonly subject: 'purchase' | 'payment';
  /** What the event would change: told apart as finely as repeated changes of one object need. */
  readonly effect: (subject: Subject) => string;
}

const once = (word: string) => () => word;
/** May come to pass several times in the life of one purchase. */
const each = (word: string) => (subject: Subject) => `${word}/${triesOf(subject)}.${subject.stamp}`;

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
  return json === undefined ? { kind: 'forged', reason: 'the body is not JSON' } : readingOf(json, post);
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

function readingOf(json: unknown, { raw, webhookId }: SignedPost): WebhookReading {
  const type = nameIn(json) ?? (webhookId === null ? CALLED_BACK_FOR : 'unknown');
  const subject = subjectIn(json, type, raw);
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
  const eventId = hashOf(JSON.stringify([subject.id, type, subject.stamp, triesOf(subject)]));
  const hint = hintOf(type, subject);
  if (!hint) return { kind: 'ignored', eventId, type, objectRef: subject.id, ...ownerOf(subject) };
  return { kind: 'event', eventId, type, ...hint };
}

const hashOf = (data: string | Uint8Array): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;

/** All that a success callback is for: it may leave it unsaid. */
const CALLED_BACK_FOR = 'purchase.paid';

function nameIn(json: unknown): string | null | undefined {
  const named = namedWire.safeParse(json).data;
  return named?.event_type ?? named?.event;
}

/** Flat, with the event's type among the object's own fields; one text of CHIP's shows it wrapped, others wrap it as data. */
function subjectIn(json: unknown, event: string, raw: Uint8Array): Subject | undefined {
  const wrapped = wrappedWire.safeParse(json).data;
  const told = [wrapped?.object, wrapped?.data, json].map((part) => subjectWire.safeParse(part).data).find(Boolean);
  if (!told) return undefined;
  // Only a purchase has one; else the event's name begins with what it is about.
  const type = told.type ?? (told.purchase ? 'purchase' : event.replace(/\..*/, ''));
  return { ...told, type, stamp: told.updated_on ?? hashOf(raw) };
}

function hintOf(type: string, subject: Subject) {
  const meaning = MEANINGS.get(type);
  const effect = meaning && effectOf(meaning, subject);
  if (effect === undefined) return undefined;
  const { paymentRef, ...owner } = ownerOf(subject);
  if (paymentRef === null) return undefined;
  return {
    objectRef: subject.id,
    effect,
    paymentRef,
    ...owner,
  };
}

function effectOf({ subject: kind, effect }: Meaning, subject: Subject): string | undefined {
  if (subject.type === kind) return effect(subject);
  // Money that moved later may be told by the purchase that it was paid for: of the one purchase, each time anew.
  return kind === 'payment' && subject.type === 'purchase' ? each(effect(subject))(subject) : undefined;
}

function ownerOf({ id, type, reference, purchase, related_to: related }: Subject) {
  const paidFor = related && (related.type ?? 'purchase') === 'purchase' ? related.id : null;
  return {
    paymentRef: type === 'purchase' ? id : paidFor,
    // Money that moved later repeats no metadata: the reference leads to a booking by way of what was paid for.
    bookingId: textIn(purchase?.metadata?.['booking_id']) ?? (reference || related?.reference || null),
    paymentId: textIn(purchase?.metadata?.['payment_id']),
  };
}
