// How long a booking is kept open once nothing is under way: until nobody can ask for money back any more.

const DAY_MS = 86_400_000;
const UNPAID_REST_MS = 7 * DAY_MS;
const PAID_REST_MS = 120 * DAY_MS;

export interface AtRest {
  /** How many of its payments took money. */
  readonly paidAttempts: number;
  readonly serviceAt: string | null;
}

/** Seven days after the gateway said that no money can come, else until the card networks' time for disputes is over. */
export function restsUntilMs({ paidAttempts, serviceAt }: AtRest, fromMs: number): number {
  if (paidAttempts === 0) return fromMs + UNPAID_REST_MS;
  return Math.max(serviceAt ? Date.parse(serviceAt) : 0, fromMs) + PAID_REST_MS;
}
