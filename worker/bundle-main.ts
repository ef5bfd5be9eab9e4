// Builds the bundle where a worker will look for it, e.g. while an image is made.
import { join } from 'node:path';
import { workflowBundle } from './bundle.ts';

// Its folder is an argument: config.ts would ask for secrets that no image should hold.
await workflowBundle(join(process.argv[2] ?? '.holdfast', 'bundles'));
