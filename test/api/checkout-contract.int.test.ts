import { isDeepStrictEqual } from 'node:util';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startChip } from '../../sim/chip/server.ts';
import type { ChipSim } from '../../sim/chip/server.ts';
import { CUSTOMER_EXAMPLE } from '../../api/storefronts/cart/customer.ts';
import { describeWith } from '../setup/parts.ts';
import { prepareCart } from './cart-lives.ts';
import { checkedOut, letDoorClose } from './checkout-lives.ts';
import { changed, differences, goldenFiles, named } from './golden.ts';
import type { GoldenCase } from './golden.ts';
import { openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

describeWith('postgres', 'the wire of the checkout', () => {
  let shop: Shop;
  let chip: ChipSim;
  beforeAll(async () => {
    chip = await startChip();
    shop = await openShop({ CHIP_API_BASE: `${chip.url}/api/v1` });
    letDoorClose(shop);
  });
  afterAll(async () => {
    await shop.close();
    await chip.close();
  });

  const stored = async () =>
    (
      await shop.db.execute(sql`select (select json_agg(c order by id) from carts c) as carts,
        (select json_agg(b order by id) from bookings b) as bookings, (select json_agg(o order by order_number) from orders o) as orders`)
    ).rows;

  const all = goldenFiles('cart-checkout').flatMap(({ file, cases }) =>
    cases.map((golden) => [file, golden.name, golden] as const),
  );

  const ask = async (golden: GoldenCase, names: Readonly<Record<string, string>>) => {
    const { method, path, headers = {}, body, change } = golden.request;
    const example = { cart_id: names['cart'], customer: CUSTOMER_EXAMPLE };
    const sent = change ? changed(example, change) : body;
    return shop.send(method, named(path, names), {
      ...(golden.as ?? { token: null }),
      headers: {
        Accept: 'application/json',
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, named(value, names)])),
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
  };

  it.each(all)('%s: %s', async (_file, _name, golden) => {
    const cart = { ...(await prepareCart(shop, golden.cart)), chip: chip.url };
    const names = golden.checkout ? await checkedOut(shop, cart, golden.checkout) : cart;
    const before = await stored();
    shop.door.heard.length = 0;
    const answer = await ask(golden, names);
    const wrong = differences(golden.response.body, answer.body, names);
    expect({ status: answer.status, wrong }).toEqual({ status: golden.response.status, wrong: [] });
    for (const [name, value] of Object.entries(golden.response.headers ?? {}))
      expect(answer.headers.get(name)).toBe(named(value, names));
    const heard = shop.door.heard.map((line) => line.split(' ')[0]).join(', ');
    expect(heard).toBe(golden.heard ?? '');
    // Only what is newly asked for leaves a trace; the links ask the gateway, which here has nothing new to say.
    expect(isDeepStrictEqual(await stored(), before)).toBe(!heard.includes('open'));
  });
});
