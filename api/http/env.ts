import type { Logger } from '../../log.ts';
import type { Principal } from '../auth.ts';
import type { HeldKey } from '../idempotency.ts';
import type { LinkedBooking } from '../links.ts';

/** What middleware leaves on a request for those after it. */
export interface AppEnv {
  Variables: {
    requestId: string;
    log: Logger;
    principal?: Principal;
    /** Set when a browser link opened the door instead of a token. */
    linked?: LinkedBooking;
    /** Set behind `idempotent` when the request brought a key. */
    heldKey?: HeldKey;
    answerNotFinal?: boolean;
    /** For the request's log line. */
    bookingId?: string;
  };
}
