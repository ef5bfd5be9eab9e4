import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { adviceOn, waitsForStaff } from '../../domain/attention-advice.ts';

/** What nobody outside can hold up: our database and our worker. */
const OURS = [
  'approve the refund',
  'begin to take back',
  'cancel the booking',
  'claim the late money',
  'close the booking',
  'close the books',
  'confirm the booking',
  'note that the customer came back',
  'note the money taken on arrival',
  'note the refund made by hand',
  'read the booking',
  'reserve the refund',
  'revive the booking',
  'withdraw the refund',
];

const folder = new URL('../../workflows/', import.meta.url);
const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
const named = sources.flatMap((text) => [...text.matchAll(/(?:\bname: |const PAYING = |untilSeen\(run, )'([^']+)'/g)]);
const steps = [...new Set(named.map(([, step = '']) => step))];
const inOurs = adviceOn({ step: 'close the books', reason: 'no answer in time' });

describe('whoever is called to a booking', () => {
  it('finds advice of its own for every step that somebody outside can hold up', () => {
    expect(steps.length).toBeGreaterThan(15);
    const unadvised = steps.filter((step) => adviceOn({ step, reason: 'no answer in time' }) === inOurs);
    expect(unadvised.toSorted()).toEqual(OURS);
  });

  it.each([
    ['pay the supplier', 'insufficient_balance: top up the prepaid balance', /Top it up/],
    ['pay the supplier', 'no answer in time', /never paid twice/],
    ['take the held money', 'the money held on the card could not be taken', /order was taken back/],
    ['take the held money', 'less was taken than was asked for', /took less/],
    ['take the held money', 'no answer in time', /dashboard/],
    ['refund rf_1_1', 'the payment is disputed: it waits for the bank', /when the dispute is won/],
    ['refund rf_1_1', 'paid at the desk: hand it out there, then resolve it as done', /have it signed/],
    ['refund rf_1_1', 'the gateway refused the refund', /other means and resolve as done/],
    ['refund rf_1_1', 'the gateway refused the refund: ask for another, or give it back', /that refund is over/],
    ['await refund rf_1_1', 'not_yet: the refund is pending', /other means and resolve as done/],
    ['refund rf_1_1', 'it had arrived and came back', /sends it the same way once more/],
    ['the money of rf_1_1', 'the gateway took another sum than it was asked for', /goes back in full by itself/],
    ['what went back', 'more went back than was taken', /Show the bank/],
    ['dispute du_1', 'lost, and the trip is still ahead', /Compensate/],
    ['dispute du_1', 'a bank has taken the money until it decides', /evidence/],
    ['draw the documents', 'failure: disk', /papers/],
  ])('%s (%s)', (step, reason, says) => {
    expect(adviceOn({ step, reason })).toMatch(says);
  });

  it.each([
    ['pay the supplier', 'insufficient_balance', false],
    ['close the books', 'no answer in time', false],
    ['refund rf_1_1', 'the gateway refused the refund', false],
    ['refund rf_1_1', 'the payment is disputed: it waits for the bank', false],
    ['refund rf_1_1', 'the gateway refused the refund: ask for another, or give it back', true],
    ['refund rf_1_1', 'it had arrived and came back: find out where the money should go', true],
    ['refund rf_1_1', 'paid at the desk: hand it out there, then resolve it as done', true],
    ['dispute du_1', 'a bank has taken the money until it decides', true],
  ])('%s (%s) waits for nothing but a word of staff: %s', (step, reason, waits) => {
    expect(waitsForStaff({ step, reason })).toBe(waits);
  });
});
