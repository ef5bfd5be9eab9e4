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
    /** When the token or link that opened the door is good no more. */
    accessEndsAt?: Date;
    /** Set when a browser link opened the door instead of a token. */
    linked?: LinkedBooking;
    /** Set behind `idempotent` when the request brought a key. */
    heldKey?: HeldKey;
    answerNotFinal?: boolean;
    /** The cart that the answer speaks of, where the path does not say it; its id is a key to it, and stands in no log. */
    cartId?: string;
    /** For the request's log line. */
    bookingId?: string;
  };
}
