// @ts-check
// docs/guards.md, written from the table.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { ROOT } from '../parts/paths.mjs';
import { CHAPTERS, GUARDS } from './table.mjs';

export const PAGE = path.join(ROOT, 'docs', 'guards.md');

export const writePage = () => writeFile(PAGE, pageText());

export function pageText() {
  return `${[HEAD, ...CHAPTERS.map(chapterText)].join('\n\n')}\n`;
}

const HEAD = `# Guards, and the tests that fall without them

What keeps money from being lost or doubled is not only tested: each of these ${GUARDS.length} guards can be taken out of the source, and then the test beside it
fails. A guard whose absence nobody notices would be none.

\`\`\`sh
npm run guards                     # all of them, one after another: about half an hour
npm run guards -- --unit           # those whose test needs no services: two minutes
npm run guards -- --only NAME      # one, or several with commas between
npm run guards -- --page           # writes this page anew
\`\`\`

The runner copies the checkout, sees that the named tests are green there and that the code still compiles with the guards out, and then takes out one guard at a time: the very text that the
table in \`scripts/guards/table.mjs\` has, which must be there exactly once. Its test must fail, by an expectation or an error of the product's own, not because the code is broken. What it says, and the exit
code, count. Every \`npm test\` holds the table against the source, the tests and this page, and runs two of the mutations (\`test/scripts/guards.test.mjs\`).

F1 to F17 are the failure classes that other systems are known for:
F1 webhook and redirect both complete · F2 a compensation undoes another run's success · F3 acknowledged, and the effect lost · F4 an event before our row · F5 a stale event of an old attempt · F6 two payments paid ·
F7 paid after expiry · F8 a time-out read as failure · F9 refunds beyond what was captured · F10 refunded and not recorded · F11 a refund that failed taken for done · F12 an idempotency key that does not last ·
F13 refund and chargeback · F14 confirmed without being paid · F15 the supplier failed and the money was kept · F16 a wrong exponent · F17 a database restored behind the gateway. I-numbers: [invariants.md](invariants.md).`;

/** @param {import('./table.mjs').Chapter} chapter */
function chapterText({ title, guards }) {
  const rows = guards.map(
    ({ name, against, keepsFrom, file, test }) =>
      `| ${name} | ${against} | ${keepsFrom} | \`${file}\` | ${test.name.replaceAll('|', '\\|')} (\`${test.file}\`) |`,
  );
  return [`## ${title}`, '', '| Guard | Against | Without it | In | Falls |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}
