// A gateway in memory that does what the scenario says; its own books are what the tests compare ours with.
import type {
  Closed,
  Decline,
  DisputeFact,
  Gateway,
  PaymentFact,
  PaymentOrder,
  PaymentStatus,
  Started,
  Taken,
} from '../../domain/payment.ts';
import type { RefundFact, RefundOrder } from '../../domain/refund-order.ts';
import { GatewayRejected, GatewayUnreachable } from '../../domain/payment.ts';
import { money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';

interface Intent {
  readonly ref: string;
  readonly order: PaymentOrder;
  status: PaymentStatus;
  decline: Decline | null;
  refundedMinor: number;
  disputes: readonly DisputeFact[];
  /** Where it is not what was asked for. */
  taken?: Money;
}

/** What the next call of a kind does instead of simply working. `bars_us`: our key is not accepted, no retry can help. */
export type Mood = 'lost_after' | 'lost_before' | 'refuses' | 'pending' | 'bars_us';

/** `tag` keeps the references of scenes that share a database apart; a story calls its payments pi_1, pi_2 …. */
export function scriptedGateway(clock: () => Date, tag: string) {
  const refOf = (name: string): string => (name.endsWith(tag) ? name : `${name}_${tag}`);
  const nameOf = (ref: string): string => ref.replace(`_${tag}`, '');
  const intents = new Map<string, Intent>();
  const refunds = new Map<string, { order: RefundOrder; fact: RefundFact }>();
  const moods: Record<'start' | 'look' | 'close' | 'capture' | 'refund', Mood[]> = {
    start: [],
    look: [],
    close: [],
    capture: [],
    refund: [],
  };
  const calls: string[] = [];
  const script = { away: false, holdMs: 7 * 24 * 3_600_000 };
  /** What happens elsewhere in the very moment before a call arrives. */
  const before: Partial<Record<keyof typeof moods, () => void>> = {};

  const byRef = (ref: string): Intent => {
    const intent = [...intents.values()].find((i) => i.ref === refOf(ref));
    if (!intent) throw new GatewayRejected('not_found', `no intent ${ref}`);
    return intent;
  };
  const lost = (): GatewayUnreachable => new GatewayUnreachable('the answer was lost');

  async function withMood<T>(
    kind: keyof typeof moods,
    call: string,
    effect: (mood: Mood | undefined) => T,
  ): Promise<T> {
    calls.push(call);
    before[kind]?.();
    const mood = script.away ? 'lost_before' : moods[kind].shift();
    if (mood === 'lost_before') throw lost();
    if (mood === 'bars_us') throw new GatewayRejected('api_key_expired', 'expired key');
    const result = effect(mood);
    if (mood === 'lost_after') throw lost();
    return result;
  }

  const gateway: Gateway = {
    name: 'stripe_intent',
    minimumMinor: () => 50,
    start: (order, key) =>
      withMood('start', `start ${key}`, (mood): Started => {
        if (mood === 'refuses') return { kind: 'refused', code: 'amount_too_small', message: 'too small' };
        const known = intents.get(key) ?? {
          ref: refOf(`pi_${intents.size + 1}`),
          order,
          status: 'requires_payment_method',
          decline: null,
          refundedMinor: 0,
          disputes: [],
        };
        intents.set(key, known);
        return {
          kind: 'confirm',
          ref: known.ref,
          clientSecret: `${known.ref}_secret`,
          status: 'requires_payment_method',
          wireStatus: 'requires_payment_method',
        };
      }),
    look: (ref) =>
      withMood('look', `look ${nameOf(ref)}`, () => factOf(byRef(ref), { now: clock(), holdMs: script.holdMs })),
    close: (ref) =>
      withMood('close', `close ${nameOf(ref)}`, (): Closed => {
        const intent = byRef(ref);
        if (intent.status === 'succeeded') return { kind: 'already_paid' };
        if (intent.status === 'processing') return { kind: 'in_flight' };
        intent.status = 'cancelled';
        return { kind: 'closed' };
      }),
    capture: (ref) =>
      withMood('capture', `capture ${nameOf(ref)}`, (mood): Taken => {
        const intent = byRef(ref);
        if (mood === 'refuses') intent.status = 'cancelled';
        if (intent.status === 'cancelled')
          return { kind: 'refused', code: 'charge_expired', message: 'the hold is gone' };
        intent.status = 'succeeded';
        return { kind: 'captured' };
      }),
    refund: (order, key) =>
      withMood('refund', `refund ${key}`, (mood) => {
        const known = refunds.get(key);
        if (known) return known.fact;
        const intent = byRef(order.paymentRef);
        const left = (intent.taken ?? intent.order.amount).minor - intent.refundedMinor;
        if (order.amount.minor > left) return { kind: 'nothing_left', message: `${left} is left` } as const;
        const fact = refundFact(key, isDisputed(intent) ? 'refuses' : mood);
        refunds.set(key, { order, fact });
        if (fact.kind !== 'failed') intent.refundedMinor += order.amount.minor;
        return fact;
      }),
    lookRefund: async ({ refundId }) => refunds.get(refundId)?.fact ?? { kind: 'absent' },
    readWebhook: async () => ({ kind: 'forged', reason: 'this gateway sends nothing' }),
  };

  return {
    gateway,
    refOf,
    intents,
    refunds,
    moods,
    calls,
    script,
    before,
    set: (ref: string, status: PaymentStatus) => void (byRef(ref).status = status),
    decline: (ref: string, id: string) => {
      Object.assign(byRef(ref), {
        status: 'requires_payment_method',
        decline: { id, code: 'card_declined', declineCode: 'generic_decline', message: 'Your card was declined.' },
      });
    },
    finishRefund: (key: string) => {
      const refund = refunds.get(key);
      if (refund) refund.fact = { kind: 'succeeded', ref: `re_${key}` };
    },
    /** In the gateway's dashboard; what else was held is let go of. */
    takePart: (ref: string, minor: number) =>
      void Object.assign(byRef(ref), { status: 'succeeded', taken: money(minor, byRef(ref).order.amount.currency) }),
    /** Whatever it was asked for. */
    takeOther: (ref: string, taken: Money) => void Object.assign(byRef(ref), { status: 'succeeded', taken }),
    /** In the gateway's dashboard, without a word to us. */
    returnElsewhere: (ref: string, minor: number) => void (byRef(ref).refundedMinor += minor),
    /** A bank sends back what had gone out days before. */
    bounce: (key: string) => {
      const refund = refunds.get(key);
      if (!refund) throw new Error(`no refund ${key}`);
      refund.fact = { kind: 'failed', ref: `re_${key}`, code: 'lost_or_stolen_card', message: 'came back' };
      byRef(refund.order.paymentRef).refundedMinor -= refund.order.amount.minor;
    },
    /** The customer's bank asks, or takes all that is left unless told how much; an inquiry becomes a dispute. */
    dispute: (ref: string, { standing = 'open', amountMinor }: Partial<Asked> = {}) => {
      const intent = byRef(ref);
      const { minor, currency } = intent.order.amount;
      const amount = money(amountMinor ?? minor, currency);
      const fee = standing === 'open' ? money(1_500, currency) : null;
      const told = { ref: refOf('du_1'), standing, wireStatus: standing, amount, fee, ...ASKED };
      intent.disputes = [told];
    },
    closeDispute: (ref: string, standing: 'won' | 'lost' | 'dropped') => {
      const intent = byRef(ref);
      intent.disputes = intent.disputes.map((told) => ({ ...told, standing, wireStatus: standing }));
    },
    isDisputed: (ref: string) => isDisputed(byRef(ref)),
    /** Of one payment, or of all. */
    returned: (ref?: string) =>
      (ref ? [byRef(ref)] : [...intents.values()]).reduce((sum, intent) => sum + intent.refundedMinor, 0),
  };
}

interface Asked {
  readonly standing: 'inquiry' | 'open';
  readonly amountMinor: number;
}

const ASKED = {
  reason: 'fraudulent',
  evidenceDueBy: '2027-01-31T12:00:00.000Z',
  openedAt: '2027-01-22T12:00:00.000Z',
} as const;

const isDisputed = ({ disputes }: Intent): boolean => disputes.some(({ standing }) => standing === 'open');

function refundFact(key: string, mood: Mood | undefined): RefundFact {
  if (mood === 'refuses') return { kind: 'failed', ref: null, code: 'charge_disputed', message: 'no' };
  return { kind: mood === 'pending' ? 'pending' : 'succeeded', ref: `re_${key}` };
}

interface Moment {
  readonly now: Date;
  readonly holdMs: number;
}

function factOf(
  { ref, order, status, decline, refundedMinor, taken = order.amount, disputes }: Intent,
  { now, holdMs }: Moment,
): PaymentFact {
  const paid = status === 'succeeded';
  const { currency } = taken;
  return {
    ref,
    status,
    wireStatus: status,
    amount: order.amount,
    captured: paid ? taken : null,
    capturedAt: paid ? now.toISOString() : null,
    heldUntil: status === 'authorised' ? new Date(now.getTime() + holdMs).toISOString() : null,
    fee: paid ? money(59, currency) : null,
    refunded: money(refundedMinor, currency),
    disputes: paid ? disputes : [],
    decline,
    method: paid ? { type: 'card', brand: 'visa', last4: '4242' } : null,
    bookingId: order.bookingId,
    paymentId: order.paymentId,
  };
}
