// Documents of the kinds that strain a layout, for tests and for looking at.
import type { Brand, ReceiptDocument, VoucherDocument } from '../../domain/documents.ts';
import { money } from '../../domain/money.ts';

export const BRAND: Brand = {
  name: 'Trektoo',
  merchant: 'Trektoo Ltd, 12 Harbour Road, Hong Kong',
  supportEmail: 'help@trektoo.example',
  supportPhone: '+852 5550 0100',
  supportUrl: 'https://trektoo.example/help',
};

export const VOUCHER: VoucherDocument = {
  kind: 'voucher',
  status: 'ready',
  brand: BRAND,
  bookingNumber: 'HF-7K2M9Q',
  issuedAt: '2026-03-01T08:15:00.000Z',
  number: 1,
  of: 1,
  supplierReference: 'KLK-99120347',
  supplierUrl: null,
  activity: 'Victoria Peak Tram and Sky Terrace 428',
  package: 'Return ticket, any time of day',
  leadTraveller: 'Zoë Nguyễn-Łukasiewicz',
  travellers: ['Zoë Nguyễn-Łukasiewicz', '王小明'],
  lines: [
    { description: 'Adult', count: 2 },
    { description: 'Child (3–11)', count: 1 },
  ],
  when: { local: '2026-04-12 09:30:00', zone: 'Asia/Hong_Kong' },
  where: 'Peak Tram Lower Terminus, Garden Road, Central, Hong Kong',
  codes: [{ code: 'PT428-7719-2203', description: 'Admits 3' }],
  operatorContacts: ['Peak Tramways: +852 2522 0922'],
  terms: ['Free cancellation until 24 hours before the start.', 'After that nothing comes back.'],
};

export const RECEIPT: ReceiptDocument = {
  kind: 'receipt',
  brand: BRAND,
  bookingNumber: 'HF-7K2M9Q',
  issuedAt: '2026-03-01T08:15:00.000Z',
  paymentReference: 'pi_3Qk2vFJ0example',
  activity: 'Victoria Peak Tram and Sky Terrace 428',
  when: { local: '2026-04-12 09:30:00', zone: 'Asia/Hong_Kong' },
  customer: { name: 'Zoë Nguyễn-Łukasiewicz', email: 'zoe@example.com' },
  lines: [
    { description: 'Adult', count: 2, amount: money(21_600, 'HKD') },
    { description: 'Child (3–11)', count: 1, amount: money(5_400, 'HKD') },
  ],
  total: money(27_000, 'HKD'),
  paidAt: '2026-03-01T08:14:31.000Z',
  paidWith: { method: 'card', brand: 'visa', last4: '4242' },
  refunds: [],
  terms: ['Free cancellation until 24 hours before the start.', 'After that nothing comes back.'],
  exchangeNote: null,
};

/** Everything at once: long names, twelve travellers, several codes, every script. */
export const CROWDED_VOUCHER: VoucherDocument = {
  ...VOUCHER,
  number: 1,
  of: 2,
  activity:
    'Full-day small-group adventure to the Great Barrier Reef with snorkelling, guided reef walk, glass-bottom boat and lunch — 大堡礁一日遊 · グレートバリアリーフ日帰りツアー',
  package: 'แพ็กเกจครอบครัว พร้อมรถรับส่งจากโรงแรม / باقة العائلة مع النقل من الفندق',
  leadTraveller: 'محمد بن عبد الرحمن الأنصاري',
  travellers: [
    'محمد بن عبد الرحمن الأنصاري',
    'Αλεξάνδρα Παπαδοπούλου',
    'Екатерина Щербакова',
    'Nguyễn Thị Thuỳ Dương',
    '张伟（领队）',
    '陳怡君與黃國華',
    'さくら 渡邉',
    '김민준',
    'น้ำฝน ศรีสุวรรณ',
    'שרה כהן',
    'Hubert Blaine Wolfeschlegelsteinhausenbergerdorff, Sr. von der Sternwarte',
    'प्रिया शर्मा',
  ],
  lines: Array.from({ length: 10 }, (_, index) => ({
    description: `Ticket type ${index + 1} with a reasonably long description`,
    count: index + 1,
  })),
  codes: Array.from({ length: 5 }, (_, index) => ({
    code: `GBR-2026-0412-${1001 + index}`,
    description: `Ticket ${index + 1} of 5`,
  })),
  terms: [
    'Free of charge until 72 hours before the start in the local time of the activity; after that half of the price comes back until 24 hours before the start. '.repeat(
      6,
    ),
    'يمكن الإلغاء مجانًا حتى 24 ساعة قبل البدء (بتوقيت هونغ كونغ).',
  ],
};

export const REFUNDED_RECEIPT: ReceiptDocument = {
  ...RECEIPT,
  customer: { name: '渡邉 さくら', email: 'sakura@example.jp' },
  lines: [
    ...RECEIPT.lines,
    {
      description: 'Airport transfer, private van for up to eight people, Terminal 1 to any hotel on Hong Kong Island',
      count: 1,
      amount: money(1_234_567, 'HKD'),
    },
  ],
  total: money(1_261_567, 'HKD'),
  refunds: [
    {
      id: 'rf_1',
      amount: money(5_400, 'HKD'),
      at: '2026-03-02T10:00:00.000Z',
      reason: 'Child ticket cancelled',
      status: 'succeeded',
    },
    {
      id: 'rf_2',
      amount: money(100_000, 'HKD'),
      at: '2026-03-03T10:00:00.000Z',
      reason: 'Goodwill',
      status: 'pending',
    },
  ],
  exchangeNote: 'Priced in PKR 450,000.00; charged in HKD at 0.028035 (1 March 2026).',
};
