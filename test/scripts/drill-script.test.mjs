// @ts-check
import { describe, expect, it } from 'vitest';

import { FAULT_NAMES } from '../../scripts/drill/fault-script.mjs';
import { optionsFrom } from '../../scripts/drill/options.mjs';
import { createRandom } from '../../scripts/drill/random.mjs';
import { scriptOf, STOREFRONTS } from '../../scripts/drill/script.mjs';
import { Refusal } from '../../scripts/parts/failure.mjs';

const asked = { seed: 42, bookings: 300, minutes: 5, faults: FAULT_NAMES };

describe('the script of a drill', () => {
  it('is the same for the same seed, to the last choice', () => {
    expect(scriptOf(asked)).toEqual(scriptOf(asked));
    // Written down: a seed that found something must find it again next year.
    expect(scriptOf(asked).digest).toBe('d9fc68208a471b8b');
  });

  it('is another one for another seed, or for other wishes', () => {
    const others = [{ seed: 43 }, { bookings: 299 }, { minutes: 6 }, { faults: ['kill'] }];
    const digests = others.map((other) => scriptOf({ ...asked, .../** @type {object} */ (other) }).digest);
    expect(new Set([...digests, scriptOf(asked).digest]).size).toBe(others.length + 1);
  });

  it('has the same customers whatever the faults', () => {
    const [calm, wild] = [scriptOf({ ...asked, faults: [] }), scriptOf(asked)];
    expect(calm.customers).toEqual(wild.customers);
    expect(calm.faults).toEqual([]);
  });

  it('brings every storefront, every card, every deed and every mood of the supplier', () => {
    const { customers } = scriptOf(asked);
    const seen = (/** @type {(customer: import('../../scripts/drill/script.mjs').Customer) => unknown} */ of) =>
      new Set(customers.map(of));
    expect(seen(({ storefront }) => storefront)).toEqual(new Set(STOREFRONTS));
    const cards = new Set(customers.flatMap((customer) => customer.cards));
    const good = ['good', '3ds', 'refund_pending', 'refund_fails', 'disputed', 'not_received', 'inquiry'];
    const bad = ['declined', 'insufficient', '3ds_failed', '3ds_declined', 'expired', 'wrong_cvc', 'blocked'];
    expect(cards).toEqual(new Set([...good, ...bad]));
    // What banks and refunds have to do with each other: a refund meets a dispute, and one that fails is asked for.
    const given = customers.filter(({ after }) => after !== 'none').flatMap(({ cards: shown }) => shown);
    for (const card of ['disputed', 'not_received', 'inquiry', 'refund_fails', 'refund_pending'])
      expect(given).toContain(card);
    expect(seen(({ after }) => after)).toEqual(new Set(['none', 'part', 'cancel', 'stop', 'dashboard']));
    expect(seen(({ supplierMood }) => supplierMood).size).toBe(11);
    for (const flag of /** @type {const} */ (['doubleClick', 'changes', 'atTheLastMoment', 'insists']))
      expect(seen((customer) => customer[flag])).toEqual(new Set([true, false]));
    expect(customers.some((customer) => customer.cards.length === 0)).toBe(true);
  });

  it('kills every process, once a minute each, while there are customers', () => {
    const killed = scriptOf(asked).faults.flatMap((fault) => (fault.kind === 'kill' ? [fault] : []));
    const parts = ['api-1', 'api-2', 'worker-1', 'worker-2', 'background', 'postgres', 'temporal'];
    for (const part of parts) expect(killed.filter((each) => each.part === part)).toHaveLength(5);
    expect(killed.every(({ atMs }) => atMs > 0 && atMs < 5 * 60_000)).toBe(true);
  });

  it('leaves nobody out of a small drill', () => {
    const { customers } = scriptOf({ ...asked, bookings: 5 });
    expect(customers.map(({ storefront }) => storefront)).toEqual(STOREFRONTS);
  });
});

describe('luck', () => {
  it('is spread evenly and stays within what was asked', () => {
    const random = createRandom(7);
    const thrown = Array.from({ length: 6_000 }, () => random.between(1, 6));
    for (let face = 1; face <= 6; face += 1) {
      const times = thrown.filter((each) => each === face).length;
      expect(times).toBeGreaterThan(850);
      expect(times).toBeLessThan(1_150);
    }
  });
});

describe('the options', () => {
  it('have a drill of a few minutes for whoever says nothing', () => {
    expect(optionsFrom([])).toMatchObject({ seed: 42, bookings: 60, faults: FAULT_NAMES, matrix: false });
    expect(optionsFrom([])).toMatchObject({ minutes: 1.5, windowS: 90, keep: false });
    expect(optionsFrom(['--faults', 'none']).faults).toEqual([]);
    expect(optionsFrom(['--faults', 'kill,smtp']).faults).toEqual(['kill', 'smtp']);
  });

  it.each([
    ['--seed', 'x'],
    ['--bookings', '0'],
    ['--minutes', '0'],
    ['--faults', 'meteor'],
    ['--matrix', '--paths', 'nowhere'],
    ['--nonsense'],
  ])('refuse %s %s in one sentence', (...args) => {
    expect(() => optionsFrom(args)).toThrow(/must be|knows|Unknown option/);
    expect(() => optionsFrom(args)).toThrow(Refusal);
  });

  it('start no whole drill for whoever forgot --matrix', () => {
    expect(() => optionsFrom(['--cells', '8'])).toThrow(/^--cells is about --matrix/);
    expect(() => optionsFrom(['--paths', 'happy'])).toThrow(Refusal);
    expect(optionsFrom(['--matrix', '--cells', '8', '--paths', 'happy'])).toMatchObject({ cells: 8, paths: ['happy'] });
  });
});
