// One static import, so that an old Node gets a sentence and not a syntax error. package.json starts this by `exec`: a
// shell between npm and us would die of the signals that npm passes on, and leave us behind.
import { nodeComplaint } from './parts/node-version.mjs';

const complaint = nodeComplaint(process.version);
if (complaint) {
  console.error(complaint);
  process.exit(1);
}
void import('./parts/run-stack.mjs').then(({ runStack }) => runStack());
