// The end of a supplier order in our books, which must come out where the supplier's balance does.
import type { Booking, OverStatus, SupplierOrder } from '../domain/booking.ts';
import { isOver, supplierOrderOf } from '../domain/booking.ts';
import type { BookingEvent } from '../domain/events.ts';
import { money } from '../domain/money.ts';
import type { CancelFact, SupplyFact } from '../domain/supply.ts';
import { endingOf } from '../domain/supply-price.ts';
import type { Deps } from './deps.ts';

export interface Ending {
  readonly order: Pick<SupplierOrder, 'generation' | 'net' | 'paidMinor'>;
  readonly as: OverStatus;
  /** Unknown: without the supplier's word on what comes back it is lost, and known to be. */
  readonly cancel: CancelFact | 'unknown' | null;
  /** The supplier says that it had our money, and has it no more. */
  readonly refunded?: boolean;
  /** Who lets it stand there at our cost. */
  readonly writtenOffBy?: string;
}

/** How an order ended, as the supplier tells it. */
export const endingIn = ({ status, cancellation, refunded }: SupplyFact & { readonly status: OverStatus }) => ({
  as: status,
  cancel: cancellation,
  refunded,
});

/** An order that ended by itself gives back what it cost, unless the supplier says otherwise; of what it cost we may not have heard. */
export function wordOnEnd(
  { cancellation, refunded }: Pick<SupplyFact, 'cancellation' | 'refunded'>,
  { paidMinor, net }: Pick<SupplierOrder, 'paidMinor' | 'net'>,
): CancelFact {
  if (cancellation?.kind === 'approved') return cancellation;
  const returned = refunded && paidMinor === 0 ? net : money(paidMinor, net.currency);
  return { kind: 'approved', returned, penalty: money(0, net.currency) };
}

/** A supplier that returns or keeps something was paid, though the answer that said so was lost. */
export function endOf({ order, as, cancel, refunded = false, writtenOffBy }: Ending): readonly BookingEvent[] {
  const { generation, net, paidMinor } = order;
  const unheard = paidMinor === 0 && (refunded || wasPaid(cancel));
  const paid = unheard ? net : money(paidMinor, net.currency);
  const ending = cancel === 'unknown' ? { returned: money(0, net.currency), penalty: paid } : endingOf(paid, cancel);
  const ended = { type: 'supplier.ended', generation, as, ...ending, ...(writtenOffBy && { writtenOffBy }) } as const;
  return unheard ? [{ type: 'supplier.paid', generation, amount: paid }, ended] : [ended];
}

export interface OrderEnd extends Omit<Ending, 'order'> {
  readonly bookingId: string;
  readonly generation: number;
}

export function recordEnd(deps: Pick<Deps, 'record'>, { bookingId, generation, ...end }: OrderEnd): Promise<Booking> {
  return deps.record(bookingId, ({ booking }) => {
    const order = supplierOrderOf(booking, generation);
    // An order ends once: of a second end only what was paid would be written down, and not what came back.
    return isOver(order) ? [] : endOf({ order, ...end });
  });
}

const wasPaid = (cancel: Ending['cancel']): boolean =>
  cancel !== null &&
  cancel !== 'unknown' &&
  cancel.kind === 'approved' &&
  cancel.returned.minor + cancel.penalty.minor > 0;
