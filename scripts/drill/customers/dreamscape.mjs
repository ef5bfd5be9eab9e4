// @ts-check
// Another service owns the booking: it opens the payment, may replace its amount, and its customer pays.
import { GaveUp } from '../asking.mjs';
import { payAfterAll, payAt, tillOf } from '../browser.mjs';
import { clicked, must } from '../world.mjs';

/** @typedef {{ data: { paymentIntentId: string, clientSecret: string } }} Opened */

/** @type {import('./visit.mjs').Visit} */
export async function visitDreamscape(world, customer) {
  const { n, doubleClick, changes, insists } = customer;
  const name = `voyage-${world.seed}-${n}`;
  const order = {
    currency: 'eur',
    bookingId: name,
    bookingReference: `REF-${name}`,
    userId: `drill-${world.seed}-${n}`,
  };
  /** @type {(amount: number) => () => Promise<Opened>} */
  const open = (sum) => () =>
    must(world.service, { method: 'POST', path: '/api/v1/payment/create-intent', json: { ...order, amount: sum } });
  const amount = 10_000 + n * 7;
  const asked = await clicked(doubleClick, open(amount));
  if (asked.first.data.paymentIntentId !== asked.second.data.paymentIntentId)
    throw new GaveUp(`a double click opened two payments for ${name}`);
  const { data } = changes ? await open(amount + 2_500)() : asked.first;
  const till = tillOf(world, { id: data.paymentIntentId, secret: data.clientSecret });
  const outcome = await payAt(world, customer, till);
  // In the other tab stands the payment of the first amount: money that was on its way there comes as well.
  if (changes && insists && outcome === 'paid')
    await payAfterAll(world, { id: asked.first.data.paymentIntentId, secret: asked.first.data.clientSecret });
  return { query: data.paymentIntentId, outcome };
}
