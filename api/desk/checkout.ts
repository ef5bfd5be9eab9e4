// From a cart to the page where it is paid: an intent that stands is handed out again, any other is closed before a new one is made.
import { loadBooking } from '../../db/bookings.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { findCart, writeCartMetadata } from '../../db/carts.ts';
import type { StoredCart } from '../../db/carts.ts';
import { undecidedOf } from '../../db/checkouts.ts';
import { snapshotOf, totalOf } from '../../domain/cart.ts';
import type { CartSnapshot } from '../../domain/cart.ts';
import { REPLACING, standingOf } from '../../domain/intent.ts';
import type { IntentNote, IntentStanding, PaymentIntent } from '../../domain/intent.ts';
import { money } from '../../domain/money.ts';
import type { Travellers } from '../../domain/product.ts';
import { VisibleError } from '../errors.ts';
import { canonicalJson, hashOf } from '../http/canonical.ts';
import { answeredOf, notReady } from './asking.ts';
import type { Desk } from './desk.ts';
import type { JsonObject, OpenedBooking } from './open-request.ts';
import { bookService } from './service.ts';
import type { ServiceOrder } from './service.ts';

export interface CheckoutWish {
  readonly cartId: string;
  readonly ownerSub: string;
  readonly customer: Travellers;
  readonly paymentMethods: readonly string[];
}

export interface ToPay {
  readonly kind: 'to_pay';
  readonly intent: PaymentIntent;
  readonly reused: boolean;
}

export type Checkout =
  | ToPay
  /** Somebody changed it each time we had frozen it. */
  | { kind: 'cart_keeps_changing'; cart: StoredCart };

const TRIES = 3;

export async function checkOut(desk: Desk, wish: CheckoutWish): Promise<Checkout> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const cart = await cartFor(desk, wish.cartId);
    const { intent, standing } = await intentOn(desk, cart);
    if (intent && standing.valid && isAskedFor(intent, askedBy(wish))) return { kind: 'to_pay', intent, reused: true };
    refuseEmpty(desk, cart);
    const asked = { cartId: cart.id, version: cart.version, owner: wish.ownerSub, asked: askedBy(wish) };
    await closeOthers(desk, wish.cartId, hashOf(canonicalJson(asked)));
    const fresh = await openIntent(desk, { cart, wish, asked });
    const metadata = { ...cart.metadata, payment_intent: fresh };
    const noted = await writeCartMetadata(desk.db, { cartId: cart.id, version: cart.version, metadata });
    if (noted !== 'stale') return { kind: 'to_pay', intent: fresh, reused: false };
  }
  // What was frozen last is for a cart that is no more: nobody may pay it.
  await closeOthers(desk, wish.cartId, null);
  return { kind: 'cart_keeps_changing', cart: await cartFor(desk, wish.cartId) };
}

/** Of a forgotten person nothing is left to compare: whoever asks is somebody new. */
const isAskedFor = (intent: IntentNote, asked: string): intent is PaymentIntent =>
  intent.asked === asked && intent.checkout_url !== undefined;

export interface NotedIntent {
  readonly intent: IntentNote | undefined;
  /** The booking it is for. */
  readonly stored: StoredBooking | undefined;
  readonly standing: IntentStanding;
}

export async function intentOn(desk: Desk, { version: cartVersion, metadata }: StoredCart): Promise<NotedIntent> {
  const intent = intentIn(metadata);
  const stored = intent && (await loadBooking(desk.db, intent.booking_id));
  const standing = standingOf({ cartVersion, intent, booking: stored?.booking, now: desk.clock() });
  return { intent, stored, standing };
}

/** Written by this desk alone. */
const intentIn = (metadata: StoredCart['metadata']): IntentNote | undefined =>
  metadata['payment_intent'] as IntentNote | undefined;

async function cartFor(desk: Desk, cartId: string): Promise<StoredCart> {
  const cart = await findCart(desk.db, cartId);
  if (!cart) throw new VisibleError('not_found', 'There is no such cart.', { code: 'cart_not_found' });
  return cart;
}

function refuseEmpty({ gateways }: Desk, cart: StoredCart): void {
  if (cart.items.length === 0) throw new VisibleError('invalid', 'The cart is empty.', { code: 'cart_empty' });
  const least = money(gateways.chip.minimumMinor('MYR'), cart.currency);
  if (totalOf(cart).minor < least.minor)
    throw new VisibleError('unacceptable', `The least that can be paid is ${least.minor} sen.`, {
      code: 'total_too_small',
    });
}

const askedBy = ({ ownerSub, customer, paymentMethods }: CheckoutWish): string =>
  hashOf(canonicalJson({ ownerSub, customer, paymentMethods: paymentMethods.toSorted() }));

/** At most one payment of a cart can be made at any time: the gateway itself says that the others cannot. */
async function closeOthers(desk: Desk, cartId: string, ownHash: string | null): Promise<void> {
  for (const bookingId of await undecidedOf(desk.db, cartId, ownHash)) {
    const reply = await desk.door.cancel(bookingId, { actor: REPLACING, refundMinor: null, quoteId: null });
    if (reply.kind === 'gone') {
      if (await isYetToBegin(desk, bookingId)) throw notReady();
      continue;
    }
    if (answeredOf(reply).kind !== 'cancelled') throw await beingPaid(desk, bookingId);
  }
}

/** Its workflow could not be started with the request: the sweep does that later, and then opens its payment. */
async function isYetToBegin(desk: Desk, bookingId: string): Promise<boolean> {
  const stored = await loadBooking(desk.db, bookingId);
  return stored?.booking.phase === 'awaiting_payment' && stored.row.workflowSeenAt === null;
}

async function beingPaid(desk: Desk, bookingId: string): Promise<VisibleError> {
  const phase = (await loadBooking(desk.db, bookingId))?.booking.phase;
  if (phase === 'awaiting_payment' || phase === 'processing')
    return new VisibleError('conflict', 'The payment for this cart is being processed.', {
      code: 'payment_processing',
    });
  return new VisibleError('conflict', 'This cart was paid just now.', { code: 'already_paid' });
}

interface Freezing {
  readonly cart: StoredCart;
  readonly wish: CheckoutWish;
  /** Names the request: the same again, at the same moment even, is the same booking. */
  readonly asked: unknown;
}

async function openIntent(desk: Desk, { cart, wish, asked }: Freezing): Promise<PaymentIntent> {
  const snapshot = snapshotOf(cart);
  const opening = await bookService(desk, {
    storefront: 'cart',
    ownerSub: wish.ownerSub,
    heldKey: undefined,
    asked,
    identity: { kind: 'body' },
    order: async () => orderOf(cart, snapshot, wish),
    render: (opened) => intentWire(opened, { cart, snapshot, wish, at: desk.clock() }),
  });
  if (opening.kind === 'slow') throw notReady();
  // What `render` made of it, kept and read back by the desk.
  return opening.body as unknown as PaymentIntent;
}

const LONGEST_NAME = 120;

function orderOf(cart: StoredCart, snapshot: CartSnapshot, wish: CheckoutWish): ServiceOrder {
  const [first] = snapshot.items;
  const others = snapshot.items.length - 1;
  const name = `${first?.name ?? ''}${others > 0 ? ` and ${others} more` : ''}`.slice(0, LONGEST_NAME);
  const { id: cartId, version: cartVersion, currency } = cart;
  return {
    product: {
      name,
      option: null,
      when: null,
      items: snapshot.items.map((item) => ({
        name: item.name,
        count: item.quantity,
        unit: money(item.price, currency),
      })),
      refundPolicy: [],
      gateway: 'chip',
      payWhen: 'at_once',
      refs: { cart_id: cartId },
      order: { cartId, cartVersion, snapshot, paymentMethods: wish.paymentMethods },
    },
    charge: totalOf(cart),
    externalId: null,
    serviceAt: null,
    travellers: wish.customer,
  };
}

interface Frozen {
  readonly cart: StoredCart;
  readonly snapshot: CartSnapshot;
  readonly wish: CheckoutWish;
  readonly at: Date;
}

function intentWire(opened: OpenedBooking, { cart, snapshot, wish, at }: Frozen): JsonObject {
  const { stored, payment, redirectUrl } = opened;
  if (payment.ref === null || redirectUrl === null) throw notReady();
  const intent: PaymentIntent = {
    booking_id: stored.row.id,
    payment_id: payment.id,
    purchase_id: payment.ref,
    amount: payment.amount.minor,
    cart_version: cart.version + 1,
    cart_snapshot: snapshot,
    asked: askedBy(wish),
    created_at: at.toISOString(),
    status: 'created',
    checkout_url: redirectUrl,
    reference: cart.id,
  };
  return { ...intent };
}
