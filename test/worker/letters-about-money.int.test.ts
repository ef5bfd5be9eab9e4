// What letters say of money and which papers they bring, written from our own books at an awkward moment.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKeyring } from '../../db/keyring.ts';
import type { Keyring } from '../../db/keyring.ts';
import { documents, travellers } from '../../db/schema.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import { audienceOf } from '../../domain/notices.ts';
import type { NoticeKind } from '../../domain/notices.ts';
import { writeLetter } from '../../worker/letters.ts';
import { BRAND } from '../adapters/sample-documents.ts';
import { openBench } from '../db/test-bench.ts';
import type { Bench } from '../db/test-bench.ts';
import { CONFIRMED, facts } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';
import { productOf } from '../workflows/intake.ts';

const ADA = { firstName: 'Ada', familyName: 'Lovelace', email: 'ada@example.com', mobile: '+44', country: 'GB' };
const WITHOUT_VOUCHERS = CONFIRMED.filter(({ type }) => type !== 'vouchers.ready');

describeWith('postgres', 'a letter about money', () => {
  let bench: Bench;
  let keyring: Keyring;
  const bookingId = 'bk_1';

  beforeEach(async () => {
    bench = await openBench();
    keyring = createKeyring(bench.db, [{ id: 'm1', bytes: Buffer.alloc(32, 7) }]);
    await keyring.create(bench.db, bookingId);
    const product = productOf(bookingId, new Date('2026-06-01T01:00:00.000Z'), {});
    await bench.add({}, { product });
    const who = { contact: ADA, passengers: [], bookingExtra: [], unitExtra: [] };
    const sealed = await keyring.seal(bookingId, Buffer.from(JSON.stringify(who)), 'travellers');
    await bench.db.insert(travellers).values({ bookingId, sealed });
  });
  afterEach(() => bench.close());

  const happened = (...events: readonly BookingEvent[]) => bench.record(bookingId, () => events);
  const draw = async (kind: 'receipt' | 'voucher', version: number, createdAt: Date) => {
    const id = `doc_1_${kind}_1_${version}`;
    const sealed = await keyring.seal(bookingId, Buffer.from(`v${version}`), `document/${id}`);
    await bench.db
      .insert(documents)
      .values({ id, bookingId, kind, number: 1, version, sealed, sha256: 's', createdAt });
  };
  const created = new Date('2026-05-04T10:00:00.000Z');
  const seconds = (n: number): Date => new Date(created.getTime() + n * 1_000);
  const written = (kind: NoticeKind, version: string, { attempts = 1 } = {}) => {
    const audience = audienceOf(kind);
    const deps = { db: bench.db, keyring, brand: BRAND, staff: ['staff@holdfast.example'], workflowsUrl: '' };
    return writeLetter(deps, { id: 1, bookingId, detail: null, kind, version, audience, attempts, createdAt: created });
  };
  const said = async (...which: Parameters<typeof written>): Promise<string> => {
    const mail = await written(...which);
    if (!('letter' in mail)) throw new Error(`not written: ${mail.kind}`);
    return [mail.letter.subject, ...mail.letter.paragraphs].join('\n');
  };

  it('of a refund waits for the receipt that shows it, and brings no voucher', async () => {
    await happened(...CONFIRMED, facts.refundAsked(1, 2_000), facts.refundSucceeded(1));
    await draw('voucher', 1, seconds(-60));
    await draw('receipt', 1, seconds(-60));
    expect(await written('booking_refunded', 'rf_1')).toEqual({ kind: 'too_early' });
    await draw('receipt', 2, seconds(1));
    const receipt = { filename: expect.stringMatching(/^receipt-/), content: Buffer.from('v2') };
    expect(await written('booking_refunded', 'rf_1')).toMatchObject({ attachments: [receipt] });
  });

  it('of a refund goes without the receipt when none is drawn for long', async () => {
    await happened(...CONFIRMED, facts.refundAsked(1, 2_000), facts.refundSucceeded(1));
    await draw('receipt', 1, seconds(-60));
    expect(await written('booking_refunded', 'rf_1', { attempts: 7 })).toMatchObject({ attachments: [] });
  });

  it('waits for vouchers that it says are attached', async () => {
    await happened(...CONFIRMED);
    await draw('receipt', 1, seconds(-1));
    expect(await written('booking_confirmed', '1')).toEqual({ kind: 'too_early' });
    expect(await written('booking_confirmed', '1', { attempts: 7 })).toMatchObject({ attachments: [{}] });
    expect(await said('booking_confirmed', '1', { attempts: 7 })).toContain(
      'The vouchers follow in a mail of their own',
    );
    await draw('receipt', 2, seconds(1));
    await draw('voucher', 2, seconds(1));
    const names = [expect.stringMatching(/^receipt-/), expect.stringMatching(/^voucher-/)];
    for (const kind of ['booking_confirmed', 'voucher_ready'] as const)
      expect(await written(kind, '1')).toMatchObject({ attachments: names.map((filename) => ({ filename })) });
  });

  it('is not sent any more when what it says is over', async () => {
    await happened(facts.opened(), facts.declined(), ...CONFIRMED.slice(1));
    const reason = 'overtaken: another letter says how it stands now';
    expect(await written('payment_failed', '1')).toEqual({ kind: 'refused', reason });
  });

  it('of a booking that ends unpaid denies no money that came in another sum than was asked', async () => {
    const back = facts.refundAsked(1, 15_000, { cause: 'late' });
    await happened(facts.opened(), facts.captured(1, money(15_000, 'HKD')), back, facts.expired());
    const text = await said('booking_expired', '1');
    expect(text).toContain('it goes back to you in full');
    expect(text).not.toContain('No money has been taken');
  });

  it('promises the vouchers that the supplier has not issued yet', async () => {
    await happened(...WITHOUT_VOUCHERS);
    expect(await said('booking_confirmed', '1')).toContain('The vouchers follow in a mail of their own');
    await happened(facts.vouchers());
    await draw('voucher', 2, seconds(1));
    expect(await said('booking_confirmed', '1')).toContain('Your vouchers and the receipt are attached');
  });

  it('of a cancellation speaks of the money that it promises, not of what staff gave back before', async () => {
    const byHand = { type: 'refund.succeeded', refundId: 'rf_1', ref: 'by-hand/staff-1' } as const;
    const cancelled = { ...facts.cancelled(), refund: money(4_000, 'HKD') } as BookingEvent;
    await happened(...CONFIRMED, facts.refundAsked(1, 1_000), byHand, cancelled);
    expect(await said('booking_cancelled', '1')).toContain('HKD 40.00 is on its way back to you, the way you paid');
    const owed = facts.refundAsked(2, 4_000, { cause: 'cancellation' });
    await happened(owed, { ...byHand, refundId: 'rf_2' });
    expect(await said('booking_cancelled', '1')).toContain('Our staff give HKD 40.00 back to you by hand');
  });

  it('of a cancellation denies no money that came after it, and says that it goes back', async () => {
    await happened(facts.opened(), facts.cancelled(), facts.captured());
    for (const back of [[], [facts.refundAsked(1, 10_000, { cause: 'late' })], [facts.refundSucceeded(1)]]) {
      await happened(...back);
      const text = await said('booking_cancelled', '1');
      expect(text).toContain('reached us after that; it goes back to you in full');
      expect(text).not.toMatch(/nothing comes back|not been charged/);
    }
  });

  it('to staff about late money names that money, and does not call it returned before it is', async () => {
    const before = [facts.refundAsked(1, 5_000, { cause: 'cancellation' }), facts.refundSucceeded(1)];
    const stray = { paymentId: 'pay_1_2', attempt: 2, gateway: 'stripe_intent', ref: 'pi_2' } as const;
    const adopted = { type: 'payment.adopted', ...stray, amount: money(10_000, 'HKD') } as const;
    const late = facts.refundAsked(2, 10_000, { paymentId: 'pay_1_2', cause: 'late' });
    await happened(...CONFIRMED, facts.cancelled(), ...before, adopted, facts.captured(2), late);
    const text = await said('late_payment', 'pay_1_2');
    expect(text).toContain('HKD 100.00 goes back in full');
    expect(text).not.toMatch(/HKD 50.00|was refunded|has been told/);
  });
});
