// Which refunds a gateway may have been asked for already, where the trace of the calls was lost with a database.

/** One that has not ended. */
export interface OpenRefund {
  readonly id: string;
  /** A name at the gateway is proof that it was asked for. */
  readonly ref: string | null;
  readonly wasCalled: boolean;
}

export interface RefundDoubt {
  /** Counted as asked for, from now on: each is looked up before it is made. */
  readonly begun: readonly string[];
  /** Nothing tells which of them was: each waits until a person found out. */
  readonly unclear: readonly string[];
}

/**
 * The open refunds of one payment. Where they bear our names, each is known by its own. Else they are made one at a time, and only the
 * one that was asked for may be looked up: another would take its return for its own, and it would be made twice.
 */
export function doubtOf(open: readonly OpenRefund[], { oneByOne }: { readonly oneByOne: boolean }): RefundDoubt {
  const traced = open.filter(({ ref, wasCalled }) => wasCalled || ref !== null);
  const suspects = oneByOne && traced.length > 0 ? traced : open;
  return {
    begun: suspects.flatMap(({ id, wasCalled }) => (wasCalled ? [] : id)),
    unclear: oneByOne && suspects.length > 1 ? suspects.map(({ id }) => id) : [],
  };
}
