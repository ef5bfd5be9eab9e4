// @ts-check
// What can be said of our dependencies without asking anybody, and how npm's answer reads when somebody was asked.

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [resolved]
 * @property {string} [integrity]
 * @property {boolean} [optional]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 * @property {readonly string[]} [libc]
 * @property {boolean} [hasInstallScript]
 * @property {string} [deprecated]
 */

/** @typedef {{ readonly packages: Readonly<Record<string, LockedPackage>> }} Lock */
/** @typedef {{ readonly dependencies?: Record<string, string>, readonly devDependencies?: Record<string, string>, readonly allowScripts?: Record<string, boolean> }} Manifest */

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;
const nameOf = (/** @type {string} */ place) => place.split('node_modules/').at(-1) ?? place;

/**
 * @param {Lock} lock
 * @param {Manifest} manifest
 * @returns {string[]} what is wrong, one sentence each
 */
export function faultsInLock(lock, manifest) {
  const locked = Object.entries(lock.packages).filter(([place]) => place !== '');
  const direct = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  return [
    ...direct
      .filter(([, wanted]) => !EXACT.test(wanted))
      .map(([name, wanted]) => `${name} is wanted as ${wanted}: pin one version`),
    ...direct
      .filter(([name, wanted]) => lock.packages[`node_modules/${name}`]?.version !== wanted)
      .map(([name, wanted]) => `${name} is wanted as ${wanted} and not locked as that`),
    ...locked
      .filter(([, each]) => !(each.integrity ?? '').startsWith('sha512-') && isInstalledHere(each))
      .map(
        ([place]) => `${nameOf(place)} is locked without a sha512 sum: whatever a registry sends would be taken for it`,
      ),
    ...locked
      .filter(([, { resolved }]) => resolved !== undefined && !resolved.startsWith('https://'))
      .map(([place, { resolved }]) => `${nameOf(place)} comes from ${resolved}`),
    ...locked
      .filter(
        ([place, each]) => each.hasInstallScript && isInstalledHere(each) && !manifest.allowScripts?.[nameOf(place)],
      )
      .map(([place]) => `${nameOf(place)} runs a script when it is installed, and allowScripts does not name it`),
  ];
}

/**
 * Where the product is run and tested; of packages for other machines npm locks only that they exist.
 * @param {LockedPackage} locked
 */
function isInstalledHere({ optional, os, cpu, libc }) {
  if (!optional) return true;
  const fits = (/** @type {readonly string[]} */ wanted, /** @type {string} */ has) => wanted.includes(has);
  return fits(os ?? ['linux'], 'linux') && fits(cpu ?? ['x64'], 'x64') && fits(libc ?? ['glibc'], 'glibc');
}

/** @param {Lock} lock */
export const deprecatedIn = ({ packages }) =>
  Object.entries(packages).flatMap(([place, { version, deprecated }]) =>
    deprecated === undefined ? [] : [`${nameOf(place)} ${version} is deprecated: ${deprecated}`],
  );

const SEVERE = new Set(['high', 'critical']);

/**
 * @param {string} text what `npm audit --json` printed
 * @returns {{ kind: 'answered', severe: string[], others: number } | { kind: 'unanswered', why: string }}
 */
export function readAudit(text) {
  const said = parsed(text);
  const { vulnerabilities } = said;
  if (typeof vulnerabilities !== 'object' || vulnerabilities === null) {
    const why = typeof said.message === 'string' ? said.message : 'no answer that can be read';
    return { kind: 'unanswered', why };
  }
  const known = Object.entries(vulnerabilities).map(([name, { severity, range }]) => ({ name, severity, range }));
  const severe = known.filter(({ severity }) => SEVERE.has(severity));
  return {
    kind: 'answered',
    severe: severe.map(({ name, severity, range }) => `${name} ${range}: ${severity}`),
    others: known.length - severe.length,
  };
}

/** @param {string} text */
function parsed(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
