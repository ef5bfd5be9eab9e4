import { count } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BOOKING_EXAMPLE } from '../../api/storefronts/travello/bookings.ts';
import { audit, bookings, bookingKeys } from '../../db/schema.ts';
import { describeWith } from '../setup/parts.ts';
import { changed, differences, goldenFiles, named } from './golden.ts';
import type { GoldenCase, Names } from './golden.ts';
import { openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';
import { letDoorAct, prepare } from './travello-lives.ts';

describeWith('postgres', 'the wire of travello', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
    letDoorAct(shop);
  });
  afterAll(() => shop.close());

  const stored = async () => {
    const counts = [bookings, bookingKeys, audit].map((table) => shop.db.select({ rows: count() }).from(table));
    return (await Promise.all(counts)).flat().map(({ rows }) => rows);
  };
  const bodyOf = ({ request }: GoldenCase, names: Names): unknown => {
    const body = request.change ? changed(BOOKING_EXAMPLE, request.change) : request.body;
    if (body === undefined || typeof body === 'string') return body;
    return JSON.parse(named(JSON.stringify(body), names));
  };

  const all = goldenFiles('travello').flatMap(({ file, cases }) =>
    cases.map((golden) => [file, golden.name, golden] as const),
  );
  // Every path is meant with and without its final slash.
  const both = all.flatMap(([file, name, golden]) => [
    [file, name, golden.request.path, golden] as const,
    [file, name, golden.request.path.replace(/\/$/, ''), golden] as const,
  ]);

  it.each(both)('%s: %s (%s)', async (_file, _name, path, golden) => {
    const names = await prepare(shop, golden.given);
    const before = await stored();
    shop.door.heard.length = 0;
    const { method, headers = {} } = golden.request;
    const body = bodyOf(golden, names);
    const answer = await shop.send(method, named(path, names), {
      ...(golden.as ?? { token: null }),
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const wrong = differences(golden.response.body, answer.body, names);
    expect({ status: answer.status, wrong }).toEqual({ status: golden.response.status, wrong: [] });
    // A refused request leaves nothing behind and is heard by nobody.
    const refused = answer.status >= 400;
    const grown = await stored();
    expect(grown).toEqual(refused ? before : grown);
    const heard = shop.door.heard.map((line) => line.split(' ')[0]);
    const told = golden.heard === undefined ? heard : [golden.heard];
    expect(heard).toEqual(refused ? [] : told);
  });
});
