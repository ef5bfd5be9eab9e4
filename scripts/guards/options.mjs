// @ts-check
import { parseArgs } from 'node:util';

import { Refusal } from '../parts/failure.mjs';
import { GUARDS, needsServices } from './table.mjs';

export const USAGE = `npm run guards -- [--unit] [--only NAME,NAME]
npm run guards -- --page

Takes each guard of money out of a copy of the checkout, one at a time, and asks for the test that falls without it.
--unit: only those whose test needs no services
--only: only these
--page: writes the table to docs/guards.md instead`;

/** @param {readonly string[]} args */
export function optionsFrom(args) {
  const { unit, only, page, help } = read(args);
  const named = only === undefined ? GUARDS : only.split(',').map((word) => guardNamed(word.trim()));
  return { page, help, guards: unit ? named.filter((guard) => !needsServices(guard)) : named };
}

/** @param {readonly string[]} args */
function read(args) {
  const flag = /** @type {const} */ ({ type: 'boolean', default: false });
  try {
    return parseArgs({ args: [...args], options: { unit: flag, only: { type: 'string' }, page: flag, help: flag } })
      .values;
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

/** @param {string} word */
function guardNamed(word) {
  const guard = GUARDS.find(({ name }) => name === word);
  if (guard) return guard;
  throw new Refusal(`There is no guard "${word}"; there are ${GUARDS.map(({ name }) => name).join(', ')}.`);
}
