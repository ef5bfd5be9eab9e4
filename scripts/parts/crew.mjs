// @ts-check
// The parts that run: kept alive, noted in DATA_DIR with every change, ended in order.
import { elapsed, speaker } from './progress.mjs';
import { stackFile, writeRun, writeWhole } from './run-file.mjs';
import { keepRunning } from './supervise.mjs';

// Nobody may ask for work any more before those that do it end; data ends last.
const STOP_ORDER = [['api'], ['worker', 'background'], ['sim'], ['temporal'], ['postgres']];

/** @param {string} dir DATA_DIR */
export function createCrew(dir) {
  /** @type {Map<string, import('./supervise.mjs').Kept>} */
  const kept = new Map();
  /** @type {object | undefined} */
  let facts;
  let noting = Promise.resolve();
  let isStopping = false;

  const writeNotes = async () => {
    const children = [...kept.values()].map(({ name, running }) => ({
      name,
      pid: running().child.pid ?? 0,
      mark: running().mark,
    }));
    await writeRun(dir, { pid: process.pid, children });
    const pids = Object.fromEntries(children.map(({ name, pid }) => [name, pid]));
    if (facts) await writeWhole(stackFile(dir), { pid: process.pid, pids, ...facts });
  };
  // One at a time: two parts may change in the same moment.
  const note = () => (noting = noting.then(writeNotes));

  return {
    /**
     * @param {string} name
     * @param {() => Promise<import('./supervise.mjs').Running>} start
     */
    async keep(name, start) {
      const begun = Date.now();
      const part = await keepRunning({ name, start, onChange: () => void note() });
      // Told to stop while it was on its way up.
      if (isStopping) {
        await part.stop();
        return;
      }
      kept.set(name, part);
      await note();
      speaker(name)(`ready in ${elapsed(begun)}`);
    },
    /**
     * From now on stack.json says that the stack is up, and how to reach it.
     * @param {object} upFacts
     */
    async announce(upFacts) {
      facts = upFacts;
      await note();
    },
    async stop() {
      isStopping = true;
      for (const names of STOP_ORDER) await Promise.all(names.map(async (name) => kept.get(name)?.stop()));
      await noting;
    },
  };
}
