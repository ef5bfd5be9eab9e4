// An activity of Klook's as a customer wants to book it: checked against the server's price and the supplier's word, read-only.
import { holdsSupplierOrder } from '../../db/intake.ts';
import { instantOf } from '../../domain/local-time.ts';
import { equals, formatMajor, isCurrency, parseMajor } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import { chargeOf, markupWithin, netOf, readCharge, sameMarkup } from '../../domain/pricing.ts';
import type { AmountFault } from '../../domain/pricing.ts';
import type { ActivityProduct } from '../../domain/product.ts';
import { ACTIVITY_GATEWAY } from '../../domain/routing.ts';
import { BACK_OFFICE } from '../auth.ts';
import { VisibleError } from '../errors.ts';
import { canonicalJson, hashOf } from '../http/canonical.ts';
import { refused } from './activity-order.ts';
import type { ActivityOrder, Buyer, Offer } from './activity-order.ts';
import { adoptable, notAdoptable } from './adoption.ts';
import type { Desk } from './desk.ts';
import type { Identity, Opening, OpenRequest, Prepared } from './open-request.ts';
import { openBooking } from './opening.ts';
import { agreedTerms } from './refund-terms.ts';
import type { AgreedTerms } from './refund-terms.ts';
import { askSupplier, currentLines } from './supply-check.ts';

const PAY_BY_MARGIN_MS = 5 * 60_000;

export interface ActivityBooking
  extends Pick<OpenRequest, 'wire' | 'storefront' | 'ownerSub' | 'heldKey' | 'render'>, Buyer {
  readonly order: ActivityOrder;
}

export function bookActivity(desk: Desk, { order, principal, field, ...rest }: ActivityBooking): Promise<Opening> {
  return openBooking(desk, {
    ...rest,
    bodyHash: hashOf(canonicalJson(order)),
    identity: identityOf(order),
    prepare: () => prepareActivity(desk, order, { principal, field }),
  });
}

function identityOf({ agentOrderId, orderNo }: ActivityOrder): Identity {
  if (agentOrderId !== null) return { kind: 'external', id: agentOrderId };
  return orderNo === null ? { kind: 'body' } : { kind: 'supplier_order', orderNo };
}

/** What needs no supplier comes first: bad input calls nothing. */
async function prepareActivity(desk: Desk, order: ActivityOrder, buyer: Buyer): Promise<Prepared> {
  mustLieAhead(desk, order, buyer);
  if (order.currency !== null && order.amount !== null)
    refuseUnchargeable(desk, { text: order.amount, currency: order.currency }, buyer);
  refuseForeignMarkup(desk, order, buyer);
  const [offer, terms] = await Promise.all([
    order.orderNo === null ? freshOffer(desk, order, buyer) : adoptedOffer(desk, order, order.orderNo),
    agreedTerms(desk, order),
  ]);
  const { timezone } = terms;
  const serviceAt = mustLieAhead(desk, { ...order, timezone }, buyer);
  const price = priceOf(desk, { order, offer, buyer });
  return preparedOf(desk, { order, offer, terms, price, serviceAt });
}

function mustLieAhead({ clock }: Desk, { startTime, timezone }: ActivityOrder, buyer: Buyer): Date {
  const serviceAt = new Date(instantOf(startTime, timezone));
  if (serviceAt <= clock()) throw refused(buyer, 'schedule.start_time', 'The activity has begun already.');
  return serviceAt;
}

function refuseForeignMarkup({ config }: Desk, { markup }: ActivityOrder, buyer: Buyer): void {
  if (BACK_OFFICE.includes(buyer.principal.role) || sameMarkup(markup, config.pricing.markup)) return;
  throw refused(buyer, 'markup', 'This is not the markup that applies.');
}

async function freshOffer(desk: Desk, order: ActivityOrder, buyer: Buyer): Promise<Offer> {
  const lines = await currentLines(desk, order, buyer);
  return { net: netOf(lines), lines, orderNo: null, ourRef: null, payBy: null };
}

async function adoptedOffer(desk: Desk, order: ActivityOrder, orderNo: string): Promise<Offer> {
  const fact = await askSupplier(() => desk.suppliers.klook.look(orderNo));
  if ('kind' in fact)
    throw new VisibleError('not_found', 'The supplier does not know this order.', { code: 'order_not_found' });
  const offer = adoptable(fact, order);
  if (!offer || (await holdsSupplierOrder(desk.db, fact))) {
    throw notAdoptable();
  }
  if (offer.payBy && offer.payBy.getTime() - PAY_BY_MARGIN_MS <= desk.clock().getTime()) {
    throw new VisibleError('conflict', 'Too little time is left to pay this order.', { code: 'order_expired' });
  }
  return offer;
}

interface Price {
  readonly charge: Money;
  readonly fxRate: string | null;
}

interface Pricing {
  readonly order: ActivityOrder;
  readonly offer: Offer;
  readonly buyer: Buyer;
}

function priceOf(desk: Desk, { order, offer, buyer }: Pricing): Price {
  const { markupMin: min, markupMax: max, fxRates } = desk.config.pricing;
  const { net } = offer;
  const currency = order.currency ?? net.currency;
  const fxRate = currency === net.currency ? null : fxRates.get(`${net.currency}/${currency}`);
  if (fxRate === undefined)
    throw refused(buyer, 'currency', `Prices in ${net.currency} cannot be charged in ${currency}.`);
  if (net.minor <= 0) throw refused(buyer, 'items', 'A booking must cost something.');
  if (BACK_OFFICE.includes(buyer.principal.role) && !markupWithin(order.markup, net, { min, max })) {
    throw refused(buyer, 'markup', `The markup must lie between ${min} and ${max} percent of the net price.`);
  }
  const charge = chargeOf({ net, markup: order.markup, fxRate, currency });
  refuseUnchargeable(desk, { text: formatMajor(charge), currency }, buyer);
  const asked = order.amount === null ? charge : parseMajor(order.amount, currency);
  if (asked && equals(asked, charge)) return { charge, fxRate };
  throw refused(buyer, 'amount', `The price is ${formatMajor(charge)} ${currency}.`);
}

const AMOUNT_FAULTS: Record<AmountFault, string> = {
  not_an_amount: 'This is not an amount.',
  too_many_decimals: 'The currency does not have so many decimals.',
  not_positive: 'The amount must be above zero.',
  under_minimum: 'The amount is less than can be charged.',
  too_large: 'The amount is more than can be charged.',
};

interface Named {
  readonly text: string;
  readonly currency: string;
}

function refuseUnchargeable(desk: Desk, { text, currency }: Named, { field }: Buyer): void {
  const gateway = desk.gateways[ACTIVITY_GATEWAY];
  const minimum = isCurrency(currency) ? gateway.minimumMinor(currency) : 0;
  const read = readCharge(text, currency, minimum);
  if (typeof read !== 'string') return;
  throw new VisibleError('invalid', 'The request is not valid.', {
    fields: { [field('amount')]: [AMOUNT_FAULTS[read]] },
  });
}

interface Priced {
  readonly order: ActivityOrder;
  readonly offer: Offer;
  readonly terms: AgreedTerms;
  readonly price: Price;
  readonly serviceAt: Date;
}

function preparedOf(desk: Desk, { order, offer, terms, price, serviceAt }: Priced): Prepared {
  const { config, clock, keyring } = desk;
  const now = clock();
  const windowEnds = now.getTime() + config.paymentWindowMs.trektoo;
  const payByEnds = offer.payBy ? offer.payBy.getTime() - PAY_BY_MARGIN_MS : Infinity;
  const ownRef = offer.ourRef ?? order.agentOrderId;
  const { fxRate, charge } = price;
  return {
    booking: {
      kind: 'activity',
      mailHash: keyring.blindIndex(order.travellers.contact.email),
      chargeMinor: charge.minor,
      currency: charge.currency,
      netMinor: offer.net.minor,
      netCurrency: offer.net.currency,
      ...(fxRate === null ? {} : { fxRate, fxSource: 'FX_RATES', fxAt: now }),
      serviceAt,
      serviceLocal: order.startTime,
      serviceZone: terms.timezone,
      expiresAt: new Date(Math.min(windowEnds, payByEnds)),
    },
    product: (number) => productOf(desk, { order, offer, terms, agentOrderId: ownRef ?? number }),
    externalId: ownRef,
    travellers: order.travellers,
    supplierOrderNo: offer.orderNo,
  };
}

interface Sold {
  readonly order: ActivityOrder;
  readonly offer: Offer;
  readonly terms: AgreedTerms;
  readonly agentOrderId: string;
}

function productOf({ config }: Desk, { order, offer, terms, agentOrderId }: Sold): ActivityProduct {
  const { activityId, activityName, packageId, packageName, startTime, markup } = order;
  return {
    kind: 'activity',
    activityId,
    activityName,
    packageId,
    packageName,
    startTime,
    timezone: terms.timezone,
    items: offer.lines.map(({ skuId, name, count, unitNet }) => ({ skuId, name, count, unitNet })),
    markup,
    agentOrderId,
    adoptedOrderNo: offer.orderNo,
    orderWhen: config.klook.orderWhen,
    captureWhen: config.klook.captureWhen,
    acceptedNet: offer.net,
    priceTolerancePercent: config.pricing.tolerancePercent,
    refundPolicy: terms.refundPolicy,
  };
}
