import { count } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIntentExample } from '../../api/storefronts/trektoo/requests.ts';
import { bookingKeys, bookings, idempotency } from '../../db/schema.ts';
import { describeWith } from '../setup/parts.ts';
import { confirmBooking } from './booking-lives.ts';
import { changed, differences, goldenFiles, named } from './golden.ts';
import type { GoldenCase, Names } from './golden.ts';
import { dataOf, openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

const CREATE = '/api/payments/klook/create-intent';

describeWith('postgres', 'the wire of trektoo', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ FX_RATES: 'USD/EUR=0.92,USD/JPY=150' });
  });
  afterAll(() => shop.close());

  let made = 0;
  const prepare = async (given: GoldenCase['given']): Promise<Names> => {
    if (!given) return {};
    const ref = `AG-G${(made += 1)}`;
    const answer = await shop.send('POST', CREATE, {
      body: { ...createIntentExample(new Date()), agent_order_id: ref },
    });
    const booking = String(dataOf(answer)['booking_id']);
    if (given === 'confirmed') await confirmBooking(shop.door, booking, ref);
    return { booking, ref };
  };
  const stored = async () => {
    const counts = [bookings, bookingKeys, idempotency].map((table) => shop.db.select({ rows: count() }).from(table));
    return (await Promise.all(counts)).flat().map(({ rows }) => rows);
  };
  const bodyOf = ({ request }: GoldenCase): unknown =>
    request.change ? changed(createIntentExample(new Date()), request.change) : request.body;

  const asks = async (golden: GoldenCase) => {
    const names = await prepare(golden.given);
    const before = await stored();
    shop.asked.length = 0;
    shop.door.heard.length = 0;
    const { method, path, headers = {} } = golden.request;
    const body = bodyOf(golden);
    const asker = golden.as ?? { token: null };
    const answer = await shop.send(method, named(path, names), {
      ...asker,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const { status } = answer;
    const wrong = differences(golden.response.body, answer.body, names);
    return {
      status,
      wrong,
      klook: [...shop.asked],
      heard: [...shop.door.heard],
      grown: differences(before, await stored(), {}),
      names,
    };
  };

  const all = goldenFiles('trektoo').flatMap(({ file, cases }) =>
    cases.map((golden) => [file, golden.name, golden] as const),
  );

  it.each(all)('%s: %s', async (_file, _name, golden) => {
    const { status, wrong, klook, heard, grown, names } = await asks(golden);
    expect({ status, wrong }).toEqual({ status: golden.response.status, wrong: [] });
    expect(klook).toEqual(golden.klook ?? klook);
    // A refused request leaves nothing behind, here or at anybody else's.
    const refused = status >= 400;
    expect(grown).toEqual(refused ? [] : grown);
    const told = golden.heard === undefined ? heard : [`${golden.heard} ${names['booking']}`];
    expect(heard).toEqual(refused ? [] : told);
  });
});
