// The shapes of Klook's bodies, read tolerantly: both spellings, numbers or decimal strings, unknown fields ignored.
import { z } from 'zod';
import { SupplierUnreachable } from '../../domain/supply.ts';
import { formatMajor, isCurrency, parseMajor } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import type { ExtraInfo, SupplyOrder, SupplyRequest } from '../../domain/supply.ts';

const id = z.union([z.string().min(1), z.int()]).transform(String);
const amount = z.union([z.string(), z.number()]);
const words = z.string().nullish().catch(null);
const currency = z
  .string()
  .transform((text) => text.toUpperCase())
  .refine(isCurrency);

/** What is not there yet may be missing, null or an empty text; where a number names something, also 0. */
const ifTold = <S extends z.ZodType>(schema: S) => z.union([z.literal('').transform(() => null), schema]).nullish();
const idIfTold = z.union([z.literal(['', 0]).transform(() => null), id]).nullish();
const timeIfTold = ifTold(z.string());

const skuWire = z
  .object({ sku_id: idIfTold, count: z.coerce.number().int().nullish(), quantity: z.coerce.number().int().nullish() })
  .transform(({ sku_id, count, quantity }) => ({ skuId: sku_id ?? '', count: count || quantity || 0 }));

const itemWire = z.object({
  package_id: idIfTold,
  start_time: timeIfTold,
  sku_list: z.array(skuWire).nullish(),
});

const contact = z.union([
  z.string(),
  z.record(z.string(), z.unknown()).transform((parts) => Object.values(parts).filter(isText).join(' ')),
]);

const codeWire = z.union([
  z.object({ code: idIfTold, description: words }),
  idIfTold.transform((code) => ({ code, description: null })),
]);
/** A code still to come may stand there empty. */
const codesWire = z
  .array(codeWire)
  .transform((codes) => codes.flatMap(({ code, description }) => (code ? [{ code, description }] : [])));

export const lineWire = z.object({
  activity_name: words,
  package_name: words,
  voucher_url: words,
  booking_ref_number: idIfTold,
  operator_contacts: z.array(contact).nullish().catch(null),
  original_vouchers: z.array(z.object({ codes: codesWire.nullish() })).nullish(),
  package_id: idIfTold,
  start_time: timeIfTold,
  skus: z.array(skuWire).nullish(),
});
export type LineWire = z.output<typeof lineWire>;

const refundAmounts = z.object({ refund_amount: ifTold(amount), transaction_fee: ifTold(amount) });

const cancelFields = z.object({
  status: words,
  refund_id: idIfTold.catch(null),
  cancelation_id: idIfTold.catch(null),
  cancellation_id: idIfTold.catch(null),
  ...refundAmounts.shape,
  currency: ifTold(currency),
  // Go and MySQL write the year 1 or 0 for never.
  cancel_confirm_time: words.transform((text) => (text?.startsWith('000') ? null : text)),
  finance_info: z
    .object({ ...refundAmounts.shape, currency: ifTold(currency) })
    .transform((finance) => (finance.currency || hasAmount(finance) ? finance : null))
    .nullish()
    .catch(null),
  message: words,
});
export type CancelWire = z.output<typeof cancelFields>;

/** Null when nobody asked: that may be told as nothing, as an empty array, or as a request of empty fields. */
export const cancelWire = z
  .preprocess((told) => {
    const first: unknown = Array.isArray(told) ? told[0] : told;
    return typeof first === 'object' ? first : null;
  }, cancelFields.nullish())
  .transform((request) => (request && isFilled(request) ? request : null));

function isFilled(request: CancelWire): boolean {
  const { status, cancel_confirm_time, refund_id, cancelation_id, cancellation_id, finance_info } = request;
  const said = [status, cancel_confirm_time, refund_id, cancelation_id, cancellation_id];
  return said.some(Boolean) || hasAmount(request) || hasAmount(finance_info ?? {});
}

function hasAmount({ refund_amount, transaction_fee }: z.output<typeof refundAmounts>): boolean {
  return Number(refund_amount ?? 0) !== 0 || Number(transaction_fee ?? 0) !== 0;
}

/** What names an order: the word differs between Klook's versions, the number does not. */
const orderNumber = {
  klook_order_no: idIfTold,
  order_id: idIfTold,
  klktech_order_id: idIfTold,
};

export const orderWire = z.object({
  ...orderNumber,
  agent_order_id: idIfTold,
  total_amount: amount,
  currency,
  confirm_status: z.string(),
  transaction_status: words,
  pay_by: words,
  package_id: idIfTold,
  start_time: timeIfTold,
  skus: z.array(skuWire).nullish(),
  items: z.array(itemWire).nullish(),
  bookings: z.array(lineWire).nullish(),
  cancelation_request: cancelWire,
  cancellation_request: cancelWire,
});
export type OrderWire = z.output<typeof orderWire>;

export const placedWire = z.object({
  ...orderNumber,
  total_amount: ifTold(amount),
  currency: ifTold(currency),
  pay_by: words,
});

export const paidWire = z.object({ transaction_status: words });

export const duplicateWire = z.object({
  ...orderNumber,
  error: z.object(orderNumber).nullish().catch(null),
});

const checkedSku = z.object({
  sku_id: id,
  price: amount.nullish(),
  currency: currency.nullish(),
  available: z.boolean().nullish(),
  inventory: z.coerce.number().nullish().catch(null),
});
export type CheckedSku = z.output<typeof checkedSku>;

export const availabilityWire = z.object({
  currency: currency.nullish(),
  total_amount: amount.nullish(),
  items: z.array(z.object({ package_id: id, currency: currency.nullish(), sku_list: z.array(checkedSku) })),
});

export const priceChangeWire = z.object({
  error: z.object({ details: z.array(z.object({ sku_id: id, price: amount, currency })) }),
});

export const listWire = z.object({
  // Beside orders, 0 is not their number but a field left empty.
  total: z.coerce
    .number()
    .int()
    .nullish()
    .transform((count) => count || null),
  bookings: z.array(z.unknown()),
});

const unnamed = idIfTold.catch(null);
const namesWire = z.object({
  klook_order_no: unnamed,
  order_id: unnamed,
  klktech_order_id: unnamed,
  agent_order_id: unnamed,
});

/** Whose an entry of a list is, and which; others have orders there too, of shapes that we cannot read. */
export function namesIn(entry: unknown): { ourRef: string; orderNo: string | undefined } {
  const names = namesWire.safeParse(entry).data ?? {};
  return { ourRef: names.agent_order_id ?? '', orderNo: numberOf(names) };
}

export const balanceWire = z.object({ remaining_balance: amount, currency });

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** An answer we cannot read is an answer we did not get: the effect is unknown. */
export function readAs<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new SupplierUnreachable('Klook gave an answer of unexpected shape', { cause: parsed.error });
}

/** Some answers come bare, some wrapped in `data`. */
export function contentOf(body: Readonly<Record<string, unknown>>): unknown {
  const { data } = body;
  return typeof data === 'object' && data !== null ? data : body;
}

export function readMoney(text: string | number, currencyOfIt: string): Money {
  const read = parseMajor(text, currencyOfIt);
  if (read) return read;
  throw new SupplierUnreachable(`Klook named an amount that is none: ${text} ${currencyOfIt}`);
}

export function numberOf(order: { [K in keyof typeof orderNumber]?: string | null | undefined }): string | undefined {
  return order.klook_order_no ?? order.order_id ?? order.klktech_order_id ?? undefined;
}

/** Klook writes UTC without saying so: "2026-11-21 09:30:00". */
export function isoFromUtc(text: string | null | undefined): string | null {
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?Z?$/.exec(text ?? '');
  const time = new Date(match ? `${match[1]}T${match[2]}Z` : Number.NaN);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

export const utcFromDate = (time: Date): string => time.toISOString().slice(0, 19).replace('T', ' ');

/** Without a price Klook takes, and tells, the current one. */
export function checkBody({ packageId, startTime, items }: SupplyRequest): unknown {
  const skus = items.map(({ skuId, count }) => ({ sku_id: skuId, count, price: '' }));
  return [{ package_id: packageId, start_time: startTime, sku_list: skus }];
}

export function orderBody(order: SupplyOrder): unknown {
  const { contact: person } = order;
  return {
    agent_order_id: order.ourRef,
    contact_info: {
      country: person.country,
      email: person.email,
      first_name: person.firstName,
      family_name: person.familyName,
      mobile: person.mobile,
    },
    items: [
      {
        package_id: order.packageId,
        start_time: order.startTime,
        sku_list: order.items.map(({ skuId, count, unitNet }) => ({
          sku_id: skuId,
          count,
          price: formatMajor(unitNet),
        })),
        booking_extra_info: order.bookingExtra.map(extraBody),
        unit_extra_info: order.unitExtra.map((unit) => unit.map(extraBody)),
      },
    ],
  };
}

function extraBody({ key, content, selected, inputType }: ExtraInfo): unknown {
  return { key, content, selected, input_type: inputType };
}
