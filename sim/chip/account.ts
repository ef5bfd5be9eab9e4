// What the account holds and turned over. Assumed: the names of the figures, and that all of it is there at once.
import { unixNow } from './objects.ts';
import type { PaymentDetails } from './objects.ts';
import type { World } from './state.ts';

type Move = Pick<PaymentDetails, 'amount' | 'currency' | 'fee_amount' | 'is_outgoing' | 'paid_on'>;

function movesOf(world: World): Move[] {
  const taken = world.purchases
    .values()
    .flatMap(({ payment, marked_as_paid }) => (payment && !marked_as_paid ? [payment] : []));
  return [...taken, ...world.payments.values().map(({ payment }) => payment)];
}

export function balanceOf(world: World): Record<string, object> {
  const balances: Record<string, number> = {};
  for (const { amount, currency, fee_amount, is_outgoing } of movesOf(world))
    balances[currency] = (balances[currency] ?? 0) + (is_outgoing ? -amount : amount - fee_amount);
  return Object.fromEntries(
    Object.entries(balances).map(([currency, balance]) => [
      currency,
      { balance, gross_balance: balance, available_balance: balance, pending_outgoing: 0, reserved: 0 },
    ]),
  );
}

type Query = (name: string) => string | undefined;

export function turnoverOf(world: World, query: Query): Record<string, object> {
  const from = Number(query('from') ?? 0);
  const to = Number(query('to') ?? unixNow());
  const wanted = query('currency');
  const moves = movesOf(world).filter(
    ({ currency, paid_on }) =>
      (wanted === undefined || currency === wanted) && (paid_on ?? 0) >= from && (paid_on ?? 0) <= to,
  );
  const currencies = [...new Set(moves.map(({ currency }) => currency))];
  return Object.fromEntries(
    currencies.map((currency) => {
      const ours = moves.filter((move) => move.currency === currency);
      const sum = (outgoing: boolean) => {
        const some = ours.filter(({ is_outgoing }) => is_outgoing === outgoing);
        const turnover = some.reduce((total, { amount }) => total + amount, 0);
        const fee_sell = some.reduce((total, { fee_amount }) => total + fee_amount, 0);
        return { count: some.length, turnover, fee_sell };
      };
      return [currency, { incoming: sum(false), outgoing: sum(true) }];
    }),
  );
}
