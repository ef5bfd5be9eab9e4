// @ts-check
// `npm run audit`: what our dependencies are locked to, and what the registry knows against them.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { deprecatedIn, faultsInLock, readAudit } from './audit-lock.mjs';
import { Refusal, runMain } from './failure.mjs';
import { ROOT } from './paths.mjs';

const PATIENCE_MS = 60_000;

const USAGE = `npm run audit -- [--strict]

Says what is wrong with the lock file, and what the registry knows against what is locked.
--strict: fails where the registry does not answer
Ends with 0 when nothing is wrong, with 1 when something is, with 2 when it refuses its options.`;

/** @param {readonly string[]} args */
function optionsFrom(args) {
  const flag = /** @type {const} */ ({ type: 'boolean', default: false });
  try {
    return parseArgs({ args: [...args], options: { strict: flag, help: flag } }).values;
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

/** @param {readonly string[]} args */
export async function runAudit(args) {
  await runMain(async () => {
    const { strict, help } = optionsFrom(args);
    if (help) {
      console.log(USAGE);
      return 0;
    }
    const lock = await readJson('package-lock.json');
    const faults = faultsInLock(lock, await readJson('package.json'));
    for (const fault of faults) console.log(fault);
    console.log(`lock file: ${Object.keys(lock.packages).length - 1} packages, ${faults.length} faults`);
    for (const warning of deprecatedIn(lock)) console.log(warning);
    const isKnownGood = await askRegistry(strict);
    return faults.length === 0 && isKnownGood ? 0 : 1;
  });
}

/**
 * A registry that does not answer says nothing about us: that fails only where somebody insists on an answer.
 * @param {boolean} strict
 */
async function askRegistry(strict) {
  const audit = readAudit(await npmAudit());
  if (audit.kind === 'unanswered') {
    console.log(`known weaknesses: NOT CHECKED, the registry does not answer (${audit.why})`);
    console.log('Run npm run audit -- --strict where it does: it then fails without an answer.');
    return !strict;
  }
  for (const line of audit.severe) console.log(line);
  console.log(`known weaknesses: ${audit.severe.length} high or critical, ${audit.others} others`);
  return audit.severe.length === 0;
}

/** @returns {Promise<string>} whatever it printed: with findings it ends with 1, as it does without an answer */
function npmAudit() {
  const options = { cwd: ROOT, timeout: PATIENCE_MS, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile('npm', ['audit', '--json', '--fetch-retries=0'], options, (_error, stdout) => resolve(stdout));
  });
}

/** @param {string} name */
const readJson = async (name) => JSON.parse(await readFile(path.join(ROOT, name), 'utf8'));
