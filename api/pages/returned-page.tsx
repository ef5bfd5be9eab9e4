/** @jsxImportSource hono/jsx */
// What a customer sees who is back from the payment page: what became of the money, and what to do next.
import type { Child } from 'hono/jsx';
import { holdsMoney, leadingPayment } from '../../domain/booking.ts';
import { money } from '../../domain/money.ts';
import { strayTaken, tripOf } from '../../domain/trip.ts';
import type { CheckoutSeen } from '../bookings.ts';
import { ShopPage } from './layout.tsx';
import { priceWords } from './words.ts';

interface Props {
  readonly brand: string;
  readonly seen: CheckoutSeen;
  readonly cartCount: number;
}

export const ReturnedPage = ({ brand, seen, cartCount }: Props) => {
  const { title, lines, next } = wordsFor(seen);
  return (
    <ShopPage title={title} brand={brand} cartCount={cartCount}>
      <h1>{title}</h1>
      <section class={`note ${seen.isCompleted ? 'done' : seen.isPending ? 'changed' : 'problem'}`} role="status">
        {lines.map((line) => (
          <p>{line}</p>
        ))}
      </section>
      <Goods seen={seen} />
      <p>{next}</p>
    </ShopPage>
  );
};

interface Words {
  readonly title: string;
  readonly lines: readonly string[];
  readonly next: Child;
}

function wordsFor({ order, stored, isCompleted, isPending }: CheckoutSeen): Words {
  const { booking } = stored;
  const { phase } = booking;
  const back = <a href="/cart">Back to the shop</a>;
  if (order && phase === 'cancelled' && !tripOf(booking).refunds.some(({ status }) => holdsMoney(status)))
    return {
      title: 'Your order is cancelled',
      lines: [`Order ${order.orderNumber}. What comes back by its terms stands in our mail.`],
      next: back,
    };
  if (order && (phase === 'refunded' || phase === 'cancelled'))
    return {
      title: 'Your order was given back',
      lines: [`Order ${order.orderNumber}. Your money is on its way back to you.`],
      next: back,
    };
  if (order && isCompleted)
    return {
      title: 'Thank you: your order is paid',
      lines: [`Order ${order.orderNumber}. We have sent you a confirmation by mail.`],
      next: back,
    };
  if (isPending)
    return {
      title: 'One moment: we are waiting for your bank',
      lines: ['Your payment is being confirmed. This page looks again by itself; you need not pay again.'],
      next: back,
    };
  if (strayTaken(booking))
    return {
      title: 'Your payment was not what we asked for',
      lines: ['It goes back to you in full.'],
      next: again,
    };
  if (phase === 'refunded' || phase === 'cancelled' || isTaken(booking))
    return {
      title: 'This payment is closed',
      lines: ['What was paid, if anything, goes back to you in full.'],
      next: again,
    };
  return { title: 'Nothing was paid', lines: [reasonOf(booking)], next: again };
}

const again = (
  <a class="button main-button" href="/checkout">
    Try again
  </a>
);

type Booking = CheckoutSeen['stored']['booking'];

const isTaken = ({ payments }: Booking): boolean =>
  payments.some(({ capturedAt, ofEarlierTrip }) => capturedAt !== null && !ofEarlierTrip);

function reasonOf(booking: Booking): string {
  const payment = leadingPayment(booking);
  if (payment?.abandoned?.as === 'cancelled') return 'You left the payment page. Your cart is as it was.';
  return 'The payment did not go through, and no money was taken. Your cart is as it was: please try again, or pay another way.';
}

const Goods = ({ seen: { snapshot, stored } }: { seen: CheckoutSeen }) => {
  const { currency } = stored.booking.charge;
  return (
    <section class="card" aria-labelledby="goods">
      <h2 id="goods">What it is for</h2>
      <ul class="goods">
        {snapshot.items.map(({ name, quantity, subtotal }) => (
          <li>
            <span>
              {quantity} × {name}
            </span>
            <span class="sum">{priceWords(money(subtotal, currency))}</span>
          </li>
        ))}
        {snapshot.conditions.map(({ name, amount }) => (
          <li>
            <span>{name}</span>
            <span class="sum">{priceWords(money(amount, currency))}</span>
          </li>
        ))}
      </ul>
      <dl class="totals">
        <div class="grand">
          <dt>Total</dt>
          <dd>{priceWords(money(snapshot.totals.total, currency))}</dd>
        </div>
      </dl>
    </section>
  );
};
