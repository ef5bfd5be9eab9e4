// What came of taking an order back, from answers that leave half of it out: where they do, the order has to say.
import { isOver } from '../../domain/booking.ts';
import type { Money } from '../../domain/money.ts';
import { SupplierUnreachable } from '../../domain/supply.ts';
import type { CancelFact, SupplyFact } from '../../domain/supply.ts';
import { cancelWire, contentOf, hasAmount, readAs, readMoney } from './klook-wire.ts';
import type { CancelWire } from './klook-wire.ts';

type Figures = { returned: Money; penalty: Money };
type Open = { kind: 'open'; figures: Figures | null };

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
export function cancelSaid(request: CancelWire, orderCurrency: string | null = null): CancelFact | Open {
  const word = request.status?.toLowerCase() ?? '';
  if (NEVER_ASKED.has(word)) return { kind: 'none' };
  if (REFUSED.has(word)) return { kind: 'refused', message: request.message ?? 'Klook refused the cancellation' };
  const isGranted = APPROVED.has(word) || (word === '' && Boolean(request.cancel_confirm_time));
  if (!isGranted && word !== '' && !OF_EITHER.has(word)) return { kind: 'processing' };
  const figures = figuresOf(request, orderCurrency);
  return isGranted && figures ? { kind: 'approved', ...figures } : { kind: 'open', figures };
}

type Standing = Pick<SupplyFact, 'status' | 'paid' | 'refunded' | 'net'>;

/** None: the order is over, and nobody tells figures; what it gave back is judged like that of any order that ended. */
export function cancelSettled(request: CancelWire, order: Standing): CancelFact {
  const said = cancelSaid(request, order.net.currency);
  if (said.kind !== 'open') return said;
  if (!isOver(order)) return { kind: 'processing' };
  const { figures } = said;
  // Nought for an order that was paid is a field left empty.
  const isCredible = figures && (figures.returned.minor + figures.penalty.minor > 0 || !(order.paid || order.refunded));
  if (isCredible) return { kind: 'approved', ...figures };
  if (!order.paid) return { kind: 'none' };
  throw new SupplierUnreachable('Klook approved a cancellation without saying what comes back');
}

function figuresOf({ finance_info: finance, ...request }: CancelWire, orderCurrency: string | null): Figures | null {
  const returned = finance?.refund_amount ?? request.refund_amount;
  const penalty = finance?.transaction_fee ?? request.transaction_fee;
  // Nought without a currency is a field left empty.
  const inOrders = hasAmount({ refund_amount: returned, transaction_fee: penalty }) ? orderCurrency : null;
  const currency = finance?.currency ?? request.currency ?? inOrders;
  if (!currency || returned === null || returned === undefined) return null;
  return { returned: readMoney(returned, currency), penalty: readMoney(penalty ?? 0, currency) };
}
