// The roads a booking can take, each walked to its end, and how it looks there.
import { latePaymentIdOf } from '../../domain/ids.ts';
import {
  approveRefundUpdate,
  cancelUpdate,
  checkPaymentUpdate,
  compensateUpdate,
  markPaidUpdate,
  payUpdate,
  refundUpdate,
  resendUpdate,
  resolveUpdate,
  withdrawRefundUpdate,
} from '../../workflows/messages.ts';
import { closed, lateNews } from './disputed.ts';
import { DAY_MS, MINUTE_MS } from './intake.ts';
import type { Wish } from './intake.ts';
import type { Scene, Story } from './scene.ts';

export interface Road {
  readonly wish: Wish;
  readonly walk: Story;
}

const staff = { actor: 'staff-1' } as const;
const ARRIVAL: Wish = {
  service: { storefront: 'travello', payWhen: 'later', gateway: 'on_arrival' },
  windowMs: 40 * DAY_MS,
  serviceInMs: 39 * DAY_MS,
};
const GOODS: Wish = { service: { storefront: 'cart', payWhen: 'at_once', gateway: 'chip' } };

/** Whoever answers may die meanwhile, and is tried again after a while. */
async function patiently<T>(scene: Scene, asking: Promise<T>): Promise<T> {
  // Whether it fails is the business of whoever waits for it below.
  asking.catch(() => null);
  await scene.pass(MINUTE_MS);
  return asking;
}

const opened = (scene: Scene) => patiently(scene, scene.open());

async function paid(scene: Scene): Promise<void> {
  await opened(scene);
  await scene.pay();
}

async function bought(scene: Scene): Promise<void> {
  await paid(scene);
  await scene.until((b) => b.phase === 'confirmed' && (b.vouchers.length > 0 || b.supplierOrders.length === 0));
  await atRest(scene);
}

/** Long enough for all that is left to do, however often it dies. */
const atRest = (scene: Scene) => scene.pass(5 * MINUTE_MS);

const asksFor = (scene: Scene, n: number, amountMinor: number | null, approvalLimitMinor: number | null = null) =>
  scene.ask(refundUpdate, { refundId: scene.refundId(n), amountMinor, approvalLimitMinor, ...staff });

async function refund(scene: Scene, ...wish: [n: number, amountMinor: number | null, approvalLimitMinor?: number]) {
  const { kind } = await patiently(scene, asksFor(scene, ...wish));
  if (kind !== 'accepted') throw new Error(`refund ${wish[0]}: ${kind}`);
  await atRest(scene);
}

async function disputed(scene: Scene): Promise<void> {
  await bought(scene);
  scene.gateway.dispute('pi_1');
  await scene.news();
  await scene.until((b) => b.disputes.length > 0 && b.attention !== null);
}

async function atTheDesk(scene: Scene, outcome: 'done' | 'impossible'): Promise<void> {
  await opened(scene);
  await patiently(scene, scene.ask(markPaidUpdate, staff));
  await scene.until((b) => b.phase === 'confirmed');
  await atRest(scene);
  await refund(scene, 1, 4_000);
  await scene.until((b) => b.attention !== null);
  await patiently(scene, scene.ask(resolveUpdate, { ...staff, outcome }));
}

async function expired(scene: Scene): Promise<void> {
  await opened(scene);
  await scene.pass(31 * MINUTE_MS);
  await scene.until((b) => b.phase === 'expired');
}

/** Whose answer was lost asks again, and it still is. */
const SOLD_OUT = ['sold_out', 'sold_out'] as const;

const by = (setUp: (scene: Scene) => void, walk: Story, wish: Wish = {}): Road => ({
  wish,
  walk: async (scene) => {
    setUp(scene);
    await walk(scene);
  },
});
const on = (walk: Story, wish: Wish = {}): Road => ({ wish, walk });

export const ROADS: Readonly<Record<string, Road>> = {
  'bought, and its papers sent again': on(async (scene) => {
    await bought(scene);
    await patiently(scene, scene.ask(resendUpdate, { ...staff, requestId: 'rs_1' }));
  }),
  'declined, then paid': on(async (scene) => {
    await opened(scene);
    scene.gateway.decline('pi_1', 'ch_1');
    await scene.news();
    await scene.until((b) => b.payments[0]?.declines === 1);
    await scene.pay();
    await scene.until((b) => b.phase === 'confirmed');
  }),
  'left, then paid': on(async (scene) => {
    await opened(scene);
    const cameBack = { paymentRef: scene.gateway.refOf('pi_1'), cameBack: 'cancelled' } as const;
    await patiently(scene, scene.ask(checkPaymentUpdate, cameBack));
    await scene.pay();
    await scene.until((b) => b.phase === 'confirmed');
  }, GOODS),
  'sold out': by(({ supplier }) => supplier.moods.place.push(...SOLD_OUT), paid),
  'sold out when it was to be paid': by(({ supplier }) => supplier.moods.pay.push(...SOLD_OUT), paid),
  'rejected by the supplier': by(({ supplier }) => void (supplier.script.afterPay = 'rejected'), paid),
  'decided later, with vouchers later still': by(
    ({ supplier: { script } }) => Object.assign(script, { afterPay: 'pending', vouchersReady: false }),
    async (scene) => {
      await paid(scene);
      await scene.until((b) => b.supplierOrders[0]?.status === 'pending');
      await scene.pass(5 * MINUTE_MS);
      scene.supplier.decide('KLK1', 'confirmed');
      await scene.until((b) => b.phase === 'confirmed');
      scene.supplier.issueVouchers('KLK1');
    },
  ),
  'held, then taken': on(
    async (scene) => {
      await opened(scene);
      scene.gateway.set('pi_1', 'authorised');
      await scene.news();
      await scene.until((b) => b.phase === 'confirmed');
    },
    { product: { captureWhen: 'after_supplier' } },
  ),
  'refunded in parts': on(async (scene) => {
    await bought(scene);
    await refund(scene, 1, 3_000);
    await refund(scene, 2, null);
  }),
  'refunded by a slow gateway, with one approved and one withdrawn': on(async (scene) => {
    await bought(scene);
    scene.gateway.moods.refund.push('pending');
    const [approved, withdrawn] = [2, 3].map((n) => scene.refundId(n));
    const slow = asksFor(scene, 1, 1_000);
    await scene.until((b) => b.refunds.some(({ ref }) => ref !== null));
    for (const key of scene.gateway.refunds.keys()) scene.gateway.finishRefund(key);
    await patiently(scene, slow);
    await atRest(scene);
    await refund(scene, 2, 5_000, 4_000);
    await patiently(scene, scene.ask(approveRefundUpdate, { refundId: approved ?? '', actor: 'staff-2' }));
    await refund(scene, 3, 4_500, 4_000);
    await patiently(scene, scene.ask(withdrawRefundUpdate, { refundId: withdrawn ?? '', ...staff }));
  }),
  'cancelled on agreed terms': on(async (scene) => {
    await bought(scene);
    await patiently(scene, scene.ask(cancelUpdate, { actor: 'customer-1', refundMinor: 5_500, quoteId: 'cq_1' }));
  }),
  'cancelled unpaid': on(async (scene) => {
    await opened(scene);
    await patiently(scene, scene.ask(cancelUpdate, { actor: 'customer-1', refundMinor: null, quoteId: null }));
  }),
  'stopped by staff': on(async (scene) => {
    await bought(scene);
    await patiently(scene, scene.ask(compensateUpdate, staff));
  }),
  'stopped, and written off': on(async (scene) => {
    await bought(scene);
    scene.supplier.script.cancel = 'refuses';
    await patiently(scene, scene.ask(compensateUpdate, staff));
    await scene.until((b) => b.attention !== null && b.sums.refundedMinor === 11_000);
    await patiently(scene, scene.ask(resolveUpdate, { ...staff, outcome: 'done' }));
  }),
  'disputed and won': on(async (scene) => {
    await disputed(scene);
    await closed(scene, 'won');
  }),
  'disputed and lost': on(async (scene) => {
    await disputed(scene);
    await closed(scene, 'lost');
  }),
  'paid at the desk, part of it handed out': on((scene) => atTheDesk(scene, 'done'), ARRIVAL),
  'paid at the desk, a refund dropped': on((scene) => atTheDesk(scene, 'impossible'), ARRIVAL),
  'paid twice': on(async (scene) => {
    await opened(scene);
    await patiently(scene, scene.ask(payUpdate, { attempt: 2 }));
    await scene.pay('pi_2');
    await scene.until((b) => b.phase === 'confirmed');
    await atRest(scene);
    await scene.pay('pi_1');
    await scene.until((b) => b.sums.refundedMinor > 0);
  }),
  expired: on(expired),
  'paid late, and revived': on(async (scene) => {
    await expired(scene);
    await scene.pay();
    await scene.until((b) => b.phase === 'confirmed');
  }),
  'paid after the end': on(async (scene) => {
    await expired(scene);
    await scene.pass(8 * DAY_MS);
    scene.gateway.set('pi_1', 'succeeded');
    await lateNews(scene);
    await scene.env.client.workflow.getHandle(latePaymentIdOf(scene.gateway.refOf('pi_1'))).result();
  }),
};

/** When nothing is left to do but to wait: our books, what was told, and what the vendors have. */
export async function endOf(scene: Scene) {
  await scene.pass(30 * MINUTE_MS);
  await scene.quiet();
  const { phase, attention, sums, payments, refunds, supplierOrders, disputes, vouchers } = await scene.booking();
  const { gateway, supplier } = scene;
  return {
    phase,
    attention: attention?.step.replace(/_[0-9a-f]{12,}/g, '') ?? null,
    sums,
    payments: payments.map(({ status, capturedMinor }) => ({ status, capturedMinor })),
    refunds: refunds.map(({ status, amount, cause }) => ({ status, amount, cause })),
    orders: supplierOrders.map(({ status, paidMinor, returnedMinor }) => ({ status, paidMinor, returnedMinor })),
    disputes: disputes.map(({ standing }) => standing),
    vouchers: vouchers.map(({ status }) => status),
    letters: (await scene.letters()).toSorted(),
    papers: (await scene.papers()).toSorted(),
    balances: await scene.balances(),
    atTheGateway: {
      payments: [...gateway.intents.values()].map(({ status, refundedMinor }) => ({ status, refundedMinor })),
      refunds: gateway.refunds.size,
    },
    atTheSupplier: { debits: supplier.debits, credits: supplier.credits, orders: supplier.orders.size },
  };
}
