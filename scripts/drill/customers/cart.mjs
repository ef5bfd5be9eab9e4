// @ts-check
// A shop's cart: filled, frozen at the checkout, paid on CHIP's page; and the customer comes back to the shop.
import { ask } from '../asking.mjs';
import { chipPage, payAt } from '../browser.mjs';
import { clicked, must } from '../world.mjs';

/** @typedef {{ id: string, version: number }} Cart */
/** @typedef {{ purchase_id: string, checkout_url: string }} Purchase */

/** @type {import('./visit.mjs').Visit} */
export async function visitCart(world, customer) {
  const { n, doubleClick, changes } = customer;
  /** @type {Cart} */
  const { id } = await must(world.visitor, { method: 'POST', path: '/carts', json: {} });
  await put(world, id, 'batik-tote');
  if (n % 2 === 0) await put(world, id, 'kopi-blend');
  /** @type {() => Promise<Purchase>} */
  const checkOut = () =>
    must(world.visitor, { method: 'POST', path: '/checkout', json: { cart_id: id, customer: shopper(n) } });
  const asked = await clicked(doubleClick, checkOut);
  if (changes) await put(world, id, 'enamel-mug');
  // Half of those who change their cart pay on the page that is still open in another tab.
  const stays = !changes || n % 2 === 1;
  const { checkout_url: url, purchase_id: purchaseId } = stays ? asked.second : await checkOut();
  const outcome = await payAt(world, customer, { openedAt: Date.now(), present: chipPage(url) });
  if (outcome === 'paid') await comeBack(world, id);
  return { query: purchaseId, outcome };
}

/**
 * As a browser with the cart of now: a lost answer may have had its effect, and then another version is the one of now.
 * @param {import('../world.mjs').World} world
 * @param {string} id
 * @param {string} product
 */
async function put(world, id, product) {
  /** @type {Cart} */
  const cart = await must(world.visitor, { path: `/carts/${id}` });
  await world.visitor.say({
    method: 'POST',
    path: `/carts/${id}/items`,
    json: { product_id: product, quantity: 1 },
    headers: { 'If-Match': `"${cart.version}"` },
    refusals: [409],
  });
}

/** @param {import('../world.mjs').World} world @param {string} id */
const comeBack = ({ urls }, id) =>
  ask(`${urls.api}/checkout/success/${id}`, { headers: { accept: 'application/json' }, patienceMs: 20_000 });

/** @param {number} n */
const shopper = (n) => ({
  name: 'Aisyah Rahman',
  email: `cart-${n}@shop.example`,
  phone: '+60123456789',
  street1: '12 Jalan Telawi',
  city: 'Kuala Lumpur',
  zip_code: '59100',
  country: 'MY',
});
