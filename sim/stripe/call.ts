// One API request after authentication and parsing.
import type { Params } from './form.ts';

export type Call = {
  /** `req_…` */
  id: string;
  method: string;
  path: string;
  /** The object id in the path, or empty. */
  target: string;
  params: Params;
  publishable: boolean;
  idempotencyKey: string | null;
};
