// What came of taking an order back, from answers that leave half of it out: where they do, the order has to say.
import { isOver } from '../../domain/booking.ts';
import { money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import { SupplierUnreachable } from '../../domain/supply.ts';
import type { CancelFact, SupplyFact } from '../../domain/supply.ts';
import { cancelWire, contentOf, readAs, readMoney } from './klook-wire.ts';
import type { CancelWire } from './klook-wire.ts';

type Figures = { returned: Money; penalty: Money };

const APPROVED = new Set(['approved', 'success', 'succeeded', 'confirmed', 'completed']);
/** Said of the order it was granted, of the request it was taken back: the order has to say. */
const OF_EITHER = new Set(['canceled', 'cancelled', 'refunded']);
const REFUSED = new Set(['refused', 'rejected', 'failed', 'declined', 'denied']);
const NEVER_ASKED = new Set(['none', 'not_applied', 'not_requested', 'not_canceled', 'not_cancelled']);

/** The request stands in `result[]`, in the order under either spelling, in `data` or bare, depending on the call. */
export function cancelRequestIn(body: Readonly<Record<string, unknown>>): CancelWire | null {
  const { result, cancelation_request, cancellation_request } = body;
  // Beside a result, even an empty one, a bare word speaks of the call and not of the request.
  const bare = typeof result === 'object' && result !== null ? null : contentOf(body);
  for (const place of [result, cancelation_request, cancellation_request, bare]) {
    const request = readAs(cancelWire, place);
    if (request) return request;
  }
  return null;
}

/** Open: whether it was granted, or what comes back, is not in the request. */
export function cancelSaid(request: CancelWire): CancelFact | { kind: 'open' } {
  const word = request.status?.toLowerCase() ?? '';
  if (NEVER_ASKED.has(word)) return { kind: 'none' };
  if (REFUSED.has(word)) return { kind: 'refused', message: request.message ?? 'Klook refused the cancellation' };
  const isGranted = APPROVED.has(word) || (word === '' && Boolean(request.cancel_confirm_time));
  if (!isGranted && word !== '' && !OF_EITHER.has(word)) return { kind: 'processing' };
  const figures = isGranted && figuresOf(request, null);
  return figures ? { kind: 'approved', ...figures } : { kind: 'open' };
}

type Standing = Pick<SupplyFact, 'status' | 'paid' | 'refunded' | 'net'>;

/** None: the order is over, and nobody tells figures; what it gave back is judged like that of any order that ended. */
export function cancelSettled(request: CancelWire, order: Standing): CancelFact {
  const said = cancelSaid(request);
  if (said.kind !== 'open') return said;
  if (!isOver(order)) return { kind: 'processing' };
  const figures = figuresOf(request, order.net);
  // Nought for an order that was paid is a field left empty, unless it comes with a word and a currency.
  const isTold = Boolean(request.status) && currencyIn(request) !== null;
  const isSome = figures && figures.returned.minor + figures.penalty.minor > 0;
  const isCredible = figures && (isSome || isTold || !(order.paid || order.refunded));
  if (isCredible) return { kind: 'approved', ...figures };
  if (!order.paid) return { kind: 'none' };
  throw new SupplierUnreachable('Klook approved a cancellation without saying what comes back');
}

const currencyIn = ({ finance_info: finance, currency }: CancelWire): string | null =>
  finance?.currency ?? currency ?? null;

/** `net`: what the order cost, where it was asked; of a fee alone the rest comes back. */
function figuresOf(request: CancelWire, net: Money | null): Figures | null {
  const returned = request.finance_info?.refund_amount ?? request.refund_amount ?? null;
  const fee = request.finance_info?.transaction_fee ?? request.transaction_fee ?? null;
  const currency = currencyIn(request) ?? net?.currency;
  if (!currency) return null;
  const penalty = readMoney(fee ?? 0, currency);
  if (returned !== null) return { returned: readMoney(returned, currency), penalty };
  if (!net || penalty.minor === 0 || penalty.currency !== net.currency) return null;
  return { returned: money(Math.max(0, net.minor - penalty.minor), currency), penalty };
}
