// @ts-check
// Written for the oldest Node that knows modules, so that it can speak on the one it complains about.

/**
 * What is wrong with this Node version, or nothing when it will do.
 * @param {string} version
 * @returns {string | undefined}
 */
export function nodeComplaint(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return undefined;
  return `Holdfast needs Node 20.19 or newer and this is ${version}: install a newer one from https://nodejs.org, or with nvm, fnm or your package manager.`;
}
