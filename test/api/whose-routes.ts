// What each route has to do with bookings, and how it refuses whom the booking does not concern. A route without a line fails the test.
import { createBookingExample } from '../../api/native/requests.ts';
import { CUSTOMER_EXAMPLE } from '../../api/storefronts/cart/customer.ts';
import { CREATE_EXAMPLE } from '../../api/storefronts/dreamscape/requests.ts';
import { BOOKING_EXAMPLE } from '../../api/storefronts/travello/bookings.ts';
import { createIntentExample } from '../../api/storefronts/trektoo/requests.ts';
import type { Storefront } from '../../domain/booking.ts';

/** A booking of alice's with every name it goes by. */
export interface Held {
  readonly storefront: Storefront;
  readonly id: string;
  /** Our reference at the supplier, or the other house's id. */
  readonly externalId: string;
  readonly intent: string;
  /** As customers say it; of a cart the number of its order. */
  readonly number: string;
  /** What it was bought from, where that was a cart. */
  readonly cart?: string;
}

export interface Asking {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** About one booking. */
interface One {
  readonly kind: 'one';
  /** Whose bookings it knows; the native API knows everybody's. */
  readonly of: Storefront | 'all';
  /** The least role that gets anywhere; a customer of theirs is refused even his own. */
  readonly role: 'customer' | 'service' | 'staff';
  readonly ask: (held: Held) => Asking;
  /** What another customer is told, and who has a token for another storefront. */
  readonly refusal: 403 | 404;
}

/** Makes a booking: what somebody else has under that name is neither given nor said. */
interface Claim {
  readonly kind: 'claim';
  readonly of: Storefront;
  readonly role: 'customer' | 'service';
  readonly ask: (held: Held, asker: string) => Asking;
  /** 201: everybody has a booking of his own. */
  readonly answer: 201 | 404 | 409;
}

/** Shows bookings of several people to each of them. */
interface List {
  readonly kind: 'list';
  readonly ask: (held: Held) => Asking;
}

/** Stands in links, so it says to anybody what became of it, and of its customer an outline. */
interface Outline {
  readonly kind: 'outline';
  readonly of: Storefront;
  readonly ask: (held: Held) => Asking;
}

/** Has nothing to do with anybody's booking. */
interface None {
  readonly kind: 'none';
  readonly because: string;
}

export type Line = One | Claim | List | Outline | None;

/** Bookings here are numbers; those of others have names that are none, and stand for a number that nobody has. */
const numberOf = ({ storefront, externalId }: Held): number =>
  storefront === 'travello' ? Number(externalId) : 987_654;

const none = (because: string): None => ({ kind: 'none', because });
const publicRoute = none('public, the same for everybody');
const signed = none('only who knows the secret can sign; it answers nothing');
const house = none('staff of the whole house');

const native = (ask: One['ask'], role: One['role'] = 'customer'): One => ({
  kind: 'one',
  of: 'all',
  role,
  ask,
  refusal: 403,
});
const get = (suffix: string, role?: One['role']) => native(({ id }) => ({ path: `/v1/bookings/${id}${suffix}` }), role);
const post = (suffix: string, body: unknown, role?: One['role']) =>
  native(({ id }) => ({ path: `/v1/bookings/${id}${suffix}`, body }), role);
const trektoo = (ask: One['ask'], role: One['role'] = 'customer'): One => ({
  kind: 'one',
  of: 'trektoo',
  role,
  ask,
  refusal: 403,
});
const airport = (ask: One['ask']): One => ({ kind: 'one', of: 'airport', role: 'customer', ask, refusal: 403 });
const dreamscape = (ask: One['ask'], role: One['role'] = 'customer'): One => ({
  kind: 'one',
  of: 'dreamscape',
  role,
  ask,
  refusal: 403,
});

const travello = (ask: One['ask'], role: One['role'] = 'customer'): One => ({
  kind: 'one',
  of: 'travello',
  role,
  ask,
  refusal: 403,
});

/** Of what is nobody's of theirs others are told that there is none. A booking that came of no cart has none either. */
const goods = (ask: One['ask']): One => ({ kind: 'one', of: 'cart', role: 'customer', ask, refusal: 404 });
const cart = (suffix: string, body?: unknown) =>
  goods((held) => ({ path: `/carts/${held.cart ?? held.id}${suffix}`, body, headers: { 'If-Match': '"1"' } }));
const cameBack = (link: string): Outline => ({
  kind: 'outline',
  of: 'cart',
  ask: (held) => ({ path: `/checkout/${link}/${held.cart}`, headers: { Accept: 'application/json' } }),
});

const PAYMENT = '/api/v1/payment';
export const AIRPORT_WISH = { service: 'meet_assist', flight: 'HF 714', date: '2099-05-04', passengers: 3 };

export const WHOSE: Readonly<Record<string, Line>> = {
  'GET /livez': publicRoute,
  'GET /readyz': publicRoute,
  'GET /health': publicRoute,
  'POST /dev/tokens': none('there only where everybody may be anybody'),
  'POST /codec/encode': house,
  'POST /codec/decode': house,
  'GET /metrics': none('figures of the whole house, for services and staff'),
  'GET /v1/reconciliation': house,
  'POST /v1/reconciliation': house,
  'POST /v1/reconciliation/findings/{id}/explain': house,
  'GET /v1/erasures': house,
  'POST /v1/erasures': house,
  'GET /v1/inbox': house,
  'GET /v1/inbox/{id}': house,
  'POST /v1/inbox/{id}/replay': house,
  'POST /v1/inbox/replay': house,
  'GET /v1/payment-methods': publicRoute,
  'GET /v1/config': publicRoute,

  'GET /v1/bookings': { kind: 'list', ask: ({ id }) => ({ path: `/v1/bookings?q=${id}` }) },
  'POST /v1/bookings': {
    kind: 'claim',
    of: 'trektoo',
    role: 'customer',
    ask: ({ externalId }) => {
      const example = createBookingExample(new Date());
      const product = { ...example.product, agent_order_id: externalId };
      return { path: '/v1/bookings', body: { ...example, product } };
    },
    answer: 409,
  },
  'GET /v1/bookings/{id}': get(''),
  'GET /v1/bookings/{id}/events': get('/events'),
  'GET /v1/bookings/{id}/timeline': get('/timeline'),
  'GET /v1/bookings/{id}/refunds': get('/refunds'),
  'GET /v1/bookings/{id}/voucher.pdf': get('/voucher.pdf'),
  'GET /v1/bookings/{id}/vouchers/{n}.pdf': get('/vouchers/1.pdf'),
  'GET /v1/bookings/{id}/receipt.pdf': get('/receipt.pdf'),
  'GET /v1/bookings/{id}/evidence.pdf': get('/evidence.pdf', 'staff'),
  'POST /v1/bookings/{id}/cancel-quote': post('/cancel-quote', {}),
  'POST /v1/bookings/{id}/cancel': post('/cancel', { quoteId: 'cq_unknown' }),
  'POST /v1/bookings/{id}/resend': post('/resend', {}),
  'POST /v1/bookings/{id}/refunds': post('/refunds', { amount: 1, reason: 'asked' }, 'staff'),
  'POST /v1/bookings/{id}/refunds/{refundId}/approve': post('/refunds/rf_unknown/approve', {}, 'staff'),
  'POST /v1/bookings/{id}/refunds/{refundId}/withdraw': post('/refunds/rf_unknown/withdraw', {}, 'staff'),
  'POST /v1/bookings/{id}/mark-paid': post('/mark-paid', {}, 'staff'),
  'POST /v1/bookings/{id}/retry': post('/retry', {}, 'staff'),
  'POST /v1/bookings/{id}/resolve': post('/resolve', { outcome: 'done' }, 'staff'),
  'POST /v1/bookings/{id}/compensate': post('/compensate', {}, 'staff'),

  'POST /api/webhooks/stripe': signed,
  'GET /api/klook/balance': none("the house's own balance, for staff"),
  'POST /api/payments/klook/create-intent': {
    kind: 'claim',
    of: 'trektoo',
    role: 'customer',
    ask: ({ externalId }) => ({
      path: '/api/payments/klook/create-intent',
      body: { ...createIntentExample(new Date()), agent_order_id: externalId },
    }),
    answer: 409,
  },
  'GET /klook/order-status/{orderId}': trektoo(({ externalId }) => ({ path: `/klook/order-status/${externalId}` })),
  'GET /api/klook/order-status/{orderId}': trektoo(({ id }) => ({ path: `/api/klook/order-status/${id}` })),
  'GET /api/klook/bookings/{id}': trektoo(({ id }) => ({ path: `/api/klook/bookings/${id}` })),
  'GET /api/klook/bookings/{id}/vouchers': trektoo(({ id }) => ({ path: `/api/klook/bookings/${id}/vouchers` })),
  'POST /api/klook/bookings/{id}/vouchers': trektoo(({ id }) => ({
    path: `/api/klook/bookings/${id}/vouchers`,
    body: {},
  })),
  'GET /api/klook/bookings/{id}/vouchers/{n}.pdf': trektoo(({ id }) => ({
    path: `/api/klook/bookings/${id}/vouchers/1.pdf`,
  })),
  'GET /api/klook/bookings/{id}/receipt.pdf': trektoo(({ id }) => ({ path: `/api/klook/bookings/${id}/receipt.pdf` })),
  'POST /api/payments/klook/{orderNo}/retry': trektoo(
    ({ id }) => ({ path: `/api/payments/klook/${id}/retry`, body: {} }),
    'staff',
  ),

  'GET /products': publicRoute,
  'GET /cart': none("the browser's own cart"),
  'POST /cart': none("the browser's own cart"),
  'GET /checkout': none("the browser's own cart"),
  'POST /carts': none('everybody gets a new one'),
  'GET /carts/{id}': cart(''),
  'POST /carts/{id}/items': cart('/items', { product_id: 'enamel-mug', quantity: 1 }),
  'PATCH /carts/{id}/items/{itemId}': cart('/items/ci_unknown', { quantity: 2 }),
  'DELETE /carts/{id}/items/{itemId}': cart('/items/ci_unknown'),
  'POST /carts/{id}/conditions': cart('/conditions', { code: 'RM15OFF' }),
  'DELETE /carts/{id}/conditions/{name}': cart('/conditions/RM15OFF'),
  'GET /carts/{id}/payment-intent': cart('/payment-intent'),
  'GET /checkout/payment-methods': publicRoute,
  'POST /checkout': goods((held) => ({
    path: '/checkout',
    body: { cart_id: held.cart ?? held.id, customer: CUSTOMER_EXAMPLE },
  })),
  'GET /checkout/success/{reference}': cameBack('success'),
  'GET /checkout/failure/{reference}': cameBack('failure'),
  'GET /checkout/cancel/{reference}': cameBack('cancel'),
  'GET /orders/{order_number}': goods(({ number }) => ({ path: `/orders/${number}` })),
  'POST /webhooks/chip': signed,
  'POST /webhooks/chip/{webhook_id}': signed,
  'POST /dev/webhooks/chip/{event}': none('there only where the gateway is a stand-in of ours'),

  [`GET ${PAYMENT}/config`]: publicRoute,
  [`POST ${PAYMENT}/webhook`]: signed,
  [`POST ${PAYMENT}/create-intent`]: {
    kind: 'claim',
    of: 'dreamscape',
    role: 'service',
    ask: ({ externalId }, asker) => ({
      path: `${PAYMENT}/create-intent`,
      body: { ...CREATE_EXAMPLE, bookingId: externalId, userId: asker },
    }),
    answer: 404,
  },
  [`GET ${PAYMENT}/{paymentIntentId}`]: dreamscape(({ intent }) => ({ path: `${PAYMENT}/${intent}` })),
  [`POST ${PAYMENT}/cancel/{paymentIntentId}`]: dreamscape(({ intent }) => ({
    path: `${PAYMENT}/cancel/${intent}`,
    body: {},
  })),
  [`POST ${PAYMENT}/refund`]: dreamscape(
    ({ intent, externalId }) => ({
      path: `${PAYMENT}/refund`,
      body: { paymentIntentId: intent, amount: 1, reason: 'asked', bookingId: externalId, userId: 'alice' },
    }),
    'service',
  ),

  'GET /services': publicRoute,
  'POST /payment/webhook': signed,
  'POST /bookings': {
    kind: 'claim',
    of: 'airport',
    role: 'customer',
    ask: () => ({ path: '/bookings', body: AIRPORT_WISH }),
    answer: 201,
  },
  'GET /bookings/{id}': airport(({ id }) => ({ path: `/bookings/${id}` })),
  'POST /payment/create-payment-intent': airport(({ id }) => ({
    path: '/payment/create-payment-intent',
    body: { bookingId: id, amount: 450.99, currency: 'USD' },
  })),
  'POST /payment/confirm-payment': airport(({ id, intent }) => ({
    path: '/payment/confirm-payment',
    body: { paymentIntentId: intent, bookingId: id },
  })),
  'GET /payment/status/{bookingId}': airport(({ id }) => ({ path: `/payment/status/${id}` })),

  'GET /api/hotels/': publicRoute,
  'POST /api/payments/webhook/': signed,
  'POST /api/bookings/': {
    kind: 'claim',
    of: 'travello',
    role: 'customer',
    ask: () => ({ path: '/api/bookings/', body: BOOKING_EXAMPLE }),
    answer: 201,
  },
  'GET /api/bookings/{booking_id}/': travello((held) => ({ path: `/api/bookings/${numberOf(held)}/` })),
  'POST /api/payments/create-session/': travello((held) => ({
    path: '/api/payments/create-session/',
    body: { booking_id: numberOf(held) },
  })),
  'GET /api/payments/booking/{booking_id}/status/': travello((held) => ({
    path: `/api/payments/booking/${numberOf(held)}/status/`,
  })),
  'POST /api/bookings/{booking_id}/mark-paid/': travello(
    (held) => ({ path: `/api/bookings/${numberOf(held)}/mark-paid/`, body: {} }),
    'staff',
  ),
  'POST /api/bookings/{booking_id}/cancel/': travello(
    (held) => ({ path: `/api/bookings/${numberOf(held)}/cancel/`, body: {} }),
    'staff',
  ),
};
