// @ts-check
// Started by sdk-download.mjs: has the SDK download one server into a folder and start it once, which proves it runs.
import { mkdir } from 'node:fs/promises';

import { TestWorkflowEnvironment } from '@temporalio/testing';

const [what, version = 'default', downloadDir = '.'] = process.argv.slice(2);
await mkdir(downloadDir, { recursive: true });
const server =
  what === 'dev-server'
    ? TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', version, downloadDir } } })
    : TestWorkflowEnvironment.createTimeSkipping({
        server: { executable: { type: 'cached-download', version, downloadDir } },
      });
await (await server).teardown();
