// The gateway's own word on a payment: how it stands, and whether it lets go of it.
import { sleep } from '@temporalio/workflow';
import type { ClosePaymentInput } from '../activities/payment.ts';
import type { PaymentNews } from '../activities/payment-news.ts';
import { isUnderWay } from '../domain/booking.ts';
import { attendReturned } from './came-back.ts';
import { mustKnow } from './run.ts';
import type { Run } from './run.ts';
import { attemptUntil } from './steps.ts';
import { looks } from './verbs.ts';
import { show } from './view.ts';

const MINUTE_MS = 60_000;
/** Between two tries to close a payment that the gateway holds in flight: a bank debit may take days. */
export const IN_FLIGHT_PAUSE_MS = 5 * MINUTE_MS;
export const LONGEST_IN_FLIGHT_PAUSE_MS = 360 * MINUTE_MS;

export interface Looked {
  readonly kind: 'paid' | 'returned' | 'unpaid';
  readonly returnedElsewhere?: true;
}

/** Reads the payment at its gateway, whose word alone counts; and any other that the news named. */
export async function look(run: Run): Promise<Looked> {
  run.news = false;
  const named = run.named.splice(0);
  const { paymentId, paymentRef } = mustKnow(run);
  if (!paymentId) return { kind: 'unpaid' };
  const alsoRefs = named.filter((ref) => ref !== paymentRef);
  const asked = { bookingId: run.bookingId, paymentId, ...(alsoRefs.length > 0 && { alsoRefs }) };
  const call = () => looks.lookPayment(asked);
  run.looking = true;
  try {
    let news = await attemptUntil(run, { name: 'read the payment', call });
    // What went back before we heard of it is recorded by a second look: nothing is bought on the first one's word.
    while (news.lookAgain) news = await attemptUntil(run, { name: 'read the payment', call });
    const looked = lookedOf(run, news);
    attendReturned(run);
    return looked;
  } finally {
    run.looking = false;
  }
}

function lookedOf(run: Run, news: PaymentNews): Looked {
  show(run, news.now);
  const { returnedElsewhere, now } = news;
  return {
    // By what the booking has come to: another look, whose answer was lost, may have recorded it before.
    kind: isUnderWay(now.phase) ? 'paid' : now.phase === 'refunded' ? 'returned' : 'unpaid',
    ...(returnedElsewhere && { returnedElsewhere }),
  };
}

/** In flight: the gateway has the money and lets go neither of it nor of us. */
export type Ended = 'closed' | 'paid' | 'returned' | 'in_flight';

export async function close(run: Run, ending: ClosePaymentInput['ending']): Promise<Ended> {
  const closed = await attemptUntil(run, {
    name: 'close the payment',
    call: () => looks.closePayment({ bookingId: run.bookingId, ending }),
  });
  show(run, closed.now);
  if (closed.kind !== 'already_paid') return closed.kind;
  const { kind } = await look(run);
  return kind === 'unpaid' ? 'in_flight' : kind;
}

/** Closed, or its word is heard: also of money that the gateway has in flight for days. */
export async function closeWhenLanded(run: Run, ending: ClosePaymentInput['ending']): Promise<void> {
  for (let pauseMs = IN_FLIGHT_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_IN_FLIGHT_PAUSE_MS)) {
    if ((await close(run, ending)) !== 'in_flight') return;
    await sleep(pauseMs, { summary: 'The gateway has the money in flight' });
  }
}
