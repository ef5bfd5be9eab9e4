// @ts-check
// What the demo's customer buys.

const LEAD_DAYS = 30;
const DAY_MS = 86_400_000;

/** Two seats at 42.50 each are 85.00 for Klook; 10 percent on top, the default MARKUP, make it 93.50. */
export const PRICE = { unitNet: '42.50', count: 2, net: '85.00', amount: '93.50', currency: 'USD' };

export const WHAT = { activity: 'Harbour Lights Evening Cruise', package: 'Upper deck', sku: 'Adult' };

/**
 * @param {{ email: string, skuId: string, now: Date }} choice
 */
export function orderFor({ email, skuId, now }) {
  const day = new Date(now.getTime() + LEAD_DAYS * DAY_MS).toISOString().slice(0, 10);
  return {
    activity: { activity_id: '1001', activity_name: WHAT.activity, package_id: '2001', package_name: WHAT.package },
    schedule: { start_time: `${day} 19:00:00`, timezone: 'Asia/Hong_Kong' },
    items: [{ sku_id: skuId, name: WHAT.sku, count: PRICE.count, price: PRICE.unitNet }],
    passengers: [
      { first_name: 'Mei', family_name: 'Chan', type: 'adult', otherinfo: [] },
      { first_name: 'Jonas', family_name: 'Weber', type: 'adult', otherinfo: [] },
    ],
    contact_info: { first_name: 'Mei', family_name: 'Chan', email, mobile: '+85251234567', country: 'HK' },
    booking_extra_info: [],
    unit_extra_info: [],
    amount: PRICE.amount,
    currency: PRICE.currency,
    markup: { type: 'percent', value: '10' },
  };
}
