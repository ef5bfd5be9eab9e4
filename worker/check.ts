// `npm run check`: one whole reconciliation in this process, and what it found, on paper. Ends with 1 unless all is explained and proven,
// with 2 when it could not look.
import { reconcile, reconciliationActivities } from '../activities/reconciliation.ts';
import { connectTemporal } from '../adapters/temporal/connection.ts';
import { readConfig } from '../config.ts';
import { openFindings } from '../db/findings.ts';
import { couldNotLook, endUnasked, readCheck } from './arguments.ts';
import { reportOf } from './check-report.ts';
import { reconciliationDeps } from './reconciling.ts';
import { wire } from './wiring.ts';

const reading = readCheck(process.argv.slice(2));
if (reading.kind !== 'asked') endUnasked(reading);
const { scope, json, patience } = reading.asked;

const config = readConfig();
const { database, codec } = await wire(config, 'check');
const temporal = connectTemporal({ config: config.temporal, codec });
const deps = reconciliationDeps({ config, db: database.db, temporal: temporal.client });
const verbs = reconciliationActivities({ ...deps, patience });

const summary = await reconcile(verbs, scope).catch(couldNotLook);
const findings = await openFindings(database.db);
console.log(json ? JSON.stringify({ summary, findings }) : reportOf(summary, findings));
await temporal.close();
await database.close();
process.exit(summary.open === 0 && summary.unread === 0 ? 0 : 1);
