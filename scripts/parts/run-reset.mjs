// @ts-check
// `npm run reset`: drops what `npm start` keeps between runs: database, Temporal, stand-ins, secrets, logs.
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { PlainFailure, runMain } from './failure.mjs';
import { dataDir, ROOT } from './paths.mjs';
import { speaker } from './progress.mjs';
import { runningSupervisor, takeOver } from './run-file.mjs';
import { withEnvFile } from './settings.mjs';
import { possibleDirs } from './unprivileged.mjs';

const OURS = ['secrets.json', 'postgres', 'temporal.db', 'logs', 'run.json'];

export async function resetData() {
  await runMain(async () => {
    const say = speaker('reset');
    const dir = dataDir(await withEnvFile(process.env));
    if (!(await exists(dir))) {
      say(`nothing to drop: ${dir} is not there`);
      return 0;
    }
    await refuseForeignDir(dir);
    const pid = await runningSupervisor(dir);
    if (pid !== undefined) throw new PlainFailure(`Holdfast runs on ${dir} (pid ${pid}): stop it first, then reset.`);
    await takeOver(dir, say);
    const clusters = possibleDirs(path.join(dir, 'postgres'));
    await Promise.all([dir, ...clusters].map((each) => rm(each, { recursive: true, force: true })));
    say(`dropped ${dir}; the next start begins empty`);
    return 0;
  });
}

/**
 * DATA_DIR may be set to anything: only a folder that Holdfast made is removed.
 * @param {string} dir
 */
async function refuseForeignDir(dir) {
  const known = await Promise.all(OURS.map((name) => exists(path.join(dir, name))));
  if (known.some(Boolean) && !ROOT.startsWith(dir)) return;
  throw new PlainFailure(
    `${dir} does not look like a data folder of Holdfast, so it is left alone: remove it yourself or correct DATA_DIR.`,
  );
}

/** @param {string} file */
async function exists(file) {
  return stat(file).then(
    () => true,
    () => false,
  );
}
