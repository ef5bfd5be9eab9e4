// @ts-check

/** What a person can mend: shown as its one sentence, without a stack. */
export class PlainFailure extends Error {
  /** @param {string} sentence */
  constructor(sentence) {
    super(sentence);
    this.name = 'PlainFailure';
  }
}

/** Nothing was done or looked at: the options are wrong, or what is asked for cannot be reached. */
export class Refusal extends PlainFailure {}

const REFUSED = 2;

/** A part this machine can't provide: tests that need it are skipped, unless all parts are required. */
export class PartMissing extends PlainFailure {}

/**
 * Runs a command's main function and ends the process with its answer; failures people can mend print one sentence.
 * @param {() => Promise<number>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof PlainFailure ? `\n${error.message}` : error);
    process.exitCode = error instanceof Refusal ? REFUSED : 1;
  }
}
