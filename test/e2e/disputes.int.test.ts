import Stripe from 'stripe';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mailsTo } from '../../sim/mail/state.ts';
import { textOf } from '../adapters/pdf-text.ts';
import { describeWith } from '../setup/parts.ts';
import { ledgerOf, outcomeOf, untilStatus } from './outcome.ts';
import { CARDS, ask, book, confirmCard, json, pay, signIn } from './shop.ts';
import type { Intent, Visitor } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

const STAFF = 'staff@house.example';
const SUMS = `select refunded_minor::int as refunded, disputed_minor::int as disputed, reserved_minor::int as reserved,
  over_returned_minor::int as over from bookings where id = $1`;

describeWith(['postgres', 'temporal'], 'a card whose bank disputes the payment', () => {
  let stack: Stack;
  let alice: Visitor;
  let staff: Visitor;

  beforeAll(async () => {
    stack = await startStack({ environment: { STAFF_EMAIL: STAFF }, stripe: { disputeMs: 1_500 } });
    alice = await signIn(stack, { sub: 'alice' });
    staff = await signIn(stack, { sub: 'sue', role: 'staff' });
  }, 120_000);
  afterAll(() => stack.stop());

  const stripe = () => {
    const { hostname: host, port } = new URL(stack.stripe.url);
    return new Stripe('sk_test_e2e', { host, port, protocol: 'http' });
  };
  const answer = async ({ payment_intent_id: ref }: Intent, uncategorized_text: string) => {
    const [dispute] = (await stripe().disputes.list({ payment_intent: ref })).data;
    await stripe().disputes.update(dispute?.id ?? '', { evidence: { uncategorized_text } });
  };
  const evidenceOf = async ({ booking_id: id }: Intent): Promise<Uint8Array> => {
    const headers = await staffToken(stack);
    const drawn = async () => fetch(`${stack.apiUrl}/v1/bookings/${id}/evidence.pdf`, { headers });
    await until({ what: 'the evidence to be drawn', look: async () => (await drawn()).ok });
    return new Uint8Array(await (await drawn()).arrayBuffer());
  };
  const bookingOf = async ({ booking_id: id }: Intent) => (await staff.get(`/v1/bookings/${id}`)).body;
  const sumsOf = async ({ booking_id: id }: Intent) => {
    const [sums] = await stack.rows<Record<string, number>>(SUMS, [id]);
    return sums;
  };
  const untilStaffRead = (subject: RegExp) =>
    until({
      what: `a letter to staff: ${subject}`,
      look: () => mailsTo(stack.mail.state, STAFF).some((mail) => subject.test(mail.subject)),
      instead: () => mailsTo(stack.mail.state, STAFF).map((mail) => mail.subject),
    });

  it('is known from the webhook alone, frozen, answered with evidence, won, and refunded once', async () => {
    const intent = await book(alice);
    expect((await confirmCard(stack, intent, CARDS.disputed)).status).toBe(200);
    await untilStatus(stack, intent, 'needs_attention');
    await untilStaffRead(/^Dispute opened: HF-.*USD 46\.75$/);
    // On a busy machine the bank may be quicker than the supplier.
    await until({ what: 'the trip to be bought', look: async () => (await bookingOf(intent)).phase === 'confirmed' });
    expect(await bookingOf(intent)).toMatchObject({
      phase: 'confirmed',
      refundable: 0,
      disputes: [{ status: 'open', reason: 'fraudulent', amount: 4_675, fee: 1_500 }],
    });
    const path = `/v1/bookings/${intent.booking_id}`;
    const refund = () => staff.post(`${path}/refunds`, { reason: 'goodwill' });
    expect(await refund()).toMatchObject({ status: 409, body: { code: 'payment_disputed' } });
    const text = await textOf(await evidenceOf(intent));
    expect(text).toMatch(/Mei Chan[\s\S]*Harbour Lights Evening Cruise|Harbour Lights Evening Cruise[\s\S]*Mei Chan/);
    expect(text).toContain(intent.payment_intent_id);
    await answer(intent, 'winning_evidence');
    await untilStatus(stack, intent, 'confirmed');
    await untilStaffRead(/^Dispute closed, won: HF-/);
    expect(await refund()).toMatchObject({ status: 200, body: { status: 'succeeded', amount: 4_675 } });
    await untilStatus(stack, intent, 'refunded');
    expect((await outcomeOf(stack, intent)).refunds).toEqual([4_675]);
    expect(await ledgerOf(stack, intent.booking_id)).toMatchObject({ gateway_fees: 1_666 });
  });

  it('in the moment in which staff refund the whole has it back once, whoever comes first', async () => {
    const race = async (): Promise<void> => {
      const intent = await book(alice);
      await pay(stack, intent);
      await untilStatus(stack, intent, 'confirmed');
      const opened = ask(`${stack.stripe.url}/_sim/disputes`, json({ payment_intent: intent.payment_intent_id }));
      const refunded = staff.post(`/v1/bookings/${intent.booking_id}/refunds`, { reason: 'goodwill' });
      const [{ status: atBank }] = await Promise.all([opened, refunded]);
      const gone = atBank === 201 ? { refunded: 0, disputed: 4_675 } : { refunded: 4_675, disputed: 0 };
      await until({
        what: 'our books to say what Stripe’s say',
        look: async () => JSON.stringify(await sumsOf(intent)) === JSON.stringify({ ...gone, reserved: 0, over: 0 }),
        instead: () => sumsOf(intent),
      });
      expect((await outcomeOf(stack, intent)).refunds).toEqual(atBank === 201 ? [] : [4_675]);
    };
    await Promise.all(Array.from({ length: 4 }, race));
  });

  it('is our loss when the bank decides so, to the same sum as in Stripe’s own books', async () => {
    const intent = await book(alice);
    await confirmCard(stack, intent, CARDS.disputed);
    await untilStatus(stack, intent, 'needs_attention');
    await answer(intent, 'losing_evidence');
    await untilStaffRead(/^Dispute closed, lost: HF-/);
    const ledger = await ledgerOf(stack, intent.booking_id);
    expect(ledger).toMatchObject({ dispute_losses: 4_675 });
    expect(ledger).not.toHaveProperty('disputes');
    const { charges, disputes, balanceTransactions } = stack.stripe.state;
    const charge = charges.values().find((made) => made.payment_intent === intent.payment_intent_id);
    const dispute = disputes.values().find((opened) => opened.charge === charge?.id);
    const moves = balanceTransactions.values().filter(({ source }) => source === charge?.id || source === dispute?.id);
    expect(moves).toHaveLength(2);
    expect(ledger['gateway_clearing'] ?? 0).toBe(moves.reduce((sum, { net }) => sum + net, 0));
  });
});

async function staffToken({ apiUrl }: Stack): Promise<Record<string, string>> {
  const body = JSON.stringify({ sub: 'sue', role: 'staff' });
  const headers = { 'content-type': 'application/json' };
  const given: unknown = await (await fetch(`${apiUrl}/dev/tokens`, { method: 'POST', body, headers })).json();
  const token = typeof given === 'object' && given !== null && 'token' in given ? String(given.token) : '';
  return { authorization: `Bearer ${token}` };
}
