// What a running booking's reply to a person means for whoever asked over HTTP.
import { VisibleError } from '../errors.ts';
import type { StaffResult } from '../../workflows/messages.ts';
import type { Reply } from './door.ts';

export const notReady = (): VisibleError =>
  new VisibleError('not_ready', 'This is still being worked on. Please ask again in a moment.', { retryAfterS: 2 });

/** The answer, where there is one; else why not. */
export function answeredOf<T>(reply: Reply<T>): T {
  switch (reply.kind) {
    case 'answered':
      return reply.value;
    case 'slow':
      throw notReady();
    case 'gone':
      throw new VisibleError('conflict', 'This booking is closed.', { code: 'booking_closed' });
    case 'refused':
      throw new VisibleError('conflict', 'The booking does not take this request.', { code: 'refused' });
  }
}

export function acceptedOf(reply: Reply<StaffResult>, nothingToDo: string): void {
  const result = answeredOf(reply);
  if (result.kind === 'accepted') return;
  throw new VisibleError('conflict', `${nothingToDo}: the booking is ${result.status}.`, { code: 'nothing_to_do' });
}
