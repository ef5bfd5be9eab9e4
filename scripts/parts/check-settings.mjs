// @ts-check
// Reads the environment as the programs will, before any part is started for them.
import { pathToFileURL } from 'node:url';

import { PlainFailure } from './failure.mjs';

export const CONFIG = 'config.ts';
export const REACH = 'db/reach.ts';

/**
 * @param {(script: string) => string} fileOf
 * @param {Record<string, string | undefined>} env what our programs are told
 */
export async function requireUsableSettings(fileOf, env) {
  const { readConfig } = await import(pathToFileURL(fileOf(CONFIG)).href);
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof Error && error.name === 'BadConfiguration') throw new PlainFailure(error.message);
    throw error;
  }
}

/**
 * The one that somebody else runs must be there before anything is started for it.
 * @param {(script: string) => string} fileOf
 * @param {string} url
 */
export async function requireDatabase(fileOf, url) {
  const { whyUnusable } = await import(pathToFileURL(fileOf(REACH)).href);
  const reason = await whyUnusable(url);
  if (reason !== undefined) throw new PlainFailure(reason);
}
