// Sends what the facts have left to tell: letters over SMTP, each at most once per booking, kind and version.
import type { Mailer } from '../adapters/mail.ts';
import { markRefused, markSent, postponeNotice, takeDueNotices, NOTICES_CHANNEL } from '../db/notices.ts';
import type { DueNotice } from '../db/notices.ts';
import type { Logger } from '../log.ts';
import { listenOn } from './ear.ts';
import { writeLetter } from './letters.ts';
import type { LetterDeps } from './letters.ts';
import { startPeriodic } from './periodic.ts';
import type { Running } from './periodic.ts';

export interface RelayDeps extends LetterDeps {
  readonly databaseUrl: string;
  readonly mailer: Mailer;
  readonly log: Logger;
}

const AT_ONCE = 10;
const LOOK_EVERY_MS = 2_000;
const LONGEST_DELAY_S = 3_600;
/** What a letter waits for the papers that it brings. */
const DRAWING_S = 2;

export function startRelay(deps: RelayDeps): Running {
  let working: Promise<void> | undefined;
  const work = (): Promise<void> => {
    working ??= sendAllDue(deps).finally(() => {
      working = undefined;
    });
    return working;
  };
  const poll = startPeriodic({ name: 'mail relay', everyMs: LOOK_EVERY_MS, log: deps.log, run: work });
  const onWake = (): void => void work().catch(() => undefined);
  const ear = listenOn({ channel: NOTICES_CHANNEL, databaseUrl: deps.databaseUrl, log: deps.log, onWake });
  return {
    stop: async () => {
      await Promise.all([ear.stop(), poll.stop()]);
      await working?.catch(() => undefined);
    },
  };
}

async function sendAllDue(deps: RelayDeps): Promise<void> {
  for (;;) {
    const due = await takeDueNotices(deps.db, AT_ONCE);
    await Promise.all(due.map((notice) => sendOne(deps, notice)));
    if (due.length < AT_ONCE) return;
  }
}

async function sendOne(deps: RelayDeps, notice: DueNotice): Promise<void> {
  try {
    const message = await writeLetter(deps, notice);
    const outcome = 'letter' in message ? await deps.mailer.send(message) : message;
    if (outcome.kind === 'sent') await markSent(deps.db, notice.id);
    else if (outcome.kind === 'refused') await markRefused(deps.db, notice.id, outcome.reason);
    else await postponeNotice(deps.db, notice.id, { seconds: DRAWING_S, error: null });
  } catch (err) {
    deps.log.warn(
      { err, noticeId: notice.id, bookingId: notice.bookingId },
      'a letter could not be sent; it is tried again',
    );
    const seconds = Math.min(LONGEST_DELAY_S, 5 * 2 ** notice.attempts);
    await postponeNotice(deps.db, notice.id, { seconds, error: err instanceof Error ? err.name : 'failed' });
  }
}
