// Bodies as the modelled Klook sends them, for scripted answers.
import { money } from '../../domain/money.ts';
import type { SupplyOrder } from '../../domain/supply.ts';
import type { Line } from './scripted-vendor.ts';

type Fields = Readonly<Record<string, unknown>>;

export const order: SupplyOrder = {
  ourRef: 'AG-1',
  packageId: '701',
  startTime: '2026-12-24 10:00:00',
  items: [
    { skuId: '9001', count: 2, unitNet: money(4_050, 'SGD') },
    { skuId: '9002', count: 1, unitNet: money(2_000, 'SGD') },
  ],
  contact: { firstName: 'Mei', familyName: 'Lin', email: 'mei@example.com', mobile: '+65 1', country: 'SG' },
  bookingExtra: [{ key: 'hotel', content: 'Raffles', selected: null, inputType: 'text' }],
  unitExtra: [[{ key: 'meal', content: '', selected: [{ key: 'veg' }], inputType: 'single' }], []],
};

export const detailBody = (fields: Fields = {}) => ({
  success: true,
  agent_order_id: 'AG-1',
  klook_order_no: 'KL1',
  order_id: 'KL1',
  total_amount: '101.00',
  currency: 'SGD',
  confirm_status: 'unpaid',
  transaction_status: 'unpaid',
  pay_by: '2026-12-01 09:30:00',
  package_id: 701,
  start_time: '2026-12-24 10:00:00',
  skus: [
    { sku_id: 9001, quantity: 2, sku_price: '40.50', currency: 'SGD' },
    { sku_id: '9002', quantity: '1', sku_price: '20.00', currency: 'SGD' },
  ],
  bookings: [],
  error: null,
  ...fields,
});

export const lineBody = (fields: Fields = {}) => ({
  activity_name: 'Sky tower',
  package_name: 'Day ticket',
  confirm_status: 'confirmed',
  voucher_url: '',
  booking_ref_number: 'BR1',
  operator_contacts: ['+65 2', { name: 'Ops', phone: '+65 3' }],
  original_vouchers: [],
  cancellation_policy: 'free until 24 h before',
  ...fields,
});

export const availabilityBody = (...skus: readonly Fields[]) => ({
  success: true,
  currency: 'SGD',
  total_amount: '101.00',
  items: [
    {
      package_id: '701',
      start_time: '2026-12-24 10:00:00',
      currency: 'SGD',
      sku_list: [
        { sku_id: '9001', count: 2, price: '40.50', currency: 'SGD', available: true, inventory: 9 },
        { sku_id: 9002, count: 1, price: 20, available: true, inventory: null },
      ].map((sku, n) => ({ ...sku, ...skus[n] })),
    },
  ],
});

export const says = (json: unknown): Line => ({ json });

export const refuses = (code: string, status = 400, more: Fields = {}): Line => ({
  status,
  json: { success: false, error: { code, message: 'Klook says why.', ...more } },
});

export const notFound = refuses('ORDER_NOT_FOUND', 404);
