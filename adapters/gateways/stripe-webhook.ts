// Authenticates Stripe's webhooks and reads which payment each speaks of; what is true, `look` tells.
import { createHash } from 'node:crypto';
import Stripe from 'stripe';
import { z } from 'zod';
import type { WebhookReading } from '../../domain/payment.ts';
import { expandableId, metadataWire } from './stripe.ts';

const TOLERANCE_S = 300;

const subjectWire = z.object({
  id: z.string(),
  object: z.string().nullish(),
  status: z.string().nullish(),
  payment_status: z.string().nullish(),
  payment_intent: expandableId.nullish(),
  // Told in full it names the intent that a dispute or a refund of it may leave out.
  charge: z.object({ payment_intent: expandableId.nullish() }).nullish().catch(null),
  payment_method: expandableId.nullish(),
  latest_charge: expandableId.nullish(),
  last_payment_error: z.object({ charge: expandableId.nullish(), payment_method: expandableId.nullish() }).nullish(),
  balance_transaction: expandableId.nullish(),
  amount_refunded: z.int().nullish(),
  evidence_details: z.object({ due_by: z.int().nullish(), submission_count: z.int().nullish() }).nullish(),
  balance_transactions: z.array(z.unknown()).nullish(),
  metadata: metadataWire,
});
type Told = z.output<typeof subjectWire>;
type Subject = Told & { readonly object: string };

const envelopeWire = z.object({
  id: z.string().min(1),
  type: z.string(),
  data: z.object({ object: z.unknown() }).nullish().catch(null),
});

interface Meaning {
  readonly subject: 'payment_intent' | 'checkout.session' | 'charge' | 'refund' | 'dispute';
  /** What the event would change: told apart as finely as repeated changes of one object need. */
  readonly effect: (subject: Subject) => string | undefined;
}

/**
 * One intent may be declined, or ask for 3-D Secure, once per card: the attempt is part of the effect.
 * After a failed 3-D Secure the latest charge is still that of the attempt before, so it comes last.
 */
function attemptOf({ last_payment_error: error, payment_method, latest_charge }: Subject): string {
  return error?.charge ?? error?.payment_method ?? payment_method ?? latest_charge ?? 'unknown';
}

/** A dispute may be answered, taken up again and closed more than once: what went to and fro tells the rounds apart. */
function roundOf({ evidence_details: evidence, balance_transactions: moves }: Subject): string {
  return evidence ? `/${moves?.length ?? 0}.${evidence.submission_count ?? 0}.${evidence.due_by ?? 0}` : '';
}

const MEANINGS = new Map<string, Meaning>(
  Object.entries({
    'payment_intent.succeeded': { subject: 'payment_intent', effect: () => 'succeeded' },
    'payment_intent.payment_failed': { subject: 'payment_intent', effect: (it) => `declined/${attemptOf(it)}` },
    'payment_intent.canceled': { subject: 'payment_intent', effect: () => 'cancelled' },
    'payment_intent.processing': { subject: 'payment_intent', effect: (it) => `processing/${attemptOf(it)}` },
    'payment_intent.requires_action': { subject: 'payment_intent', effect: (it) => `requires_action/${attemptOf(it)}` },
    'payment_intent.amount_capturable_updated': { subject: 'payment_intent', effect: () => 'authorised' },
    // Complete is not yet paid: some ways of paying take days.
    'checkout.session.completed': {
      subject: 'checkout.session',
      effect: (it) => `completed/${it.payment_status ?? 'unknown'}`,
    },
    'checkout.session.async_payment_succeeded': { subject: 'checkout.session', effect: () => 'async/succeeded' },
    'checkout.session.async_payment_failed': { subject: 'checkout.session', effect: () => 'async/failed' },
    'checkout.session.expired': { subject: 'checkout.session', effect: () => 'expired' },
    'charge.captured': { subject: 'charge', effect: () => 'captured' },
    'charge.expired': { subject: 'charge', effect: () => 'released' },
    'charge.refunded': { subject: 'charge', effect: (it) => `refunded/${it.amount_refunded ?? 'unknown'}` },
    // Sent for any change of a charge; ours is the fee, which is known once there is a balance transaction.
    'charge.updated': { subject: 'charge', effect: (it) => (it.balance_transaction ? 'fee' : undefined) },
    // Told by their own names: after one that bounced the next may reach the very sum again. Ours is known from its answer.
    'refund.created': {
      subject: 'refund',
      effect: (it) => (it.metadata?.['refund_id'] ? undefined : 'refund/created'),
    },
    'refund.updated': { subject: 'refund', effect: (it) => `refund/${it.status ?? 'unknown'}` },
    'refund.failed': { subject: 'refund', effect: () => 'refund/failed' },
    'charge.dispute.created': { subject: 'dispute', effect: () => 'dispute/created' },
    // Evidence goes out, an inquiry becomes a dispute, a deadline moves: several of these may follow each other.
    'charge.dispute.updated': { subject: 'dispute', effect: (it) => `dispute/updated/${it.status}${roundOf(it)}` },
    'charge.dispute.funds_withdrawn': { subject: 'dispute', effect: () => 'dispute/withdrawn' },
    'charge.dispute.funds_reinstated': { subject: 'dispute', effect: () => 'dispute/reinstated' },
    'charge.dispute.closed': { subject: 'dispute', effect: (it) => `dispute/${it.status ?? 'closed'}${roundOf(it)}` },
  } satisfies Record<string, Meaning>),
);

export interface SignedBody {
  readonly raw: Uint8Array;
  readonly signature: string | undefined;
  /** Several while one is being replaced by the next. */
  readonly secrets: readonly string[];
}

export async function readStripeWebhook(body: SignedBody): Promise<WebhookReading> {
  const text = textOf(body.raw);
  if (text === undefined) return { kind: 'forged', reason: 'the body is not UTF-8' };
  const reason = await forgeryIn(text, body);
  if (reason !== undefined) return { kind: 'forged', reason };
  const json = jsonOf(text);
  if (json === undefined) return { kind: 'forged', reason: 'the body is not JSON' };
  return readingOf(json, body.raw);
}

/** Strict, for a decoder that mends bytes would make one signature fit several bodies. */
function textOf(raw: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return undefined;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function forgeryIn(text: string, { signature, secrets }: SignedBody): Promise<string | undefined> {
  if (!signature) return 'no signature header';
  const reasons = [];
  for (const secret of secrets) {
    const reason = await mismatchOf(text, signature, secret);
    if (reason === undefined) return undefined;
    reasons.push(reason);
  }
  return reasons.find((reason) => reason !== MISMATCH) ?? MISMATCH;
}

const MISMATCH = 'no signature matches the body';

async function mismatchOf(text: string, header: string, secret: string): Promise<string | undefined> {
  try {
    const genuine = await Stripe.webhooks.signature?.verifyHeaderAsync(text, header, secret, TOLERANCE_S);
    return genuine ? undefined : MISMATCH;
  } catch (error) {
    const said = error instanceof Error ? error.message : '';
    if (/tolerance/.test(said)) return 'the signature is stale';
    return /timestamp|scheme/.test(said) ? 'the signature header is malformed' : MISMATCH;
  }
}

function readingOf(json: unknown, raw: Uint8Array): WebhookReading {
  const envelope = envelopeWire.safeParse(json).data;
  if (!envelope) {
    const eventId = `sha256:${createHash('sha256').update(raw).digest('hex')}`;
    return { kind: 'ignored', eventId, type: 'unknown', objectRef: null, ...ownerOf(undefined) };
  }
  const { id: eventId, type } = envelope;
  const told = subjectWire.safeParse(envelope.data?.object).data;
  const subject = told && { ...told, object: told.object ?? MEANINGS.get(type)?.subject ?? 'unknown' };
  const hint = subject ? hintOf(type, subject) : undefined;
  if (!hint) return { kind: 'ignored', eventId, type, objectRef: subject?.id ?? null, ...ownerOf(subject) };
  return { kind: 'event', eventId, type, ...hint };
}

interface Hint {
  readonly objectRef: string;
  readonly effect: string;
  readonly paymentRef: string;
  readonly bookingId: string | null;
  readonly paymentId: string | null;
}

/** Objects that are a payment name themselves, all others the intent that they belong to. */
const IS_PAYMENT = new Set(['payment_intent', 'checkout.session']);

const ownerOf = (subject: Subject | undefined) => ({
  paymentRef: (subject && paymentOf(subject)) ?? null,
  bookingId: subject?.metadata?.booking_id ?? null,
  paymentId: subject?.metadata?.payment_id ?? null,
});

const paymentOf = (subject: Subject): string | null | undefined =>
  IS_PAYMENT.has(subject.object) ? subject.id : (subject.payment_intent ?? subject.charge?.payment_intent);

function hintOf(type: string, subject: Subject): Hint | undefined {
  const meaning = MEANINGS.get(type);
  if (meaning?.subject !== subject.object) return undefined;
  const effect = meaning.effect(subject);
  const { paymentRef, ...owner } = ownerOf(subject);
  if (effect === undefined || !paymentRef) return undefined;
  return { objectRef: subject.id, effect, paymentRef, ...owner };
}
