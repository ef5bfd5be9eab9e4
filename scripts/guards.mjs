// One static import, so that an old Node gets a sentence and not a syntax error. By `exec`, as in start.mjs.
import { nodeComplaint } from './parts/node-version.mjs';

const complaint = nodeComplaint(process.version);
if (complaint) {
  console.error(complaint);
  process.exit(1);
}
void import('./guards/run-guards.mjs').then(({ runGuards }) => runGuards(process.argv.slice(2)));
