// CHIP's objects, as far as we read them. What a payment can be told without may be missing, or odd: it hides no money.
import { z } from 'zod';

const seconds = z.number().nullish().catch(null);

const attemptWire = z.object({
  type: z.string(),
  successful: z.boolean(),
  payment_method: z.string().nullish(),
  processing_time: z.number().nullish(),
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
});
export type AttemptWire = z.output<typeof attemptWire>;

const moneyWire = z.object({
  amount: z.int(),
  currency: z.string(),
  fee_amount: z.int().nullish(),
  paid_on: z.number().nullish(),
});

export const purchaseWire = z.object({
  id: z.string().min(1),
  type: z.literal('purchase').nullish(),
  status: z.string(),
  created_on: seconds,
  updated_on: seconds,
  checkout_url: z.string().nullish(),
  purchase: z.object({
    total: z.int(),
    currency: z.string(),
    metadata: z.record(z.string(), z.unknown()).nullish().catch(null),
  }),
  /** Once there is money. */
  payment: moneyWire.nullish(),
  refundable_amount: z.int().nullish().catch(null),
  refund_availability: z.string().nullish().catch(null),
  /** Oldest first. */
  status_history: z
    .array(
      z.object({
        status: z.string(),
        timestamp: z.number(),
        related_object: z.object({ type: z.string().nullish(), id: z.string().nullish() }).nullish().catch(null),
      }),
    )
    .nullish()
    .catch(null)
    .transform((history) => (history ?? []).toSorted((a, b) => a.timestamp - b.timestamp)),
  transaction_data: z
    .object({
      payment_method: z.string().nullish().catch(null),
      extra: z
        .object({ card_brand: z.string().nullish().catch(null), masked_pan: z.string().nullish().catch(null) })
        .nullish()
        .catch(null),
      /** Newest first. */
      attempts: z
        .array(attemptWire)
        .nullish()
        .catch(null)
        .transform((attempts) => attempts ?? []),
    })
    .nullish()
    .catch(null)
    .transform((data) => data ?? { payment_method: null, extra: null, attempts: [] }),
});
export type PurchaseWire = z.output<typeof purchaseWire>;

/** Money that moved besides the purchase itself. */
export const paymentWire = z.object({
  id: z.string().min(1),
  type: z.literal('payment'),
  status: z.string(),
  payment: z.object({ amount: z.int(), currency: z.string() }),
});

export const textIn = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** What we gave along when it was made. */
export const ours = ({ purchase: { metadata } }: PurchaseWire) => ({
  bookingId: textIn(metadata?.['booking_id']),
  paymentId: textIn(metadata?.['payment_id']),
});
