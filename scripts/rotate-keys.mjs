// One static import, so that an old Node gets a sentence and not a syntax error.
import { nodeComplaint } from './parts/node-version.mjs';

const complaint = nodeComplaint(process.version);
if (complaint) {
  console.error(complaint);
  process.exit(1);
}
void import('./parts/run-check.mjs').then(({ runRotateKeys }) => runRotateKeys(process.argv.slice(2)));
