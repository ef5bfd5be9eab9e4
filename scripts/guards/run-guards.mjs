// @ts-check
// `npm run guards`: takes one guard out at a time and asks for the test that falls without it.
import { PlainFailure, runMain } from '../parts/failure.mjs';
import { elapsed } from '../parts/progress.mjs';
import { verdictOn } from './judge.mjs';
import { optionsFrom, USAGE } from './options.mjs';
import { PAGE, writePage } from './page.mjs';
import { openScratch, takeOut } from './scratch.mjs';
import { needsServices } from './table.mjs';
import { endTests, mustCompile, runTestsOf } from './testing.mjs';

/** @typedef {import('./table.mjs').Guard} Guard */
/** @typedef {import('./judge.mjs').Verdict} Verdict */

/** @param {readonly string[]} args */
export async function runGuards(args) {
  await runMain(async () => {
    const { help, page, guards } = optionsFrom(args);
    if (help) return tell(USAGE);
    if (page) {
      await writePage();
      return tell(`wrote ${PAGE}`);
    }
    const scratch = await openScratch();
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(signal, endTests);
    try {
      return await tryAll(scratch.dir, guards);
    } finally {
      await scratch.remove();
    }
  });
  process.exit();
}

/** @param {string} text */
function tell(text) {
  console.log(text);
  return 0;
}

const say = (/** @type {string} */ line) => console.log(`${elapsed().padStart(7)}  ${line}`);

/** @param {string} dir @param {readonly Guard[]} guards @returns {Promise<number>} the exit code */
async function tryAll(dir, guards) {
  say(`${guards.length} guards, ${guards.filter(needsServices).length} of them with a test that needs services`);
  await mustCompile(dir, guards);
  say('with the guards out the code compiles');
  await mustBeGreen(dir, guards);
  say('with the guards in their tests pass');
  /** @type {Verdict['kind'][]} */
  const kinds = [];
  for (const guard of guards) {
    const { kind, why } = await tryGuard(dir, guard);
    kinds.push(kind);
    say(`${kind.padEnd(6)}  ${guard.name}: ${why}`);
  }
  const count = (/** @type {Verdict['kind']} */ kind) => kinds.filter((each) => each === kind).length;
  console.log(`${count('caught')} caught, ${count('missed')} missed, ${count('broken')} broken`);
  return kinds.every((kind) => kind === 'caught') ? 0 : 1;
}

/** @param {string} dir @param {readonly Guard[]} guards */
async function mustBeGreen(dir, guards) {
  const groups = [guards.filter(needsServices), guards.filter((guard) => !needsServices(guard))];
  for (const group of groups.filter(({ length }) => length > 0)) {
    const report = await runTestsOf(dir, group);
    for (const guard of group.filter((each) => isRed(verdictOn(report, dir, each)))) {
      // Side by side with all others it may have lacked time; alone it must pass.
      const { test } = guard;
      const alone = verdictOn(await runTestsOf(dir, [guard]), dir, guard);
      if (isRed(alone))
        throw new PlainFailure(`"${test.name}" in ${test.file} does not pass with its guard in place: ${alone.why}`);
    }
  }
}

const isRed = (/** @type {Verdict} */ { kind }) => kind !== 'missed';

/**
 * @param {string} dir
 * @param {Guard} guard
 * @returns {Promise<Verdict>}
 */
export async function tryGuard(dir, guard) {
  const putBack = await takeOut(dir, guard);
  const tried = async () => verdictOn(await runTestsOf(dir, [guard]), dir, guard);
  try {
    const verdict = await tried();
    // On a busy machine a service may not come up in time.
    return verdict.kind === 'broken' ? await tried() : verdict;
  } finally {
    await putBack();
  }
}
