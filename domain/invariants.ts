// What must stay true of the money, by the numbers that docs/invariants.md explains. Here stand those that data can be asked about.

export const INVARIANTS = {
  'I-1': 'a booking has at most one payment that can still take money, and keeps at most one success',
  'I-2': 'no payment takes more than it was asked for',
  'I-3': 'what went back, is promised or lies with banks is never more than was taken',
  'I-4': 'at most one order of a booking is paid and standing, and every order bears a reference of its own',
  'I-5': 'the supplier is paid only with money that was taken or is held',
  'I-8': 'a booking is what its facts make of it, along declared edges only',
  'I-13': 'money goes back only for a reason and in the name of somebody whom our books know',
  'I-14': 'every transaction of the ledger adds up to nothing, and says what its fact demands',
  'I-16': 'a paid cart is one order of exactly what was paid',
  'I-18': 'confirmed means paid, a voucher stands for a confirmed order, and nobody gets in on a trip that is over',
  'I-23': 'money that stays was used for the trip, or was kept by agreement',
  'I-24': 'nobody travels for nothing',
  'I-25': 'money that came after the end revived the booking or went back in full',
  'I-26': 'a cancellation gives back what its quote promised, and the supplier returns what it said',
  'I-27': 'profit by the formula is the result in the ledger',
  'I-28': 'what the ledger has at a gateway is what the gateway has of ours',
  'I-29': 'clearing accounts come back to zero',
  'I-30': 'what the ledger has at a supplier is what the supplier says',
  'I-31': 'every booking that is not over has exactly one open workflow, and every workflow a booking',
  'I-32': 'what others are told has no gaps',
  'L-1': 'every webhook is applied, parked with a reason or reported within five minutes',
  'L-2': 'an unpaid booking expires when its time is over',
  'L-3': 'whatever is unknown becomes known, or reaches a person, within half an hour',
  'L-4': 'every refund is made, or reaches a person, in its time',
  'L-5': 'every booking comes to rest',
  'L-6': 'what happened at a gateway is known here, whether or not its webhook came',
} as const;
export type Invariant = keyof typeof INVARIANTS;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** How long something may take before it counts as standing still; each is the longest that the program itself needs. */
export const PATIENCE = {
  /** A step that keeps failing calls a person after 15 min: then nothing moves unseen. */
  restMs: 20 * MINUTE_MS,
  /** From the event to its booking, and from the intake to its workflow. */
  newsMs: 5 * MINUTE_MS,
  expiryMs: MINUTE_MS,
  unknownMs: 30 * MINUTE_MS,
  fulfilmentMs: 60 * MINUTE_MS,
  /** The supplier may take a day to decide, and as long again to make vouchers. */
  supplierMs: 26 * 60 * MINUTE_MS,
  /** The longest that banks take for a debit, or a card scheme for a refund. */
  bankMs: 14 * DAY_MS,
} as const;
export type Patience = { readonly [K in keyof typeof PATIENCE]: number };
