// `npm run rotate-keys`: after a new master key was put in front of the old one, makes the old one superfluous, and says when it may go.
import { readConfig } from '../config.ts';
import { rotateKeys } from '../db/key-rotation.ts';
import { couldNotLook, endUnasked, readRotateKeys } from './arguments.ts';
import { wire } from './wiring.ts';

const reading = readRotateKeys(process.argv.slice(2));
if (reading.kind !== 'asked') endUnasked(reading);

const config = readConfig();
const { database } = await wire(config, 'rotate-keys');
const [current, ...older] = config.masterKeys;
const { wrappedAnew, hashedAnew, unopened } = await rotateKeys(database.db, config.masterKeys).catch(couldNotLook);
await database.close();

console.log(`${wrappedAnew} keys wrapped anew by ${current.id}, ${hashedAnew} addresses hashed anew.`);
for (const { masterKeyId, keys } of unopened)
  console.log(
    `${keys} keys are wrapped by ${masterKeyId}: put it into ENCRYPTION_KEY behind ${current.id} and run this again.`,
  );
if (unopened.length === 0 && older.length > 0) {
  const names = older.map(({ id }) => id).join(', ');
  console.log(`Nothing needs ${names} any more: leave ${current.id} alone in ENCRYPTION_KEY, with its name.`);
}
process.exit(unopened.length === 0 ? 0 : 1);
