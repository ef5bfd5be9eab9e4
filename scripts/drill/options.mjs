// @ts-check
import { parseArgs } from 'node:util';

import { Refusal } from '../parts/failure.mjs';
import { FAULT_NAMES } from './fault-script.mjs';
import { PATHS } from './matrix-paths.mjs';

export const USAGE = `npm run drill -- [--seed 42] [--bookings 60] [--faults all] [--minutes 1.5] [--window 90] [--report FILE] [--keep]
npm run drill -- --matrix [--paths happy,decline,…] [--cells 8] [--report FILE]

Starts a product of its own, lets customers and faults loose on it, waits until it is at rest, and compares everybody's books.
--faults: all, none, or some of ${FAULT_NAMES.join(',')}
--bookings, --minutes: how many customers, and for how long they keep coming: 60 in 1.5 min, else one minute for each 40
--window: how many seconds customers have to pay, 90
--paths: some of ${Object.keys(PATHS).join(', ')}
--cells: of each path only so many moments, spread over it
--keep: leave the folder with the logs behind, as after a failure`;

const BOOKINGS_A_MINUTE = 40;

/** @typedef {Awaited<ReturnType<typeof optionsFrom>>} Options */

/** @param {readonly string[]} args */
export function optionsFrom(args) {
  const { values } = read(args);
  refuseWithoutMatrix(values);
  const bookings = whole('bookings', values.bookings, { least: 1, fallback: 60 });
  return {
    help: values.help,
    matrix: values.matrix,
    keep: values.keep,
    paths:
      values.paths === undefined
        ? Object.keys(PATHS)
        : someOf(Object.keys(PATHS), { text: values.paths, option: 'paths' }),
    cells: whole('cells', values.cells, { least: 1, fallback: 1_000 }),
    seed: whole('seed', values.seed, { least: 0, fallback: 42 }),
    bookings,
    minutes: values.minutes === undefined ? Math.max(0.5, bookings / BOOKINGS_A_MINUTE) : positive(values.minutes),
    windowS: whole('window', values.window, { least: 20, fallback: 90 }),
    faults: faultsIn(values.faults),
    report: values.report,
  };
}

/** @param {readonly string[]} args */
function read(args) {
  const text = /** @type {const} */ ({ type: 'string' });
  const flag = /** @type {const} */ ({ type: 'boolean', default: false });
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: text,
        bookings: text,
        faults: text,
        minutes: text,
        window: text,
        report: text,
        paths: text,
        cells: text,
        matrix: flag,
        keep: flag,
        help: flag,
      },
    });
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

/** They would be passed over, and something else run for minutes. @param {ReturnType<typeof read>['values']} values */
function refuseWithoutMatrix({ matrix, paths, cells }) {
  const [name] = Object.entries({ paths, cells }).flatMap(([each, value]) => (value === undefined ? [] : [each]));
  if (!matrix && name !== undefined) throw new Refusal(`--${name} is about --matrix: say that too.\n\n${USAGE}`);
}

/** @param {string} name @param {string | undefined} text @param {{ least: number, fallback: number }} limits */
function whole(name, text, { least, fallback }) {
  const number = text === undefined ? fallback : Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Refusal(`--${name} must be a whole number of at least ${least}, not "${text}".`);
}

/** @param {string} text */
function positive(text) {
  const number = Number(text);
  if (number > 0 && number <= 600) return number;
  throw new Refusal(`--minutes must be more than 0 and at most 600, not "${text}".`);
}

/** @param {string | undefined} text @returns {readonly import('./fault-script.mjs').FaultName[]} */
function faultsIn(text = 'all') {
  if (text === 'all') return FAULT_NAMES;
  if (text === 'none') return [];
  return someOf(FAULT_NAMES, { text, option: 'faults' });
}

/**
 * @template {string} Name
 * @param {readonly Name[]} names
 * @param {{ text: string, option: string }} given
 * @returns {Name[]}
 */
function someOf(names, { text, option }) {
  return text.split(',').map((word) => {
    const name = names.find((each) => each === word.trim());
    if (name === undefined) throw new Refusal(`--${option} knows ${names.join(', ')}, not "${word}".`);
    return name;
  });
}
