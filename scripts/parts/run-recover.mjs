// @ts-check
// `npm run recover`: rebuilds, on an old backup, the books of the installation that the environment names.
import { requireNamed } from './installation.mjs';
import { dataDir } from './paths.mjs';
import { runningSupervisor } from './run-file.mjs';
import { runProgram } from './run-program.mjs';

const NAMED_BY = ['DATABASE_URL', 'ENCRYPTION_KEY', 'TEMPORAL_ADDRESS'];

/** @type {import('./run-program.mjs').Program} */
const RECOVER = {
  file: 'worker/recover.ts',
  reader: ['worker/recover/arguments.ts', 'readArguments'],
  async where(env) {
    const isRunning = (await runningSupervisor(dataDir(env))) !== undefined;
    return requireNamed(env, NAMED_BY, isRunning ? 'What npm start runs is not recovered in place. ' : '');
  },
};

/** @param {readonly string[]} args */
export const runRecover = (args) => runProgram(RECOVER, args);
