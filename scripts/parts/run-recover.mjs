// @ts-check
// `npm run recover`: rebuilds, on an old backup, the books of the installation that the environment names.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { PlainFailure, runMain } from './failure.mjs';
import { ensureDependencies } from './install.mjs';
import { dataDir, ROOT } from './paths.mjs';
import { runningSupervisor } from './run-file.mjs';
import { withEnvFile } from './settings.mjs';

/** @param {readonly string[]} args */
export async function runRecover(args) {
  await runMain(async () => {
    await ensureDependencies();
    const env = await withEnvFile(process.env);
    if (!env.DATABASE_URL || !env.ENCRYPTION_KEY || !env.TEMPORAL_ADDRESS) {
      const running = (await runningSupervisor(dataDir(env))) !== undefined;
      throw new PlainFailure(
        `${running ? 'What npm start runs is not recovered in place. ' : ''}Set DATABASE_URL (the restored database), ENCRYPTION_KEY, ` +
          'TEMPORAL_ADDRESS and the keys of the vendors, with api, worker and background stopped: docs/recover.md.',
      );
    }
    const script = ['--import', 'tsx', '--enable-source-maps', 'worker/recover.ts', ...args];
    const child = spawn(process.execPath, script, { cwd: ROOT, env: { LOG_LEVEL: 'warn', ...env }, stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    return code ?? 1;
  });
}
