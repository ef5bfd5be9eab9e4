// Opening a purchase: what CHIP's page needs to know, and the proof that it will take exactly what was asked.
import { times } from '../../domain/money.ts';
import { GatewayUnreachable } from '../../domain/payment.ts';
import type { PaymentOrder, Payer, Started } from '../../domain/payment.ts';
import { readAs, wordsOf } from './chip-http.ts';
import type { ChipCall, ChipReply, Fault } from './chip-http.ts';
import { nameAtChip } from './chip-methods.ts';
import { purchaseWire } from './chip-wire.ts';
import type { PurchaseWire } from './chip-wire.ts';
import { recordsOf } from './records.ts';

export interface Shop {
  readonly brandId: string;
  /** Where CHIP tells that money was taken. Null where it could not reach us: then we ask. */
  readonly callbackUrl: string | null;
}

// Online banking takes no less than one ringgit.
export const minimumMinor = (currency: string): number => (currency === 'MYR' ? 100 : 0);

/**
 * Nothing names a purchase before CHIP has answered, so one whose answer was lost cannot be found again. Whoever asks again
 * gets another; nobody was ever told the address of the first, and it closes when its time is over.
 */
export async function start(call: ChipCall, shop: Shop, order: PaymentOrder): Promise<Started> {
  const { minor, currency } = order.amount;
  if (minor < minimumMinor(currency)) {
    const message = `CHIP takes no less than ${minimumMinor(currency)} minor units of ${currency}`;
    return { kind: 'refused', code: 'amount_too_small', message };
  }
  const reply = await call('POST', '/purchases/', bodyOf(order, shop));
  if (reply.kind === 'refused') return refusedBy(reply);
  const purchase = readAs(purchaseWire, reply.body);
  const asked = purchase.purchase;
  if (asked.total !== minor || asked.currency !== currency) return refuseOther(call, purchase, order);
  if (!purchase.checkout_url) throw new GatewayUnreachable(`CHIP gave no page for ${purchase.id}`);
  return { kind: 'redirect', ref: purchase.id, url: purchase.checkout_url, wireStatus: purchase.status };
}

const refusedBy = ({ fault }: Extract<ChipReply, { kind: 'refused' }>): Started =>
  fault.code === 'due_not_greater_than_now'
    ? TIME_OVER
    : { kind: 'refused', code: codeOf(fault), message: wordsOf(fault) };

/** Nobody came to it in time: a customer can do nothing with what CHIP says about a field that he never saw. */
const TIME_OVER = {
  kind: 'refused',
  code: 'time_over',
  message: 'The time to pay was over before the payment could be opened. Please try again.',
} as const;

/** Callers must know a currency that is not taken, to try another. */
const codeOf = ({ path, code }: Fault): string => (/(^|\.)currency$/.test(path) ? 'currency_not_supported' : code);

/** Nobody has its address yet; should it not be let go of now, its time will be over like any other's. */
async function refuseOther(call: ChipCall, { id, purchase }: PurchaseWire, { amount }: PaymentOrder): Promise<Started> {
  await call('POST', `/purchases/${encodeURIComponent(id)}/cancel/`).catch((error: unknown) => {
    if (!(error instanceof GatewayUnreachable)) throw error;
  });
  const made = `${purchase.total} ${purchase.currency}`;
  const message = `CHIP would take ${made} where ${amount.minor} ${amount.currency} was asked`;
  return { kind: 'refused', code: 'amount_differs', message };
}

const LONGEST = { name: 256, reference: 128, email: 254, person: 128, phone: 32, place: 128, zip: 32 } as const;

function bodyOf(order: PaymentOrder, { brandId, callbackUrl }: Shop) {
  const { payer, returnUrls, methods } = order;
  if (!payer) throw new Error(`${order.paymentId} says not who pays on CHIP's page`);
  if (!returnUrls) throw new Error(`${order.paymentId} says nowhere to return to from CHIP's page`);
  return {
    brand_id: brandId,
    client: clientOf(payer),
    purchase: { ...priceOf(order), due_strict: true, metadata: recordsOf(order) },
    reference: order.reference.slice(0, LONGEST.reference),
    due: Math.floor(Date.parse(order.expiresAt) / 1000),
    skip_capture: order.capture === 'manual',
    // The customer hears from us, once we know.
    send_receipt: false,
    platform: 'api',
    creator_agent: 'Holdfast',
    success_redirect: returnUrls.success,
    failure_redirect: returnUrls.failure,
    cancel_redirect: returnUrls.cancel,
    ...(callbackUrl !== null && { success_callback: callbackUrl }),
    ...(methods.length > 0 && { payment_method_whitelist: [...new Set(methods.map(nameAtChip))] }),
  };
}

/** Vouchers and shipping are no lines: where these do not make up the price, the price is said as such. */
function priceOf({ amount, lines, description }: PaymentOrder) {
  const shown = lines.length > 0 ? lines : [{ name: description, count: 1, unit: amount }];
  const sum = shown.reduce((total, { unit, count }) => total + times(unit, count).minor, 0);
  return {
    currency: amount.currency,
    products: shown.map(({ name, count, unit }) => ({
      name: name.slice(0, LONGEST.name),
      quantity: String(count),
      price: unit.minor,
    })),
    ...(sum !== amount.minor && { total_override: amount.minor }),
  };
}

function clientOf({ name, email, phone, street, city, zip, state, country }: Payer) {
  const place = {
    street_address: street?.slice(0, LONGEST.place),
    city: city?.slice(0, LONGEST.place),
    zip_code: zip?.slice(0, LONGEST.zip),
    state: state?.slice(0, LONGEST.place),
  };
  return {
    email: email.slice(0, LONGEST.email),
    full_name: name.slice(0, LONGEST.person),
    phone: phone.slice(0, LONGEST.phone),
    country,
    ...Object.fromEntries(Object.entries(place).filter(([, text]) => text)),
  };
}
