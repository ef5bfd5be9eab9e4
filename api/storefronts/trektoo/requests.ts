// What the seed's frontend sends, and what we understand by it.
import { z } from '@hono/zod-openapi';
import { activityFields, activityOrderOf, amountWire, contactWire, currencyWire, markupWire } from '../../bookings.ts';
import type { ActivityOrder } from '../../bookings.ts';

export const CreateIntent = z
  .object({
    ...activityFields,
    contact_info: contactWire,
    amount: amountWire.openapi({
      description: 'What the customer is charged, in major units: net + markup, rounded once, half up',
    }),
    currency: currencyWire,
    markup: markupWire,
  })
  .openapi('TrektooCreateIntent');

export function orderOf(body: z.output<typeof CreateIntent>): ActivityOrder {
  const { amount, currency, markup } = body;
  return activityOrderOf(body, { amount, currency, markup });
}

const EXAMPLE_LEAD_DAYS = 30;
const DAY_MS = 86_400_000;

/** Bookable as it stands: what Klook's stand-in sells, a month from now. */
export function createIntentExample(now: Date): z.input<typeof CreateIntent> {
  const day = new Date(now.getTime() + EXAMPLE_LEAD_DAYS * DAY_MS).toISOString().slice(0, 10);
  return {
    activity: {
      activity_id: '1001',
      activity_name: 'Harbour Lights Evening Cruise',
      package_id: '2001',
      package_name: 'Upper deck',
    },
    schedule: { start_time: `${day} 19:00:00`, timezone: 'Asia/Hong_Kong' },
    items: [{ sku_id: '3001', name: 'Adult', count: 2, price: '42.50' }],
    passengers: [
      { first_name: 'Mei', family_name: 'Chan', type: 'adult', otherinfo: [] },
      { first_name: 'Jonas', family_name: 'Weber', type: 'adult', otherinfo: [] },
    ],
    contact_info: {
      first_name: 'Mei',
      family_name: 'Chan',
      email: 'mei.chan@example.com',
      mobile: '+85251234567',
      country: 'HK',
    },
    amount: '93.50',
    currency: 'USD',
    markup: { type: 'percent', value: '10' },
  };
}
