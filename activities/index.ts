import type { Deps } from './deps.ts';
import { arrivalActivities } from './arrival.ts';
import { bookingActivities } from './booking.ts';
import { byHandActivities } from './by-hand.ts';
import { disputeActivities } from './disputes.ts';
import { documentActivities } from './documents.ts';
import { guarded } from './failures.ts';
import { lateMoneyActivities } from './late-money.ts';
import { fulfilmentActivities } from './fulfilment.ts';
import { paymentActivities } from './payment.ts';
import { paymentNewsActivities } from './payment-news.ts';
import { refundActivities } from './refund.ts';
import { withdrawalActivities } from './withdrawal.ts';
import { supplyActivities } from './supply.ts';

export const createActivities = (deps: Deps) =>
  guarded({
    ...bookingActivities(deps),
    ...disputeActivities(deps),
    ...lateMoneyActivities(deps),
    ...paymentActivities(deps),
    ...paymentNewsActivities(deps),
    ...arrivalActivities(deps),
    ...supplyActivities(deps),
    ...fulfilmentActivities(deps),
    ...refundActivities(deps),
    ...withdrawalActivities(deps),
    ...byHandActivities(deps),
    ...documentActivities(deps),
  });

export type Activities = ReturnType<typeof createActivities>;
