// The native booking API, in the order of a booking's life.
import { createBookingWatch } from '../../db/watch.ts';
import { createDesk } from '../bookings.ts';
import type { Desk } from '../bookings.ts';
import type { AppDeps } from '../deps.ts';
import { createRouter } from '../http/router.ts';
import type { Router } from '../http/router.ts';
import { addCancelling } from './cancelling.ts';
import { addCreating } from './creating.ts';
import { addMarking } from './marking.ts';
import { addLive } from './live.ts';
import { addPapers } from './papers.ts';
import { addLists, addTimeline } from './reading.ts';
import { addRefunding } from './refunding.ts';
import { addSettings } from './settings.ts';
import { addResend, addStaffActions } from './staff.ts';

export function nativeBookings(deps: AppDeps, desk: Desk = createDesk(deps)): Router {
  const router = createRouter();
  addCreating(router, desk);
  addLists(router, desk);
  addLive(router, desk, createBookingWatch(desk.config.databaseUrl));
  addTimeline(router, desk);
  addCancelling(router, desk);
  addRefunding(router, desk);
  addMarking(router, desk);
  addStaffActions(router, desk);
  addResend(router, desk);
  addPapers(router, desk);
  addSettings(router, desk);
  return router;
}
