// In the renderer's thread's place: starts at once, draws nothing, and dies or hangs when told to.
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', ({ title }) => {
  if (title === 'die') process.exit(1);
  if (title === 'hang') for (;;);
  if (title === 'die soon') setTimeout(() => process.exit(1), 50);
  parentPort?.postMessage({ kind: 'drawn', pdf: new TextEncoder().encode(title) }, []);
});
