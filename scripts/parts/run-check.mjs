// @ts-check
// Programs beside the product, over the stack that runs here or the one that the environment names: `npm run check` holds its
// books against everybody else's, `npm run rotate-keys` makes an old master key superfluous.
import { installationOf } from './installation.mjs';
import { runProgram } from './run-program.mjs';

const NAMED_BY = ['DATABASE_URL', 'ENCRYPTION_KEY'];

/** @type {import('./run-program.mjs').Program} */
const CHECK = {
  file: 'worker/check.ts',
  reader: ['worker/arguments.ts', 'readCheck'],
  // Without Temporal's address the books would be held against whichever one listens at the usual place.
  where: (env) => installationOf(env, [...NAMED_BY, 'TEMPORAL_ADDRESS']),
};

/** @type {import('./run-program.mjs').Program} */
const ROTATE_KEYS = {
  file: 'worker/rotate-keys.ts',
  reader: ['worker/arguments.ts', 'readRotateKeys'],
  where: (env) => installationOf(env, NAMED_BY),
};

/** @param {readonly string[]} args */
export const runCheck = (args) => runProgram(CHECK, args);

/** @param {readonly string[]} args */
export const runRotateKeys = (args) => runProgram(ROTATE_KEYS, args);
