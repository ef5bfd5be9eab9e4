// What is sold at the airports, and for how much a passenger: each in the money of the place.
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
  { code: 'fast_track_cdg', name: 'Fast track, Paris', price: money(2_490, 'EUR') },
  { code: 'fast_track_nrt', name: 'Fast track, Tokyo', price: money(3_001, 'JPY') },
  { code: 'lounge_kwi', name: 'Lounge, Kuwait', price: money(12_350, 'KWD') },
  { code: 'meet_assist_khi', name: 'Meet and assist, Karachi', price: money(950_025, 'PKR') },
  { code: 'lounge_kul', name: 'Lounge, Kuala Lumpur', price: money(11_990, 'MYR') },
  { code: 'porter_kef', name: 'Porter, Reykjavik', price: money(250_000, 'ISK') },
];
