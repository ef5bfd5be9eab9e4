// What is sold at the airport, and for how much a passenger.
import { money } from '../../../domain/money.ts';
import type { Money } from '../../../domain/money.ts';

export interface AirportService {
  readonly code: string;
  readonly name: string;
  readonly price: Money;
}

export const SERVICES: readonly AirportService[] = [
  { code: 'meet_assist', name: 'Meet and assist', price: money(15_033, 'USD') },
  { code: 'fast_track', name: 'Fast track through security', price: money(4_500, 'USD') },
  { code: 'lounge', name: 'Lounge, three hours', price: money(5_950, 'USD') },
  { code: 'porter', name: 'Porter', price: money(2_000, 'USD') },
];
