// What the desk works with: everything a router has, and the door to running bookings.
import type { AppDeps } from '../deps.ts';
import { createBookingDoor } from './door.ts';
import type { BookingDoor } from './door.ts';
import type { Opening } from './open-request.ts';

export interface Desk extends AppDeps {
  readonly door: BookingDoor;
  /** Requests under way, by what makes them the same: a customer's hundred clicks are worked on once. */
  readonly opening: Map<string, Promise<Opening>>;
}

export function createDesk(deps: AppDeps): Desk {
  const { temporal, config } = deps;
  const door = createBookingDoor({ temporal, taskQueue: config.temporal.taskQueue });
  return { ...deps, door, opening: new Map() };
}
