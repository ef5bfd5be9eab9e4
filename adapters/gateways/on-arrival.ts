// Money that staff take at the desk. Nobody outside can be asked, so a reference says all there is to know: what is due.
import { DESK } from '../../domain/booking.ts';
import { money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import { GatewayRejected } from '../../domain/payment.ts';
import type { Gateway, PaymentFact, PaymentOrder } from '../../domain/payment.ts';

export function createOnArrivalGateway(): Gateway {
  return {
    name: 'on_arrival',
    hasNoRecords: true,
    minimumMinor: () => 0,
    start: async (order) => ({ kind: 'due_on_arrival', ref: refOf(order) }),
    look: async (ref) => dueFactOf(ref),
    close: async (ref) => {
      readRef(ref);
      return { kind: 'closed' };
    },
    capture: async (ref) => {
      readRef(ref);
      return { kind: 'refused', code: 'nothing_held', message: 'money at the desk is taken, never held' };
    },
    // Paid at the desk, paid back at the desk: it waits there until staff say that they have.
    refund: async ({ refundId }) => ({ kind: 'pending', ref: `${DESK}${refundId}` }),
    lookRefund: async () => ({ kind: 'absent' }),
    readWebhook: async () => ({ kind: 'forged', reason: 'nobody sends webhooks for money paid on arrival' }),
  };
}

const REF = /^(?<paymentId>.+):(?<minor>\d+)(?<currency>[A-Z]{3})$/;

const refOf = ({ paymentId, amount }: PaymentOrder): string => `${paymentId}:${amount.minor}${amount.currency}`;

function readRef(ref: string): { paymentId: string; due: Money } {
  const { paymentId, minor, currency } = REF.exec(ref)?.groups ?? {};
  if (paymentId && minor && currency) return { paymentId, due: money(Number(minor), currency) };
  throw new GatewayRejected('unknown_payment', `${ref} is not a payment on arrival`);
}

/** Open for as long as staff have not said that they have the money; then our own books say so, and nobody asks here. */
function dueFactOf(ref: string): PaymentFact {
  const { paymentId, due } = readRef(ref);
  return {
    ref,
    status: 'requires_payment_method',
    wireStatus: 'due_on_arrival',
    amount: due,
    captured: null,
    capturedAt: null,
    heldUntil: null,
    fee: null,
    refunded: money(0, due.currency),
    disputes: [],
    decline: null,
    method: null,
    bookingId: null,
    paymentId,
  };
}
