// @ts-check
// Luck that can be had again: the same seed gives the same numbers on every machine.

/** @typedef {ReturnType<typeof createRandom>} Random */

/** Mulberry32. @param {number} seed */
export function createRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  /** @param {number} from @param {number} to whole, both included */
  const between = (from, to) => from + Math.floor(next() * (to - from + 1));
  return {
    between,
    /** @param {number} probability */
    chance: (probability) => next() < probability,
    /**
     * @template T
     * @param {readonly [T, ...T[]]} list
     * @returns {T}
     */
    pick: (list) => list[between(0, list.length - 1)] ?? list[0],
    /**
     * One of the names, each as often as its weight says.
     * @template {string} Name
     * @param {Readonly<Record<Name, number>>} weights
     * @returns {Name}
     */
    weighed(weights) {
      const entries = /** @type {[Name, number][]} */ (Object.entries(weights));
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      const found = entries.find(([, weight]) => (left -= weight) < 0) ?? entries.at(-1);
      if (!found) throw new Error('There is nothing to choose from.');
      return found[0];
    },
    /**
     * The same things in another order.
     * @template T
     * @param {readonly T[]} list
     */
    shuffled(list) {
      const keyed = list.map((item) => ({ item, key: next() }));
      return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item);
    },
    /** A seed for somebody whose luck must not depend on how much of ours was used. */
    seed: () => between(1, 2 ** 31 - 1),
  };
}
