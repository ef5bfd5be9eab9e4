// `npm run check`: one whole reconciliation in this process, and what it found, on paper. Ends with 1 unless all is explained and proven.
import { parseArgs } from 'node:util';
import { reconcile, reconciliationActivities } from '../activities/reconciliation.ts';
import { connectTemporal } from '../adapters/temporal/connection.ts';
import { readConfig } from '../config.ts';
import { openFindings } from '../db/findings.ts';
import { PATIENCE } from '../domain/invariants.ts';
import type { Patience } from '../domain/invariants.ts';
import { reportOf } from './check-report.ts';
import { reconciliationDeps } from './reconciling.ts';
import { wire } from './wiring.ts';

const { values } = parseArgs({
  options: {
    recent: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** In seconds: how long a booking must have stood still to be judged as at rest, and news may be on its way. */
    grace: { type: 'string' },
  },
});

function patienceOf(grace: string | undefined): Patience {
  if (grace === undefined) return PATIENCE;
  const graceMs = Number(grace) * 1_000;
  if (!(graceMs >= 0)) throw new Error(`--grace takes seconds, not ${grace}`);
  return { ...PATIENCE, restMs: graceMs, newsMs: Math.min(graceMs, PATIENCE.newsMs) };
}

const config = readConfig();
const { database, codec } = await wire(config, 'check');
const temporal = connectTemporal({ config: config.temporal, codec });
const deps = reconciliationDeps({ config, db: database.db, temporal: temporal.client });
const verbs = reconciliationActivities({ ...deps, patience: patienceOf(values.grace) });

const summary = await reconcile(verbs, values.recent ? 'recent' : 'all');
const findings = await openFindings(database.db);
console.log(values.json ? JSON.stringify({ summary, findings }) : reportOf(summary, findings));
await temporal.close();
await database.close();
process.exit(summary.open === 0 && summary.unread === 0 ? 0 : 1);
