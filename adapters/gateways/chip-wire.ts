// CHIP's objects, as far as we read them. What a payment can be told without may be missing, or odd: it hides no money.
import { z } from 'zod';

const seconds = z.number().nullish().catch(null);

/** Those of a list that can be read: one that cannot must not hide the others. */
const readable = <S extends z.ZodType>(entry: S) =>
  z
    .array(z.unknown())
    .nullish()
    .catch(null)
    .transform((all) =>
      (all ?? []).flatMap((each): z.output<S>[] => {
        const { success, data } = entry.safeParse(each);
        return success ? [data] : [];
      }),
    );

/** One that does not say how it ended ended well, unless it names a fault: what went back must not be given again. */
const attemptWire = z
  .object({
    type: z.string(),
    successful: z.boolean().nullish().catch(null),
    payment_method: z.string().nullish().catch(null),
    processing_time: seconds,
    error: z
      .object({ code: z.string().nullish().catch(null), message: z.string().nullish().catch(null) })
      .nullish()
      .catch(null),
  })
  .transform(({ successful, ...told }) => ({ ...told, successful: successful ?? !told.error?.code }));
export type AttemptWire = z.output<typeof attemptWire>;

const changeWire = z.object({
  status: z.string(),
  timestamp: seconds,
  related_object: z.object({ type: z.string().nullish(), id: z.string().nullish() }).nullish().catch(null),
});

const moneyWire = z.object({
  amount: z.int(),
  /** Else the purchase's. */
  currency: z.string().nullish(),
  fee_amount: z.int().nullish().catch(null),
  paid_on: seconds,
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
  /** Once there is money. Absent, the purchase tells how much; there and unreadable, nothing does. */
  payment: moneyWire.nullish(),
  refundable_amount: z.int().nullish().catch(null),
  refund_availability: z.string().nullish().catch(null),
  /** Oldest first; with one that has no time, in the order that CHIP gives them. */
  status_history: readable(changeWire).transform((history) =>
    history.every(({ timestamp }) => typeof timestamp === 'number')
      ? history.toSorted((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0))
      : history,
  ),
  transaction_data: z
    .object({
      payment_method: z.string().nullish().catch(null),
      extra: z
        .object({ card_brand: z.string().nullish().catch(null), masked_pan: z.string().nullish().catch(null) })
        .nullish()
        .catch(null),
      /** Newest first. */
      attempts: readable(attemptWire),
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
