// What the desk works with: everything a router has, and the door to running bookings.
import type { AppDeps } from '../deps.ts';
import { createBookingDoor } from './door.ts';
import type { BookingDoor } from './door.ts';

export interface Desk extends AppDeps {
  readonly door: BookingDoor;
}

export function createDesk(deps: AppDeps): Desk {
  const { temporal, config } = deps;
  return { ...deps, door: createBookingDoor({ temporal, taskQueue: config.temporal.taskQueue }) };
}
