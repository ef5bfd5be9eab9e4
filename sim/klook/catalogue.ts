// What this Klook sells by default. Ids are stable: demos, tests and documents name them.

export type Tier = { hoursBefore: number; feePercent: number };

export type Question = {
  key: string;
  name: string;
  required: boolean;
  input_type: string;
  options: { key: string; name: string }[];
};

export type Activity = {
  id: string;
  name: string;
  cityId: number;
  countryId: number;
  categoryId: number;
};

export type Package = {
  id: string;
  activityId: string;
  name: string;
  timezone: string;
  currency: string;
  /** Confirmed at payment, or only when the operator has answered. */
  instant: boolean;
  /** What the operator answers. */
  outcome: 'confirm' | 'reject';
  /** Local start times, on any day. */
  times: string[];
  cutOffMinutes: number;
  /** Fee by hours left before the start, best first; fewer hours than the last tier: not cancellable. */
  tiers: Tier[];
  bookingQuestions: Question[];
  unitQuestions: Question[];
};

export type Sku = {
  id: string;
  packageId: string;
  name: string;
  /** Net price, decimal string in the package's currency. */
  price: string;
  /** How many can still be sold per start; null = no limit. */
  stock: number | null;
  published: boolean;
};

export const categories = [
  { id: 11, name: 'Tours' },
  { id: 12, name: 'Attractions' },
  { id: 13, name: 'Transport' },
];

export const activities: Activity[] = [
  { id: '1001', name: 'Harbour Lights Evening Cruise', cityId: 1, countryId: 1, categoryId: 11 },
  { id: '1002', name: 'Night Market Food Walk', cityId: 2, countryId: 2, categoryId: 11 },
  { id: '1003', name: 'Old Town Museum Pass', cityId: 2, countryId: 2, categoryId: 12 },
  { id: '1004', name: 'Snow Monkey Day Trip', cityId: 3, countryId: 3, categoryId: 11 },
  { id: '1005', name: 'Airport Private Transfer', cityId: 1, countryId: 1, categoryId: 13 },
];

const HOURS = Array.from({ length: 14 }, (_, hour) => `${String(hour + 8).padStart(2, '0')}:00:00`);

const standard = {
  currency: 'USD',
  instant: true,
  outcome: 'confirm',
  times: HOURS,
  cutOffMinutes: 60,
  tiers: [{ hoursBefore: 24, feePercent: 0 }],
  bookingQuestions: [],
  unitQuestions: [],
} satisfies Partial<Package>;

export const packages: Package[] = [
  { ...standard, id: '2001', activityId: '1001', name: 'Upper deck', timezone: 'Asia/Hong_Kong' },
  {
    ...standard,
    id: '2002',
    activityId: '1001',
    name: 'Private cabin',
    timezone: 'Asia/Hong_Kong',
    instant: false,
    tiers: [
      { hoursBefore: 72, feePercent: 0 },
      { hoursBefore: 24, feePercent: 50 },
    ],
  },
  { ...standard, id: '2003', activityId: '1002', name: 'Chef’s table', timezone: 'Asia/Bangkok' },
  {
    ...standard,
    id: '2004',
    activityId: '1002',
    name: 'Small group',
    timezone: 'Asia/Bangkok',
    instant: false,
    outcome: 'reject',
  },
  {
    ...standard,
    id: '2005',
    activityId: '1003',
    name: 'Day pass',
    timezone: 'Asia/Bangkok',
    tiers: [],
  },
  {
    ...standard,
    id: '2006',
    activityId: '1004',
    name: 'From Tokyo',
    timezone: 'Asia/Tokyo',
    currency: 'JPY',
  },
  {
    ...standard,
    id: '2007',
    activityId: '1005',
    name: 'Sedan, up to 3',
    timezone: 'Asia/Hong_Kong',
    bookingQuestions: [question('flight_number', 'Flight number')],
    unitQuestions: [question('passport_name', 'Name as in passport')],
  },
];

export const skus: Sku[] = [
  sku({ id: '3001', packageId: '2001', name: 'Adult', price: '42.50' }),
  sku({ id: '3002', packageId: '2001', name: 'Child', price: '30.00' }),
  sku({ id: '3003', packageId: '2002', name: 'Cabin for two', price: '180.00' }),
  sku({ id: '3004', packageId: '2003', name: 'Seat', price: '65.00', stock: 0 }),
  sku({ id: '3005', packageId: '2004', name: 'Guest', price: '38.00' }),
  sku({ id: '3006', packageId: '2005', name: 'Adult', price: '18.00' }),
  sku({ id: '3007', packageId: '2006', name: 'Adult', price: '9800' }),
  sku({ id: '3008', packageId: '2007', name: 'Car', price: '55.00' }),
  sku({ id: '3009', packageId: '2001', name: 'Senior (withdrawn)', price: '35.00', published: false }),
];

function sku(given: Pick<Sku, 'id' | 'packageId' | 'name' | 'price'> & Partial<Sku>): Sku {
  return { stock: null, published: true, ...given };
}

function question(key: string, name: string): Question {
  return { key, name, required: true, input_type: 'text', options: [] };
}

export function policyText({ tiers }: Package): string {
  if (tiers.length === 0) return 'Non-refundable';
  return tiers
    .map(({ hoursBefore, feePercent }) =>
      feePercent === 0
        ? `Free cancellation until ${hoursBefore} hours before the start`
        : `${feePercent}% fee until ${hoursBefore} hours before the start`,
    )
    .concat('non-refundable after that')
    .join('; ');
}
