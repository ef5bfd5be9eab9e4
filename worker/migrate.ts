import { readConfig } from '../config.ts';
import { migrate } from '../db/migrate.ts';
import { whyUnusable } from '../db/reach.ts';
import { createLog } from '../log.ts';

const { databaseUrl, logLevel } = readConfig();
const unusable = await whyUnusable(databaseUrl);
if (unusable !== undefined) {
  createLog({ level: logLevel, process: 'migrate' }).fatal(unusable);
  process.exit(1);
}
await migrate(databaseUrl);
