// The bodies about orders, and what of a person is shown to whom.
import { z } from '@hono/zod-openapi';
import { leadingPayment } from '../../../domain/booking.ts';
import type { Booking, Payment } from '../../../domain/booking.ts';
import { orderPaymentStatusOf, ORDER_STATUSES } from '../../../domain/order.ts';
import type { Travellers } from '../../../domain/product.ts';
import type { CheckoutSeen, OrderSeen, StoredOrder } from '../../bookings.ts';

const Sen = z.int();

const PaymentWire = z.object({
  id: z.string(),
  gateway: z.string(),
  gateway_payment_id: z.string().nullable(),
  status: z.enum(['pending', 'completed', 'failed', 'cancelled', 'refunded']),
  amount: Sen,
  currency: z.string(),
  method: z.string().nullable(),
  paid_at: z.string().nullable(),
  note: z.string().nullable().openapi({ description: 'How the customer left the payment page, or why it was refused' }),
});

const AddressWire = z.object({
  name: z.string(),
  email: z.string(),
  phone: z.string(),
  street1: z.string(),
  city: z.string(),
  zip_code: z.string(),
  state: z.string().nullable(),
  country: z.string(),
});

export const OrderWire = z
  .object({
    order_number: z.string(),
    status: z.enum(ORDER_STATUSES),
    total: Sen,
    currency: z.string(),
    items: z.array(
      z.object({ product_id: z.string(), name: z.string(), quantity: z.int(), price: Sen, subtotal: Sen }),
    ),
    address: AddressWire.nullable().openapi({ description: 'Null once the person was erased' }),
    payments: z.array(PaymentWire),
    shipments: z.array(z.unknown()).openapi({ description: 'None yet: what ships is told by `order.paid`' }),
    status_history: z.array(z.object({ status: z.enum(ORDER_STATUSES), note: z.string(), at: z.string() })),
  })
  .openapi('Order');

export function orderWire({ order, stored, customer }: Pick<OrderSeen, 'order' | 'stored' | 'customer'>) {
  const { orderNumber: order_number, status, total, items, history } = order;
  return {
    order_number,
    status,
    total: total.minor,
    currency: total.currency,
    items: items.map(({ productId: product_id, name, quantity, unitMinor }) => ({
      product_id,
      name,
      quantity,
      price: unitMinor,
      subtotal: unitMinor * quantity,
    })),
    address: customer ? addressWire(customer) : null,
    payments: stored.booking.payments.map((payment) => paymentWire(stored.booking, payment)),
    shipments: [],
    status_history: history.map(({ at, ...turn }) => ({ status: turn.status, note: turn.note, at: at.toISOString() })),
  } satisfies z.output<typeof OrderWire>;
}

function paymentWire(booking: Booking, payment: Payment): z.output<typeof PaymentWire> {
  const { id, gateway, ref, amount, method, capturedAt, abandoned, lastDecline } = payment;
  const note = abandoned?.note ?? lastDecline?.message ?? null;
  return {
    id,
    gateway,
    gateway_payment_id: ref,
    status: orderPaymentStatusOf(booking, payment),
    amount: amount.minor,
    currency: amount.currency,
    method: method?.type ?? null,
    paid_at: capturedAt,
    // Of what went wrong before it was paid nobody need be told.
    note: capturedAt === null ? note : null,
  };
}

export const addressWire = ({ contact, address }: Travellers): z.output<typeof AddressWire> => ({
  name: `${contact.firstName} ${contact.familyName}`.trim(),
  email: contact.email,
  phone: contact.mobile,
  street1: address?.street ?? '',
  city: address?.city ?? '',
  zip_code: address?.zip ?? '',
  state: address?.state ?? null,
  country: address?.country ?? contact.country,
});

const OrderBrief = z.object({
  order_number: z.string(),
  status: z.enum(ORDER_STATUSES),
  total: Sen,
  currency: z.string(),
});

export const CheckoutWire = z
  .object({
    order: OrderBrief.nullable(),
    payment: PaymentWire.nullable(),
    cartSnapshot: z.object({ items: z.array(z.unknown()), conditions: z.array(z.unknown()), totals: z.unknown() }),
    customerSnapshot: AddressWire.nullable(),
    isCompleted: z.boolean(),
    isPending: z.boolean().openapi({ description: 'Money may be on its way: ask again in a moment' }),
  })
  .openapi('CheckoutResult');

/** Whoever has only the reference, which stands in links and histories, learns whose order it is by its outline alone. */
export function checkoutWire(seen: CheckoutSeen, inFull: boolean): z.output<typeof CheckoutWire> {
  const { stored, order, snapshot, customer, isCompleted, isPending } = seen;
  const payment = leadingPayment(stored.booking);
  const person = customer && addressWire(customer);
  return {
    order: order ? briefOf(order) : null,
    payment: payment ? paymentWire(stored.booking, payment) : null,
    cartSnapshot: { items: [...snapshot.items], conditions: [...snapshot.conditions], totals: snapshot.totals },
    customerSnapshot: person ? (inFull ? person : masked(person)) : null,
    isCompleted,
    isPending,
  };
}

const briefOf = ({ orderNumber: order_number, status, total }: StoredOrder): z.output<typeof OrderBrief> => ({
  order_number,
  status,
  total: total.minor,
  currency: total.currency,
});

type Person = z.output<typeof AddressWire>;

/** Whose it is can be recognised by who knows it, and by nobody else. */
export const masked = (person: Person): Person => ({
  name: person.name.replaceAll(/(?<=\S)\S/gu, '•'),
  email: person.email.replace(/(?<=^.)[^@]*/u, '•••'),
  phone: `•••${person.phone.slice(-2)}`,
  street1: '•••',
  city: person.city,
  zip_code: `•••${person.zip_code.slice(-2)}`,
  state: person.state,
  country: person.country,
});
