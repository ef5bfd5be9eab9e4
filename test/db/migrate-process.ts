// One of several processes that bring the same database up to date at once.
import { migrate } from '../../db/migrate.ts';

const [url] = process.argv.slice(2);
if (!url) throw new Error('which database?');
await migrate(url);
