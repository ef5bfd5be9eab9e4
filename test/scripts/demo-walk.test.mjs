// @ts-check
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';

import { createScreen } from '../../scripts/demo/screen.mjs';
import { checksOfWalk } from '../../scripts/demo/walk-ending.mjs';
import { misfit, wireOf } from '../../scripts/demo/wire.mjs';

/** @typedef {import('../../scripts/demo/walk-ending.mjs').WalkOutcome} WalkOutcome */
/** @typedef {import('../../scripts/demo/ledger.mjs').Posting} Posting */

describe('an answer', () => {
  it.each([
    [{ a: 1, b: [{ c: 'pi_1' }] }, { b: [{ c: /^pi_/ }] }],
    [{ a: null }, { a: null }],
    [undefined, undefined],
  ])('%j holds what must be in it: %j', (actual, expected) => {
    expect(misfit(actual, expected)).toBeUndefined();
  });

  it.each([
    [{ a: 1 }, { a: 2 }, 'a is 1, not 2'],
    [{ a: '1' }, { a: 1 }, 'a is "1", not 1'],
    [{}, { a: null }, 'a is nothing, not null'],
    [{ a: [{ b: 'x' }] }, { a: [{ b: /y/ }] }, 'a.0.b is "x", not like /y/'],
    [{ a: [] }, { a: [{ b: 1 }] }, 'a.0 is nothing'],
    [undefined, { a: 1 }, 'the body is nothing'],
  ])('%j does not hold %j', (actual, expected, sentence) => {
    expect(misfit(actual, expected)).toBe(sentence);
  });
});

describe('a request over the wire', () => {
  /** @type {import('node:http').Server} */
  let server;
  afterEach(() => void server.close());

  /** @param {number} status @param {unknown} body */
  const asking = async (status, body) => {
    server = createServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    /** @type {string[]} */
    const lines = [];
    const out = Object.assign(Object.create(process.stdout), {
      isTTY: false,
      write: (/** @type {string} */ text) => lines.push(text),
    });
    const wire = wireOf(createScreen({ out }), `http://127.0.0.1:${address.port}`, { who: 'customer', token: 't' });
    return { wire, lines };
  };

  it('is shown with its answer, in lines that a terminal holds', async () => {
    const { wire, lines } = await asking(200, { success: true, long: 'word '.repeat(400) });
    await wire.ask({ method: 'POST', path: '/x', json: { amount: 1 }, text: 'asks', body: { success: true } });
    const shown = lines.join('');
    expect(shown).toContain('POST /x: asks  (200 in');
    expect(shown).toContain('> { "amount": 1 }');
    expect(shown).toContain('< { "success": true,');
    expect(shown.split('\n').every((line) => line.length <= 125)).toBe(true);
    expect(shown.split('\n').length).toBeLessThan(12);
  });

  it.each([
    [409, { success: true }, /409 instead of 200/],
    [200, { success: false }, /success is false, not true/],
  ])('fails the demo when it is answered %i %j', async (status, body, words) => {
    const { wire } = await asking(status, body);
    await expect(wire.ask({ path: '/x', text: 'asks', body: { success: true } })).rejects.toThrow(words);
  });
});

/** @returns {Posting[]} */
function postings(/** @type {readonly [account: string, minor: number][]} */ ...lines) {
  return lines.map(([account, minor]) => ({ transaction: 1, fact: 'f', account, party: '', minor, currency: 'EUR' }));
}

/** @returns {WalkOutcome} */
function outcome() {
  return {
    gateway: 'stripe',
    ending: {
      name: 'The booking',
      status: 'partially_refunded',
      captured: 10_000,
      refunded: 4_000,
      intentIds: ['pi_1'],
      topics: ['payment.completed', 'payment.refunded'],
    },
    seen: {
      booking: {
        id: 'bk_1',
        number: 'HF-1',
        status: 'partially_refunded',
        currency: 'EUR',
        captured: 10_000,
        refunded: 4_000,
        profit: { amount: 5_700, currency: 'EUR' },
      },
      facts: [
        {
          seq: 1,
          at: '',
          type: 'payment.captured',
          fact: { paymentId: 'pay_1', fee: { minor: 300, currency: 'EUR' } },
        },
      ],
    },
    postings: postings(['gateway_clearing', 5_700], ['gateway_fees', 300], ['revenue', -6_000]),
    charges: [{ status: 'succeeded', amount: 10_000, amount_refunded: 4_000, captured: true, currency: 'eur' }],
    told: ['payment.completed', 'payment.refunded'].map((topic) => ({ topic, key: 'k', payload: {}, sent: true })),
    hasKafka: true,
  };
}

const broken = (/** @type {WalkOutcome} */ found) => checksOfWalk(found).filter(({ ok }) => !ok).length;

describe('the end of a walk', () => {
  it('passes every check', () => {
    expect(broken(outcome())).toBe(0);
  });

  /** @type {Record<string, (found: WalkOutcome) => void>} */
  const faults = {
    'rests in another state': ({ seen }) => (seen.booking.status = 'confirmed'),
    'was given back in part only at Stripe': ({ charges }) => (charges[0] ? (charges[0].amount_refunded = 1) : 0),
    'was charged twice': (found) => (found.charges = [...found.charges, ...outcome().charges]),
    'has a profit that staff do not see': ({ seen }) => (seen.booking.profit = null),
    'still owes the customer': (found) =>
      (found.postings = [...found.postings, ...postings(['refunds_payable', -5], ['gateway_clearing', 5])]),
    'has books that do not sum to zero': (found) =>
      (found.postings = [...found.postings, ...postings(['gateway_clearing', 1])]),
    'was told in another order': (found) => (found.told = found.told.toReversed()),
    'was not told to Kafka': (found) => (found.told = found.told.map((fact) => ({ ...fact, sent: false }))),
  };

  it.each(Object.entries(faults))('that %s fails exactly one check', (_, spoil) => {
    const found = outcome();
    spoil(found);
    expect(broken(found)).toBe(1);
  });

  it('needs no Kafka where there is none', () => {
    const found = outcome();
    found.told = found.told.map((fact) => ({ ...fact, sent: false }));
    expect(broken({ ...found, hasKafka: false })).toBe(0);
  });
});
