// The lives whose histories are kept: one for each end and for each way of taking back. `record.ts` writes them down.
import type { Booking } from '../../domain/booking.ts';
import { money } from '../../domain/money.ts';
import {
  cancelUpdate,
  compensateUpdate,
  markPaidUpdate,
  payUpdate,
  refundUpdate,
  resolveUpdate,
  retryStepUpdate,
} from '../../workflows/messages.ts';
import { HOUR_MS, MINUTE_MS } from '../workflows/intake.ts';
import type { Wish } from '../workflows/intake.ts';
import type { Scene } from '../workflows/scene.ts';
import { holdsAndRivals } from './hold-stories.ts';

export interface Life {
  readonly wish?: Wish;
  readonly story: (scene: Scene) => Promise<void>;
}

const staff = { actor: 'staff-1' };
const isIn =
  (phase: Booking['phase']) =>
  (b: Booking): boolean =>
    b.phase === phase;
const onArrival = { service: { storefront: 'travello', payWhen: 'later', gateway: 'on_arrival' } } as const;
const orderFirst = { product: { orderWhen: 'before_payment' as const } };

async function paid(scene: Scene): Promise<void> {
  await scene.open();
  await scene.pay();
}

async function bought(scene: Scene): Promise<void> {
  await paid(scene);
  await scene.until((b) => b.phase === 'confirmed' && b.vouchers.length > 0);
  await scene.quiet();
}

async function decidedUpon(scene: Scene): Promise<void> {
  scene.supplier.script.afterPay = 'pending';
  await paid(scene);
  await scene.until((b) => b.supplierOrders[0]?.status === 'pending');
}

async function takenBack(scene: Scene): Promise<void> {
  await scene.until(isIn('refunded'));
  await scene.quiet();
}

async function expired(scene: Scene): Promise<void> {
  await scene.open();
  await scene.pass(31 * MINUTE_MS);
  await scene.until(isIn('expired'));
}

const endings: Record<string, Life> = {
  confirmed: { story: bought },
  'open-refused': {
    story: async (scene) => {
      scene.gateway.moods.start.push('refuses');
      await scene.open();
      await scene.handle.result();
    },
  },
  'order-first-refused': {
    wish: orderFirst,
    story: async (scene) => {
      scene.supplier.script.available = false;
      await scene.open();
      await scene.handle.result();
    },
  },
  'order-first-expired': {
    wish: orderFirst,
    story: async (scene) => {
      await expired(scene);
      await scene.until((b) => b.supplierOrders[0]?.status === 'canceled');
    },
  },
  'expired-and-closed': {
    story: async (scene) => {
      await expired(scene);
      await scene.handle.result();
    },
  },
  'cancelled-before-payment': {
    story: async (scene) => {
      await scene.open();
      await scene.ask(cancelUpdate, { actor: 'customer-1', refundMinor: null, quoteId: null });
    },
  },
  'cancelled-on-quote': {
    story: async (scene) => {
      await bought(scene);
      await scene.ask(cancelUpdate, { actor: 'customer-1', refundMinor: 5_500, quoteId: 'cq_1' });
      await scene.until((b) => b.sums.refundedMinor === 5_500 && b.supplierOrders[0]?.status === 'canceled');
    },
  },
  'partly-refunded': {
    story: async (scene) => {
      await bought(scene);
      await scene.ask(refundUpdate, {
        refundId: scene.refundId(1),
        amountMinor: 3_000,
        actor: 'staff-1',
        approvalLimitMinor: null,
      });
    },
  },
  'refunded-by-staff': {
    story: async (scene) => {
      await bought(scene);
      await scene.ask(refundUpdate, {
        refundId: scene.refundId(1),
        amountMinor: null,
        actor: 'staff-1',
        approvalLimitMinor: null,
      });
      await scene.until((b) => b.supplierOrders[0]?.status === 'canceled');
    },
  },
};

const payments: Record<string, Life> = {
  'declined-then-paid': {
    story: async (scene) => {
      await scene.open();
      scene.gateway.decline('pi_1', 'ch_1');
      await scene.news();
      await scene.until((b) => b.payments[0]?.declines === 1);
      await scene.pay();
      await scene.until(isIn('confirmed'));
    },
  },
  'paid-at-a-second-attempt': {
    story: async (scene) => {
      await scene.open();
      await scene.ask(payUpdate, { attempt: 2 });
      await scene.pay('pi_2');
      await scene.until(isIn('confirmed'));
    },
  },
  'in-flight-past-the-window': {
    story: async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'processing');
      await scene.news();
      await scene.pass(2 * HOUR_MS);
      await scene.pay();
      await scene.until(isIn('confirmed'));
    },
  },
  'found-by-polling': {
    story: async (scene) => {
      await scene.open();
      await scene.pass(2 * MINUTE_MS);
      scene.gateway.set('pi_1', 'succeeded');
      await scene.until(isIn('confirmed'));
    },
  },
  'late-money-revives': {
    story: async (scene) => {
      await expired(scene);
      await scene.pay();
      await scene.until(isIn('confirmed'));
    },
  },
  'late-money-returned': {
    wish: { serviceInMs: HOUR_MS },
    story: async (scene) => {
      await expired(scene);
      await scene.pass(HOUR_MS);
      await scene.pay();
      await takenBack(scene);
    },
  },
};

const disputes: Record<string, Life> = {
  'disputed-and-won': {
    story: async (scene) => {
      await bought(scene);
      scene.gateway.dispute('pi_1');
      await scene.news();
      await scene.until((b) => b.attention !== null);
      scene.gateway.closeDispute('pi_1', 'won');
      await scene.news();
      await scene.until((b) => b.attention === null);
    },
  },
  'disputed-and-stopped': {
    story: async (scene) => {
      await bought(scene);
      scene.gateway.dispute('pi_1');
      await scene.news();
      await scene.until((b) => b.attention !== null);
      await scene.ask(compensateUpdate, staff);
      await scene.until((b) => b.supplierOrders[0]?.status === 'canceled');
      scene.gateway.closeDispute('pi_1', 'won');
      await takenBack(scene);
    },
  },
};

const fulfilments: Record<string, Life> = {
  'vouchers-late': {
    story: async (scene) => {
      scene.supplier.script.vouchersReady = false;
      await paid(scene);
      await scene.until(isIn('confirmed'));
      await scene.pass(2 * MINUTE_MS);
      scene.supplier.issueVouchers('KLK1');
      await scene.until((b) => b.vouchers.length > 0);
    },
  },
  'supplier-away-then-back': {
    story: async (scene) => {
      scene.supplier.script.away = true;
      await paid(scene);
      await scene.until((b) => b.attention !== null);
      scene.supplier.script.away = false;
      await scene.until(isIn('confirmed'));
    },
  },
  'balance-topped-up': {
    story: async (scene) => {
      scene.supplier.script.balanceMinor = 100;
      await paid(scene);
      await scene.until((b) => b.attention !== null);
      scene.supplier.script.balanceMinor = 50_000;
      await scene.ask(retryStepUpdate, staff);
      await scene.until(isIn('confirmed'));
    },
  },
  'order-expired-at-payment': {
    story: async (scene) => {
      scene.supplier.moods.pay.push('expired');
      await paid(scene);
      await scene.until(isIn('confirmed'));
    },
  },
};

const takingBack: Record<string, Life> = {
  'sold-out': {
    story: async (scene) => {
      scene.supplier.script.available = false;
      await paid(scene);
      await takenBack(scene);
    },
  },
  'rejected-after-payment': {
    story: async (scene) => {
      await decidedUpon(scene);
      scene.supplier.decide('KLK1', 'rejected');
      await takenBack(scene);
    },
  },
  'found-impossible': {
    story: async (scene) => {
      scene.supplier.script.away = true;
      await paid(scene);
      await scene.until((b) => b.attention !== null);
      await scene.ask(resolveUpdate, { ...staff, outcome: 'impossible' });
      scene.supplier.script.away = false;
      await takenBack(scene);
    },
  },
  'stopped-while-pending': {
    story: async (scene) => {
      await decidedUpon(scene);
      await scene.ask(compensateUpdate, staff);
      await takenBack(scene);
    },
  },
  'stopped-after-confirmation': {
    story: async (scene) => {
      await bought(scene);
      await scene.ask(compensateUpdate, staff);
      await takenBack(scene);
    },
  },
  'order-written-off': {
    story: async (scene) => {
      await bought(scene);
      scene.supplier.script.cancel = 'lost';
      await scene.ask(compensateUpdate, staff);
      await scene.until((b) => b.attention !== null);
      await scene.ask(resolveUpdate, { ...staff, outcome: 'done' });
      await takenBack(scene);
    },
  },
  'refund-refused-then-returned': {
    story: async (scene) => {
      await bought(scene);
      scene.gateway.moods.refund.push('refuses');
      await scene.ask(compensateUpdate, staff);
      await takenBack(scene);
    },
  },
  'refund-came-back': {
    story: async (scene) => {
      await bought(scene);
      await scene.ask(compensateUpdate, staff);
      await takenBack(scene);
      scene.gateway.bounce([...scene.gateway.refunds.keys()].at(-1) ?? '');
      await scene.news();
      await scene.until((b) => b.attention !== null);
      await scene.ask(retryStepUpdate, staff);
      await scene.until((b) => b.attention === null && b.sums.refundedMinor === 11_000);
    },
  },
  'refused-then-given-by-hand': {
    wish: onArrival,
    story: async (scene) => {
      await scene.open();
      await scene.ask(markPaidUpdate, staff);
      await scene.until(isIn('confirmed'));
      await scene.quiet();
      await scene.ask(refundUpdate, {
        refundId: scene.refundId(1),
        amountMinor: null,
        actor: 'staff-1',
        approvalLimitMinor: null,
      });
      await scene.until((b) => b.attention !== null);
      await scene.ask(resolveUpdate, { ...staff, outcome: 'done' });
      await takenBack(scene);
    },
  },
  'marked-over-a-page': {
    wish: { service: { ...onArrival.service, gateway: 'stripe_checkout' } },
    story: async (scene) => {
      await scene.open();
      await scene.ask(payUpdate, { attempt: 1 });
      await scene.ask(markPaidUpdate, staff);
      await scene.until(isIn('confirmed'));
      await scene.quiet();
    },
  },
  'paid-in-another-currency': {
    wish: { service: { ...onArrival.service, gateway: 'stripe_checkout' } },
    story: async (scene) => {
      await scene.open();
      scene.gateway.moods.start.push('refuses');
      await scene.ask(payUpdate, { attempt: 1 });
      await scene.ask(payUpdate, { attempt: 2, terms: { charge: money(9_900, 'EUR') } });
      await scene.pay();
      await scene.until(isIn('confirmed'));
      await scene.quiet();
    },
  },
  'refund-pending': {
    story: async (scene) => {
      await bought(scene);
      scene.gateway.moods.refund.push('pending');
      await scene.ask(compensateUpdate, staff);
      await scene.pass(HOUR_MS);
      scene.gateway.finishRefund([...scene.gateway.refunds.keys()][0] ?? '');
      await takenBack(scene);
    },
  },
  'operator-cancels-unpaid': {
    story: async (scene) => {
      await scene.open();
      await scene.handle.cancel();
      await scene.handle.result();
    },
  },
  'operator-cancels-confirmed': {
    story: async (scene) => {
      await bought(scene);
      await scene.handle.cancel();
      await scene.handle.result();
    },
  },
};

export const LIVES: Readonly<Record<string, Life>> = {
  ...endings,
  ...payments,
  ...holdsAndRivals,
  ...disputes,
  ...fulfilments,
  ...takingBack,
};

/** Money after the booking's workflow was over: a workflow of its own. */
export const LATE = 'late-payment';
