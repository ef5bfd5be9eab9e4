// The fields of an activity booking as the seed's frontend sends them; the native API takes the same ones as its product.
import { z } from '@hono/zod-openapi';
import { isLocalTime, isTimeZone } from '../../domain/local-time.ts';
import { MAX_MINOR, parseDecimal } from '../../domain/money.ts';
import { plainDecimal } from '../../domain/pricing.ts';
import type { ActivityOrder } from './activity-order.ts';

const SHORT = 200;
const LONG = 2_000;
const text = (max = SHORT) => z.string().trim().min(1).max(max);
/** Klook's ids come as numbers from some clients and as text from others. */
const id = z.union([text(64), z.int().nonnegative()]).transform(String);
const decimal = (message: string) =>
  z
    .union([z.string().trim().max(32), z.number().transform(String)])
    .refine((value) => parseDecimal(value) !== undefined, message)
    .transform(plainDecimal);

const price = decimal('A price is a decimal such as 42.50, not below zero').refine(
  (value) => Number(value) <= MAX_MINOR,
  'The price is too large',
);

/** Kept as it was sent: what is wrong with an amount depends on its currency. */
export const amountWire = z.union([z.string().trim().min(1).max(32), z.number()]).transform((value) => {
  const written = String(value);
  return parseDecimal(written) ? plainDecimal(written) : written;
});

export const currencyWire = z
  .string()
  .trim()
  .regex(/^[A-Za-z]{3}$/, 'A currency is three letters')
  .transform((code) => code.toUpperCase());

export const markupWire = z.object({
  type: z.enum(['percent', 'fixed']),
  value: decimal('A markup is a decimal, not below zero'),
});

const ExtraInfo = z
  .object({
    key: text(),
    content: z.string().max(LONG).default(''),
    selected: z
      .array(z.object({ key: text() }))
      .max(50)
      .nullish(),
    input_type: z.string().max(SHORT).default('text'),
  })
  .transform(({ key, content, selected, input_type }) => ({
    key,
    content,
    selected: selected ?? null,
    inputType: input_type,
  }));
const Extras = z.array(ExtraInfo).max(100);

/** One list per unit; a flat list is the one unit's. */
const UnitExtras = z
  .array(z.union([ExtraInfo, Extras]))
  .max(100)
  .transform((units) => {
    const flat = units.flatMap((unit) => (Array.isArray(unit) ? [] : [unit]));
    const nested = units.flatMap((unit) => (Array.isArray(unit) ? [unit] : []));
    return flat.length > 0 ? [flat, ...nested] : nested;
  });

export const contactWire = z.object({
  first_name: text(),
  family_name: text(),
  email: z.email().max(320),
  mobile: text(40),
  country: text(64),
});

const Passenger = z
  .object({
    first_name: text(),
    family_name: text(),
    type: z.string().trim().max(40).nullish(),
    otherinfo: Extras.nullish(),
  })
  .transform(({ first_name, family_name, type, otherinfo }) => ({
    firstName: first_name,
    familyName: family_name,
    type: type ?? null,
    otherInfo: otherinfo ?? [],
  }));

const Item = z
  .object({ sku_id: id, name: z.string().trim().max(SHORT).nullish(), count: z.int().min(1).max(99), price })
  .transform(({ sku_id, name, count, price: unitPrice }) => ({
    skuId: sku_id,
    name: name ?? '',
    count,
    price: unitPrice,
  }));

const Items = z
  .array(Item)
  .min(1)
  .max(20)
  .superRefine((items, context) => {
    items.forEach(({ skuId }, index) => {
      if (items.findIndex((other) => other.skuId === skuId) === index) return;
      context.addIssue({ code: 'custom', path: [index, 'sku_id'], message: 'Each SKU is listed once, with its count' });
    });
  });

/** Later tries at the supplier are named -r1, -r2 …, so nobody else may use such a name. */
const agentOrderId = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'Letters, digits, dots, dashes and underscores, 64 at most')
  .refine((value) => !/-r\d+$/.test(value), 'It must not end in -r and a number');

export const activityFields = {
  order_id: id.nullish(),
  agent_order_id: agentOrderId.nullish(),
  activity: z.object({
    activity_id: id,
    activity_name: text(),
    package_id: id,
    package_name: text(),
    cancellation_policy: z.string().trim().max(LONG).nullish().openapi({
      description:
        'Klook’s own text, or one that means the same. Left out, Klook’s policy applies; any other text makes the booking non-refundable, and so does a policy Klook does not tell.',
    }),
  }),
  schedule: z.object({
    start_time: z.string().refine(isLocalTime, 'A start time reads YYYY-MM-DD HH:MM:SS'),
    timezone: z.string().max(64).refine(isTimeZone, 'A time zone is an IANA name such as Asia/Hong_Kong'),
  }),
  items: Items,
  passengers: z.array(Passenger).min(1).max(99),
  booking_extra_info: Extras.nullish(),
  unit_extra_info: UnitExtras.nullish(),
};

const ActivityFields = z.object({ ...activityFields, contact_info: contactWire });

export type Terms = Pick<ActivityOrder, 'currency' | 'amount' | 'markup'>;

export function activityOrderOf(fields: z.output<typeof ActivityFields>, terms: Terms): ActivityOrder {
  const { activity, schedule, contact_info: contact } = fields;
  return {
    ...terms,
    orderNo: fields.order_id ?? null,
    agentOrderId: fields.agent_order_id ?? null,
    activityId: activity.activity_id,
    activityName: activity.activity_name,
    packageId: activity.package_id,
    packageName: activity.package_name,
    cancellationPolicy: activity.cancellation_policy || null,
    startTime: schedule.start_time,
    timezone: schedule.timezone,
    items: fields.items,
    travellers: {
      contact: {
        firstName: contact.first_name,
        familyName: contact.family_name,
        email: contact.email,
        mobile: contact.mobile,
        country: contact.country,
      },
      passengers: fields.passengers,
      bookingExtra: fields.booking_extra_info ?? [],
      unitExtra: fields.unit_extra_info ?? [],
    },
  };
}
