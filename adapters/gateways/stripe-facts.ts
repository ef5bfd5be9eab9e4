// What Stripe says of a payment intent, and what that means to us. Both gateways at Stripe end in an intent.
import { z } from 'zod';
import { money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import type { Decline, PaymentFact, PaymentMethod, PaymentStatus } from '../../domain/payment.ts';
import { expandableId, metadataWire, moneyOf } from './stripe.ts';

const balanceTransactionWire = z.object({ fee: z.int(), currency: z.string(), created: z.int().nullish() });

const chargeWire = z.object({
  id: z.string(),
  created: z.int().nullish(),
  amount_refunded: z.int().nullish(),
  disputed: z.boolean().nullish(),
  // What it cost and what it was paid with may be missing; money must not become unreadable for that.
  balance_transaction: z.union([balanceTransactionWire, z.string()]).nullish().catch(null),
  payment_method_details: z.looseObject({ type: z.string().nullish() }).nullish().catch(null),
});

const cardWire = z.object({
  brand: z.string().nullish(),
  last4: z.string().nullish(),
  capture_before: z.int().nullish(),
});

const paymentErrorWire = z.object({
  type: z.string().nullish(),
  code: z.string().nullish(),
  decline_code: z.string().nullish(),
  message: z.string().nullish(),
  charge: expandableId.nullish(),
  payment_method: z.union([z.object({ id: z.string(), created: z.int().nullish() }), z.string()]).nullish(),
});

const nowSecond = (): number => Math.floor(Date.now() / 1000);

const toldIntentWire = z.object({
  id: z.string(),
  object: z.literal('payment_intent').nullish(),
  status: z.string(),
  amount: z.int(),
  amount_received: z.int().nullish(),
  currency: z.string(),
  // Only where nothing else tells when money moved: then it is as old as our knowledge of it.
  created: z
    .int()
    .nullish()
    .transform((second) => second ?? nowSecond()),
  client_secret: z.string().nullish(),
  metadata: metadataWire,
  latest_charge: z.union([chargeWire, z.string()]).nullish(),
  last_payment_error: paymentErrorWire.nullish().catch(null),
});
/** Success means all of it: Stripe takes less than the amount only when it is told to, which we never do. */
export const intentWire = toldIntentWire.transform(({ amount_received: received, ...intent }) => ({
  ...intent,
  amount_received: received ?? (intent.status === 'succeeded' ? intent.amount : 0),
}));
export type IntentWire = z.output<typeof intentWire>;
type ChargeWire = z.output<typeof chargeWire>;

const STATUSES = new Map<string, PaymentStatus>([
  ['requires_payment_method', 'requires_payment_method'],
  ['requires_confirmation', 'requires_payment_method'],
  ['requires_action', 'requires_action'],
  ['processing', 'processing'],
  ['requires_capture', 'authorised'],
  ['succeeded', 'succeeded'],
  ['canceled', 'cancelled'],
]);
// Stripe adds states; in one we do not know the money may be on its way, so we wait.
export const statusOf = (wireStatus: string): PaymentStatus => STATUSES.get(wireStatus) ?? 'processing';

/** As far as it was told; a charge that is only named tells nothing. */
export const chargeOf = ({ latest_charge: charge }: IntentWire): ChargeWire | undefined =>
  typeof charge === 'object' ? (charge ?? undefined) : undefined;

export function factOf(intent: IntentWire): PaymentFact {
  const status = statusOf(intent.status);
  const charge = chargeOf(intent);
  const paid = status === 'succeeded';
  return {
    ref: intent.id,
    status,
    wireStatus: intent.status,
    amount: moneyOf(intent.amount, intent.currency),
    captured: paid ? moneyOf(intent.amount_received, intent.currency) : null,
    capturedAt: paid ? isoOf(capturedSecond(charge) ?? intent.created) : null,
    heldUntil: status === 'authorised' ? heldUntilOf(charge, intent) : null,
    fee: paid ? feeOf(charge, intent.currency) : null,
    // A released hold reads as a refund of its charge, though nothing was ever taken.
    refunded: moneyOf(paid ? (charge?.amount_refunded ?? 0) : 0, intent.currency),
    disputes: [],
    decline: paid || status === 'authorised' ? null : declineOf(intent),
    method: methodOf(charge),
    bookingId: intent.metadata?.['booking_id'] ?? null,
    paymentId: intent.metadata?.['payment_id'] ?? null,
  };
}

export const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** A hold's charge is as old as the hold; its balance transaction is as old as the capture. */
function capturedSecond(charge: ChargeWire | undefined): number | undefined {
  const moved = charge?.balance_transaction;
  return (typeof moved === 'object' ? moved?.created : undefined) ?? charge?.created ?? undefined;
}

const HOLD_LIVES_S = 7 * 24 * 3600;

/** Card networks differ, so Stripe says it with the charge; for what it says nothing of, its usual week. */
function heldUntilOf(charge: ChargeWire | undefined, { created }: IntentWire): string {
  return isoOf(cardOf(charge)?.capture_before ?? (charge?.created ?? created) + HOLD_LIVES_S);
}

/** Stripe takes its fee in the settlement currency; in any other than the customer's it says nothing about his. */
function feeOf(charge: ChargeWire | undefined, currency: string): Money | null {
  const moved = charge?.balance_transaction;
  if (typeof moved !== 'object' || !moved || moved.currency !== currency) return null;
  return money(moved.fee, currency.toUpperCase());
}

function declineOf({ id, last_payment_error: error }: IntentWire): Decline | null {
  if (!error) return null;
  const code = error.code ?? error.type ?? 'payment_failed';
  const named = error.payment_method;
  const method = typeof named === 'string' ? { id: named } : named;
  const attempt = method ? `${method.id}/${method.created ?? 0}` : id;
  return {
    id: error.charge ?? `${attempt}/${code}`,
    code,
    declineCode: error.decline_code ?? null,
    message: error.message ?? code,
  };
}

function methodOf(charge: ChargeWire | undefined): PaymentMethod | null {
  const type = methodTypeOf(charge);
  if (!type) return null;
  const card = cardOf(charge);
  return { type, brand: card?.brand ?? null, last4: card?.last4 ?? null };
}

function methodTypeOf(charge: ChargeWire | undefined): string | undefined {
  const details = charge?.payment_method_details;
  return details?.type ?? (details?.['card'] ? 'card' : undefined);
}

function cardOf(charge: ChargeWire | undefined): z.output<typeof cardWire> | undefined {
  const type = methodTypeOf(charge);
  return type === undefined ? undefined : cardWire.safeParse(charge?.payment_method_details?.[type]).data;
}
