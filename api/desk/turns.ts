// How often a booking is asked how its payment stands: its history can hold only so many questions.
import type { StoredBooking } from '../../db/bookings.ts';
import type { Desk } from './desk.ts';

const SHORTEST_MS = 2_000;
const YOUNG_MS = 120_000;
const MOST_DOUBLINGS = 6;

/**
 * Anybody may open the shop's pages as often as they like, and they look again by themselves: a booking is asked once in a turn for all
 * of them. Turns grow with its age: two seconds at first, two minutes after two hours.
 */
export function turnOf(desk: Desk, stored: StoredBooking): { readonly name: string; readonly holdsMs: number } {
  const ageMs = ageOf(desk, stored);
  const doublings = Math.min(MOST_DOUBLINGS, Math.max(0, Math.floor(Math.log2(ageMs / YOUNG_MS))));
  const holdsMs = SHORTEST_MS * 2 ** doublings;
  return { name: `${doublings}-${Math.floor(ageMs / holdsMs)}`, holdsMs };
}

/** Undefined while it is young: then it is asked each time, for who pays between two calls is owed the truth at once. */
export const turnOnceGrown = (desk: Desk, stored: StoredBooking): string | undefined =>
  ageOf(desk, stored) < YOUNG_MS ? undefined : turnOf(desk, stored).name;

const ageOf = ({ clock }: Desk, { row }: StoredBooking): number =>
  Math.max(0, clock().getTime() - row.createdAt.getTime());
