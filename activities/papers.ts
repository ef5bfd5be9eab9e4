// What goes onto a booking's voucher and receipt, from its rows and its travellers.
import type { StoredBooking } from '../db/bookings.ts';
import type { Booking, Payment, Voucher } from '../domain/booking.ts';
import { isToHandOut } from '../domain/booking.ts';
import type { Brand, ReceiptDocument, ReceiptLine, VoucherDocument } from '../domain/documents.ts';
import { formatMoney, formatUtc } from '../domain/display.ts';
import { allocate, equals, money } from '../domain/money.ts';
import type { Money } from '../domain/money.ts';
import { orderIn, otherCurrencyOf, soldOf } from '../domain/product.ts';
import type { Passenger, Product, Travellers } from '../domain/product.ts';
import { termsOf } from '../domain/refund-terms.ts';
import { refundReasonOf } from '../domain/refund-words.ts';
import type { SupplyLine } from '../domain/supply.ts';

export interface PaperSource extends Pick<StoredBooking, 'booking' | 'product'> {
  readonly row: Pick<StoredBooking['row'], 'fxRate' | 'netCurrency'>;
  /** Not known where another house keeps them. */
  readonly travellers: Travellers | undefined;
  /** As the supplier describes the order's lines; empty when it was not asked. */
  readonly lines: readonly SupplyLine[];
  readonly brand: Brand;
  readonly issuedAt: string;
}

/** One for each payment that was taken, numbered as its attempt: also for what is on its way back. */
export const receiptsOf = (source: PaperSource): readonly { number: number; document: ReceiptDocument }[] =>
  source.booking.payments.flatMap((payment) =>
    payment.capturedAt === null
      ? []
      : [{ number: payment.attempt, document: receiptOf(source, payment, payment.capturedAt) }],
  );

function receiptOf(
  { booking, product, travellers, brand, issuedAt, row }: PaperSource,
  payment: Payment,
  paidAt: string,
): ReceiptDocument {
  const { name, when } = soldOf(product);
  const total = money(payment.capturedMinor, payment.amount.currency);
  return {
    kind: 'receipt',
    brand,
    bookingNumber: booking.number,
    issuedAt,
    paymentReference: payment.ref,
    activity: name,
    when,
    customer: travellers ? { name: nameOf(travellers.contact), email: travellers.contact.email } : null,
    lines: cartLines(product, total) ?? sharesOf(product, total),
    total,
    paidAt,
    paidWith: payment.method && {
      method: payment.method.type,
      brand: payment.method.brand,
      last4: payment.method.last4,
    },
    refunds: refundsOf(booking, payment),
    terms: termsOf(product),
    exchangeNote: exchangeNoteOf(product, payment.amount) ?? supplierRateOf(row, booking.charge),
  };
}

/** Of what was frozen, at its prices, and what was added to and taken off them; undefined where that is not what was paid. */
function cartLines(product: Product, { minor, currency }: Money): readonly ReceiptLine[] | undefined {
  const snapshot = orderIn(product)?.snapshot;
  if (snapshot?.totals.total !== minor) return undefined;
  return [
    ...snapshot.items.map((item) => ({
      description: item.name,
      count: item.quantity,
      amount: money(item.subtotal, currency),
    })),
    ...snapshot.conditions.map(({ name, type, amount }) => ({
      description: type === 'voucher' ? `Voucher ${name}` : name,
      count: null,
      amount: money(amount, currency),
    })),
  ];
}

/** What was sold, each line with its share of what was paid. */
function sharesOf(product: Product, total: Money): readonly ReceiptLine[] {
  const { option, lines } = soldOf(product);
  const shares = allocate(
    total,
    lines.map(({ weight }) => weight),
  );
  return lines.map((line, i) => ({
    description: [option, line.name].filter(Boolean).join(', '),
    count: line.count,
    amount: shares[i] ?? total,
  }));
}

/** Who was charged in another currency than the price's reads at what rate. */
function exchangeNoteOf(product: Product, charge: Money): string | null {
  const other = otherCurrencyOf(product);
  if (!other || !equals(other.charge, charge)) return null;
  const { price, rate, at } = other;
  return `${formatMoney(price)}, at 1 ${price.currency} = ${rate} ${charge.currency} of ${formatUtc(at)}`;
}

const supplierRateOf = ({ fxRate, netCurrency }: PaperSource['row'], { currency }: Money): string | null =>
  fxRate && netCurrency ? `1 ${netCurrency} = ${fxRate} ${currency}` : null;

function refundsOf(booking: Booking, payment: Payment): ReceiptDocument['refunds'] {
  return booking.refunds
    .filter(({ paymentId }) => paymentId === payment.id)
    .flatMap((refund) => {
      const { id, amount, requestedAt: at, cause, status } = refund;
      if (status !== 'pending' && status !== 'succeeded') return [];
      const told = isToHandOut(refund) ? ('to_hand_out' as const) : status;
      return [{ id, amount, at, reason: refundReasonOf(cause), status: told }];
    });
}

export function voucherOf(source: PaperSource, voucher: Voucher): VoucherDocument {
  const { booking, product, travellers, lines, brand, issuedAt } = source;
  const sold = soldOf(product);
  const line = lines.find((l) => l.bookingRef === voucher.bookingRef) ?? lines[0];
  return {
    kind: 'voucher',
    brand,
    bookingNumber: booking.number,
    issuedAt,
    status: voucher.status === 'void' ? 'void' : 'ready',
    number: voucher.number,
    of: booking.vouchers.length,
    supplierReference: voucher.bookingRef,
    activity: sold.name,
    package: sold.option,
    leadTraveller: travellers ? nameOf(travellers.contact) : '',
    travellers: travellers?.passengers.map(nameOf) ?? [],
    lines: sold.lines.map(({ name, count }) => ({ description: name, count })),
    when: sold.when,
    where: null,
    codes: voucher.codes,
    operatorContacts: line?.operatorContacts ?? [],
    // Not the words on the supplier's order: a customer is held to, and promised, what was sold.
    terms: termsOf(product),
    supplierUrl: voucher.url,
  };
}

const nameOf = ({ firstName, familyName }: Pick<Passenger, 'firstName' | 'familyName'>): string =>
  `${firstName} ${familyName}`.trim();
