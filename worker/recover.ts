// `npm run recover -- --since <moment> [--apply]`: rebuilds our books, from what Temporal and the vendors know, on an old backup.
import { createActivities } from '../activities/index.ts';
import { createRecorder } from '../activities/record.ts';
import { createPdfRenderer } from '../adapters/pdf/renderer.ts';
import { connectTemporal } from '../adapters/temporal/connection.ts';
import { readConfig } from '../config.ts';
import { takeTurn } from '../db/turn.ts';
import { PATIENCE } from '../domain/invariants.ts';
import { couldNotLook, endUnasked, refuse } from './arguments.ts';
import { readArguments } from './recover/arguments.ts';
import { recover } from './recover/recovery.ts';
import { needsApply, reportOf } from './recover/report.ts';
import { stillRunning } from './recover/still-running.ts';
import { brandOf, vendorsOf, wire } from './wiring.ts';

const RECOVERY_LOCK = [7_305, 1] as const;

const reading = readArguments(process.argv.slice(2), new Date());
if (reading.kind !== 'asked') endUnasked(reading);
const { asked } = reading;

const config = readConfig();
const { database, keyring, codec } = await wire(config, 'recover');
const { db } = database;
const temporal = connectTemporal({ config: config.temporal, codec });
const { connection } = temporal;
const { namespace, taskQueue } = config.temporal;
const turn = await takeTurn({
  databaseUrl: config.databaseUrl,
  lock: RECOVERY_LOCK,
  applicationName: 'holdfast-recover-turn',
});
if (!turn) refuse('Another recovery is at work on this database.');
const requireAlone = async (): Promise<void> => {
  const running = await stillRunning({ db, connection, namespace, taskQueue }).catch(couldNotLook);
  if (running.length > 0)
    refuse(`Stop every api, worker and background process first: ${running.join(', ')} is at work on this database.`);
};

const clock = (): Date => new Date();
const renderer = createPdfRenderer();
const verbs = createActivities({
  db,
  keyring,
  clock,
  record: createRecorder(db, clock),
  ...vendorsOf(config),
  renderPdf: (content) => renderer.render(content),
  brand: brandOf(config),
  returnUrls: config.returnUrls,
  checkoutUrl: `${config.publicUrl}/checkout`,
});
const recovery = await recover(
  {
    db,
    keyring,
    clock,
    connection,
    namespace,
    taskQueue,
    requireAlone,
    patience: PATIENCE,
    secondLookMs: 0,
    ...vendorsOf(config),
    drawAgain: (bookingId, version) => verbs.issueDocuments({ bookingId, version }),
  },
  asked,
);
console.log(reportOf(recovery, asked.apply));
await Promise.all([renderer.close(), turn.end(), temporal.close()]);
await database.close();
const { left, outside, unread } = recovery;
const isOpen = (needsApply(recovery) && !asked.apply) || left.length + outside.length + unread > 0;
process.exit(isOpen ? 1 : 0);
