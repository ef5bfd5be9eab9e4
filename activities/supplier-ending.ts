// The end of a supplier order in our books, which must come out where the supplier's balance does.
import type { Booking, OverStatus, SupplierOrder } from '../domain/booking.ts';
import { supplierOrderOf } from '../domain/booking.ts';
import type { BookingEvent } from '../domain/events.ts';
import { money } from '../domain/money.ts';
import type { CancelFact } from '../domain/supply.ts';
import { endingOf } from '../domain/supply-price.ts';
import type { Deps } from './deps.ts';

export interface Ending {
  readonly order: Pick<SupplierOrder, 'generation' | 'net' | 'paidMinor'>;
  readonly as: OverStatus;
  /** Unknown: without the supplier's word on what comes back it is lost, and known to be. */
  readonly cancel: CancelFact | 'unknown' | null;
}

/** A supplier that returns or keeps something was paid, though the answer that said so was lost. */
export function endOf({ order, as, cancel }: Ending): readonly BookingEvent[] {
  const { generation, net, paidMinor } = order;
  const unheard = paidMinor === 0 && wasPaid(cancel);
  const paid = unheard ? net : money(paidMinor, net.currency);
  const ending = cancel === 'unknown' ? { returned: money(0, net.currency), penalty: paid } : endingOf(paid, cancel);
  const ended = { type: 'supplier.ended', generation, as, ...ending } as const;
  return unheard ? [{ type: 'supplier.paid', generation, amount: paid }, ended] : [ended];
}

export interface OrderEnd extends Pick<Ending, 'as' | 'cancel'> {
  readonly bookingId: string;
  readonly generation: number;
}

export function recordEnd(deps: Deps, { bookingId, generation, ...end }: OrderEnd): Promise<Booking> {
  return deps.record(bookingId, ({ booking }) => endOf({ order: supplierOrderOf(booking, generation), ...end }));
}

const wasPaid = (cancel: Ending['cancel']): boolean =>
  cancel !== null &&
  cancel !== 'unknown' &&
  cancel.kind === 'approved' &&
  cancel.returned.minor + cancel.penalty.minor > 0;
