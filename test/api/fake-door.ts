// A door behind which no workflow stands: it records what one would, so that the desk can be tested alone.
import { eq } from 'drizzle-orm';
import { createRecorder } from '../../activities/record.ts';
import type { BookingDoor, NewWorkflow, Reply } from '../../api/desk/door.ts';
import { loadBooking } from '../../db/bookings.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { gatewayOf } from '../../domain/routing.ts';
import { paysLater } from '../../domain/product.ts';
import { payments } from '../../db/schema.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { isLive } from '../../domain/booking.ts';
import type { GatewayName, PaymentTerms } from '../../domain/payment.ts';
import type { OpenResult } from '../../workflows/messages.ts';
import type { DatabaseUnderTest } from './database-under-test.ts';

/** Of the gateways with a page of their own. */
const PREFIX: Readonly<Partial<Record<GatewayName, string>>> = { stripe_checkout: 'cs', chip: 'purchase' };

export interface FakeDoor extends BookingDoor {
  /** Every request, in order: `open bk_…`, `refund bk_…`. */
  readonly heard: string[];
  /** What cancellations and words about a stuck step said, in order. */
  readonly said: unknown[];
  /** What the next request of that name is answered with instead of having its effect. */
  readonly instead: Map<string, Reply<unknown>>;
  /** Under which ids refunds were asked for. */
  readonly refundIds: string[];
  record(bookingId: string, ...events: readonly BookingEvent[]): Promise<void>;
}

export function createFakeDoor({ db, keyring }: DatabaseUnderTest): FakeDoor {
  const heard: string[] = [];
  const said: unknown[] = [];
  const instead = new Map<string, Reply<unknown>>();
  const refundIds: string[] = [];
  const recorder = createRecorder(db, () => new Date());
  const opening = new Map<string, Promise<OpenResult>>();

  const mustLoad = async (bookingId: string): Promise<StoredBooking> => {
    const stored = await loadBooking(db, bookingId);
    if (!stored) throw new Error(`no booking ${bookingId}`);
    return stored;
  };

  const openPayment = async (bookingId: string, attempt: number, terms: PaymentTerms): Promise<OpenResult> => {
    const stored = await mustLoad(bookingId);
    const paymentId = paymentIdOf(bookingId, attempt);
    const gateway = gatewayOf(stored.product);
    const ref = `${PREFIX[gateway] ?? 'pi'}_${bookingId.slice(3)}_${attempt}`;
    const redirectUrl = gateway in PREFIX ? `https://checkout.example/${ref}` : null;
    const secret = await keyring.seal(bookingId, Buffer.from(`${ref}_secret_x`), 'client_secret');
    const { charge: amount, expiresAt } = { ...stored.booking, ...terms };
    const closed = stored.booking.payments
      .filter(isLive)
      .map(
        ({ id }) => ({ type: 'payment.closed', paymentId: id, reason: 'replaced', wireStatus: 'canceled' }) as const,
      );
    const status = 'requires_payment_method' as const;
    const event = {
      type: 'payment.opened',
      paymentId,
      attempt,
      gateway,
      ref,
      amount,
      status,
      wireStatus: status,
      expiresAt,
    } as const;
    await recorder(
      bookingId,
      () => [...closed, event],
      async (tx) => {
        await tx.update(payments).set({ sealedSecret: secret, redirectUrl }).where(eq(payments.id, paymentId));
      },
    );
    return { kind: 'opened', paymentId };
  };

  /** An update id is answered once: everybody who asks with it waits for the same result. */
  const openOnce = async (bookingId: string, attempt: number, terms: PaymentTerms = {}): Promise<Reply<OpenResult>> => {
    const key = `${bookingId}/${attempt}`;
    const result = opening.get(key) ?? openPayment(bookingId, attempt, terms);
    opening.set(key, result);
    return { kind: 'answered', value: await result };
  };

  const hear = async <T>(name: string, bookingId: string, effect: () => Promise<Reply<T>>): Promise<Reply<T>> => {
    heard.push(`${name} ${bookingId}`);
    const scripted = instead.get(name);
    instead.delete(name);
    // Whoever scripts an answer knows what this request is answered with.
    return scripted ? (scripted as Reply<T>) : effect();
  };
  const accepted = async () => ({ kind: 'answered', value: { kind: 'accepted' } }) as const;

  return {
    heard,
    said,
    instead,
    refundIds,
    record: async (bookingId, ...events) => void (await recorder(bookingId, () => events)),
    open: ({ bookingId }: NewWorkflow) =>
      hear('open', bookingId, async () =>
        paysLater((await mustLoad(bookingId)).product)
          ? { kind: 'answered', value: { kind: 'pays_later' } }
          : openOnce(bookingId, 1),
      ),
    pay: (bookingId, { attempt, terms }) => hear('pay', bookingId, () => openOnce(bookingId, attempt, terms)),
    checkPayment: (bookingId) =>
      hear('checkPayment', bookingId, async () => ({ kind: 'answered', value: { status: 'as it stands' } })),
    markPaid: (bookingId, request) => {
      said.push(request);
      return hear('markPaid', bookingId, async () => ({ kind: 'answered', value: { kind: 'paid' } }));
    },
    cancel: (bookingId, request) => {
      said.push(request);
      return hear('cancel', bookingId, async () => ({ kind: 'answered', value: { kind: 'cancelled' } }));
    },
    failing: (bookingId) =>
      hear('failing', bookingId, async (): Promise<Reply<readonly string[]>> => ({ kind: 'answered', value: [] })).then(
        (reply) => (reply.kind === 'answered' ? reply.value : []),
      ),
    refund: (bookingId, { refundId, amountMinor, approvalLimitMinor }) => {
      refundIds.push(refundId);
      return hear('refund', bookingId, async () => {
        const above = approvalLimitMinor !== null && (amountMinor ?? 0) > approvalLimitMinor;
        const status = above ? ('awaiting_approval' as const) : ('succeeded' as const);
        return { kind: 'answered', value: { kind: 'accepted', refundId, status } };
      });
    },
    approveRefund: (bookingId, { refundId }) =>
      hear('approveRefund', bookingId, async () => ({
        kind: 'answered',
        value: { kind: 'accepted', refundId, status: 'succeeded' },
      })),
    withdrawRefund: (bookingId, { refundId, actor }) =>
      hear('withdrawRefund', bookingId, async () => {
        const failed = {
          type: 'refund.failed',
          refundId,
          code: 'withdrawn',
          message: `withdrawn by ${actor}`,
        } as const;
        await recorder(bookingId, () => [failed]);
        return { kind: 'answered', value: { kind: 'withdrawn' } };
      }),
    retryStep: (bookingId, request) => {
      said.push(request);
      return hear('retryStep', bookingId, accepted);
    },
    resolve: (bookingId, request) => {
      said.push(request);
      return hear('resolve', bookingId, accepted);
    },
    compensate: (bookingId) => hear('compensate', bookingId, accepted),
    resend: (bookingId) => hear('resend', bookingId, accepted),
  };
}
