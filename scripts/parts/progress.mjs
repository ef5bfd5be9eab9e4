// @ts-check
// The one place that writes progress for people: short lines with the part's name in front.

const started = Date.now();

/** Seconds since this program began, as people read them. */
export function elapsed(since = started) {
  const seconds = (Date.now() - since) / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/** @typedef {(line: string) => void} Say */

/**
 * A writer of lines for one part.
 * @param {string} name
 * @returns {Say}
 */
export function speaker(name) {
  return (line) => process.stdout.write(`${name.padEnd(14)}${line}\n`);
}

/**
 * Runs `work` and repeats `line()` every few seconds, so that nobody has to wonder whether it hangs.
 * @template T
 * @param {{ say: Say, line: (sinceStart: string) => string, everyMs?: number }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function whileSaying({ say, line, everyMs = 10_000 }, work) {
  const begun = Date.now();
  const timer = setInterval(() => say(line(elapsed(begun))), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
