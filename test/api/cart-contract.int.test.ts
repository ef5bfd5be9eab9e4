import { isDeepStrictEqual } from 'node:util';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../setup/parts.ts';
import { prepareCart } from './cart-lives.ts';
import { differences, goldenFiles, named } from './golden.ts';
import { openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

describeWith('postgres', 'the wire of the cart', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  const stored = async () =>
    (
      await shop.db.execute(sql`select (select json_agg(c order by id) from carts c) as carts,
        (select json_agg(i order by id) from cart_items i) as items, (select json_agg(c order by cart_id, name) from cart_conditions c) as conditions`)
    ).rows;

  const all = goldenFiles('cart').flatMap(({ file, cases }) =>
    cases.map((golden) => [file, golden.name, golden] as const),
  );

  it.each(all)('%s: %s', async (_file, _name, golden) => {
    const names = await prepareCart(shop, golden.cart);
    const before = await stored();
    const { method, path, headers = {}, body } = golden.request;
    const answer = await shop.send(method, named(path, names), {
      ...(golden.as ?? { token: null }),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, named(value, names)])),
      ...(body === undefined ? {} : { body }),
    });
    const wrong = differences(golden.response.body, answer.body, names);
    expect({ status: answer.status, wrong }).toEqual({ status: golden.response.status, wrong: [] });
    for (const [name, value] of Object.entries(golden.response.headers ?? {}))
      expect(answer.headers.get(name)).toBe(value);
    // What is refused or only read leaves everything as it was.
    const leavesIt = answer.status >= 400 || method === 'GET';
    expect(isDeepStrictEqual(await stored(), before)).toBe(leavesIt);
  });
});
