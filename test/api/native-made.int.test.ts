import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBookingExample } from '../../api/native/requests.ts';
import { audit, documents } from '../../db/schema.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { money } from '../../domain/money.ts';
import { facts } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';
import { confirmBooking, payBooking } from './booking-lives.ts';
import { openShop } from './shop-bench.ts';
import type { Call, Shop } from './shop-bench.ts';

const STAFF = { role: 'staff', sub: 'sue' };
let made = 0;

describeWith('postgres', 'a booking that was made', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ APPROVAL_LIMIT: '50' });
  });
  afterAll(() => shop.close());

  const post = (path: string, call: Call = {}) => shop.send('POST', path, { body: {}, ...call });
  const get = (path: string, call: Call = {}) => shop.send('GET', path, call);
  const bought = async (): Promise<string> => {
    const example = createBookingExample(new Date());
    const body = { ...example, product: { ...example.product, agent_order_id: `AG-M${(made += 1)}` } };
    return String((await post('/v1/bookings', { body })).body['id']);
  };
  const confirmed = async (): Promise<string> => {
    const id = await bought();
    await confirmBooking(shop.door, id, `AG-M${made}`);
    return id;
  };

  describe('staff', () => {
    it('gives no trip that stands back around the second person', async () => {
      const id = await confirmed();
      const refused = await post(`/v1/bookings/${id}/compensate`, STAFF);
      expect([refused.status, refused.body['code']]).toEqual([409, 'needs_approval']);
    });

    it.each(['an attention', 'its cancellation'])('nor after %s', async (what) => {
      const id = await confirmed();
      if (what === 'an attention')
        await shop.door.record(id, { type: 'attention.raised', id: 'a', step: 'refund rf_1', reason: 'hand it out' });
      else await shop.door.record(id, { type: 'booking.cancelled', reason: 'on terms', actor: 'customer' });
      const refused = await post(`/v1/bookings/${id}/compensate`, STAFF);
      expect([refused.status, refused.body['code']]).toEqual([409, 'needs_approval']);
    });

    it('stops alone what never was sold, and a trip whose money a bank has', async () => {
      const paid = await bought();
      await payBooking(shop.door, paid);
      expect((await post(`/v1/bookings/${paid}/compensate`, STAFF)).status).toBe(200);
      const disputed = await confirmed();
      const taken = { paymentId: paymentIdOf(disputed, 1), amount: money(9_350, 'USD'), fee: null };
      await shop.door.record(disputed, facts.disputed(1, taken));
      expect((await post(`/v1/bookings/${disputed}/compensate`, STAFF)).status).toBe(200);
    });

    it('stops a trip with a second person though a bank has a little of it, and alone once nothing is left', async () => {
      const id = await confirmed();
      const taken = { paymentId: paymentIdOf(id, 1), amount: money(100, 'USD'), fee: null };
      await shop.door.record(id, facts.disputed(1, taken));
      expect((await post(`/v1/bookings/${id}/compensate`, STAFF)).status).toBe(409);
      const won = facts.disputed(2, { ...taken, standing: 'lost' });
      const { paymentId } = taken;
      const rest = facts.refundAsked(1, 0, { paymentId, amount: money(9_250, 'USD') });
      await shop.door.record(id, won, rest);
      expect((await post(`/v1/bookings/${id}/compensate`, STAFF)).status).toBe(200);
    });

    it('leaves what it wrote sealed, and readable for staff', async () => {
      const id = await confirmed();
      const note = 'paid back to Ada, IBAN DE00';
      await post(`/v1/bookings/${id}/resolve`, { ...STAFF, body: { outcome: 'done', note } });
      const rows = await shop.db.select().from(audit).where(eq(audit.bookingId, id));
      expect(JSON.stringify(rows.map(({ detail }) => detail))).not.toContain('IBAN');
      const timeline = await get(`/v1/bookings/${id}/timeline`, STAFF);
      expect(JSON.stringify(timeline.body)).toContain(note);
    });

    it.each(['retry', 'compensate'])('may %s, and nobody else', async (action) => {
      const id = await bought();
      await payBooking(shop.door, id);
      await shop.door.record(id, { type: 'attention.raised', id: 'a', step: 'pay', reason: 'stuck' });
      expect((await post(`/v1/bookings/${id}/${action}`)).status).toBe(403);
      expect((await post(`/v1/bookings/${id}/${action}`, { role: 'service', sub: 'svc' })).status).toBe(403);
      expect((await post(`/v1/bookings/${id}/${action}`, STAFF)).status).toBe(200);
    });

    it('resolves a step one way or the other', async () => {
      const id = await confirmed();
      expect((await post(`/v1/bookings/${id}/resolve`, { ...STAFF, body: { outcome: 'maybe' } })).status).toBe(422);
      expect((await post(`/v1/bookings/${id}/resolve`, { ...STAFF, body: { outcome: 'done' } })).status).toBe(200);
    });

    it('hears when there is nothing to do', async () => {
      const id = await confirmed();
      shop.door.instead.set('retryStep', { kind: 'answered', value: { kind: 'nothing_to_do', status: 'confirmed' } });
      const answer = await post(`/v1/bookings/${id}/retry`, STAFF);
      expect([answer.status, answer.body['code']]).toEqual([409, 'nothing_to_do']);
    });
  });

  describe('papers', () => {
    it('come as PDF to the owner and by a link, newest version, never cached', async () => {
      const id = await confirmed();
      for (const version of [1, 2]) {
        const paper = `doc_${id}_${version}`;
        const sealed = await shop.database.keyring.seal(id, Buffer.from(`%PDF-${version}`), `document/${paper}`);
        await shop.db
          .insert(documents)
          .values({ id: paper, bookingId: id, kind: 'voucher', number: 1, version, sealed, sha256: `s${version}` });
      }
      const response = await shop.request('GET', `/v1/bookings/${id}/voucher.pdf`);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('%PDF-2');
      expect(response.headers.get('Cache-Control')).toBe('no-store');
      expect(response.headers.get('Content-Disposition')).toMatch(/^attachment; filename="voucher-HF-/);
      const trektoo = await shop.request('GET', `/api/klook/bookings/${id}/vouchers/1.pdf`);
      expect(await trektoo.text()).toBe('%PDF-2');
      const t = shop.deps.links.sign({ bookingId: id, purpose: 'documents' });
      const opened = await shop.request('GET', `/v1/bookings/${id}/vouchers/1.pdf?t=${t}`, { token: null });
      expect(opened.status).toBe(303);
      const cookie = opened.headers.get('Set-Cookie')?.split(';')[0] ?? '';
      const linked = await shop.request('GET', `/v1/bookings/${id}/vouchers/1.pdf`, {
        token: null,
        headers: { Cookie: cookie },
      });
      expect(await linked.text()).toBe('%PDF-2');
    });
  });

  it('tells strangers the methods and the public settings', async () => {
    const methods = await get('/v1/payment-methods', { token: null });
    expect(methods.body['items']).toEqual([expect.objectContaining({ id: 'card', gateway: 'stripe_intent' })]);
    const settings = await get('/v1/config', { token: null });
    expect(settings.body).toMatchObject({
      publishableKey: 'pk_test_holdfast',
      paymentWindowSeconds: { trektoo: 1_800 },
    });
    expect(JSON.stringify(settings.body)).not.toContain('sk_');
  });
});
