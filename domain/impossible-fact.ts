// What no booking can have come to. It stands alone, so that whoever finds out may say so without knowing how bookings change.
export class ImpossibleFact extends Error {
  override readonly name = 'ImpossibleFact';
}

/** For what a fact names and was never told: whoever reads facts again has to tell it from a fault of ours. */
export function impossible(why: string): never {
  throw new ImpossibleFact(why);
}
