// Lets the thread run TypeScript: on Node 20 a worker thread does not inherit the loader of its parent.
import { register } from 'tsx/esm/api';

register();
await import('./thread.ts');
