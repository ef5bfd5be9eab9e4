// Papers of whom nobody knows any more: what is to be done goes on without them.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { documentActivities } from '../../activities/documents.ts';
import { destroyKey } from '../../db/erasures.ts';
import { createKeyring } from '../../db/keyring.ts';
import { bookingEvents, documents } from '../../db/schema.ts';
import { money } from '../../domain/money.ts';
import type { ServiceProduct } from '../../domain/product.ts';
import { depsOf, openBench } from '../db/test-bench.ts';
import type { Bench } from '../db/test-bench.ts';
import { facts } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';

const TRANSFER: ServiceProduct = {
  kind: 'service',
  name: 'Porter',
  option: 'Arrival',
  when: null,
  items: [{ name: 'Bag', count: 1, unit: money(10_000, 'HKD') }],
  refundPolicy: [],
  gateway: 'stripe_intent',
  payWhen: 'at_once',
  refs: {},
};
const BRAND = {
  name: 'Holdfast',
  merchant: 'Holdfast',
  supportEmail: 'help@example.com',
  supportPhone: null,
  supportUrl: null,
};

describeWith('postgres', 'the papers of a booking', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it('are drawn while its key is there; without it they are none, and what waits for them goes on', async () => {
    await bench.add({}, { kind: 'service', product: TRANSFER });
    // Keys are read each time: this one is destroyed.
    const keyring = createKeyring(bench.db, [{ id: 'm1', bytes: Buffer.alloc(32, 7) }], { size: 0, maxAgeMs: 0 });
    await keyring.create(bench.db, 'bk_1');
    await bench.record('bk_1', () => [facts.opened(), facts.captured()]);
    const renderPdf = async () => Buffer.from('%PDF');
    const verbs = documentActivities({ ...depsOf(bench), keyring, renderPdf, brand: BRAND });

    const issue = (version: number) => verbs.issueDocuments({ bookingId: 'bk_1', version, only: 'receipt' });
    expect((await issue(1)).kinds).toEqual(['receipt']);
    await destroyKey(bench.db, 'bk_1');
    await issue(2);
    expect((await bench.db.select().from(documents)).map(({ version }) => version)).toEqual([1]);
    const known = (await bench.db.select().from(bookingEvents)).map(({ type }) => type);
    expect(known.filter((type) => type === 'documents.issued')).toHaveLength(2);
  });
});
