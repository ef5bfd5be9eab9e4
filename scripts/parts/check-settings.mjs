// @ts-check
// Reads the environment as the programs will, before any part is started for them.
import { pathToFileURL } from 'node:url';

import { PlainFailure } from './failure.mjs';

export const CONFIG = 'config.ts';

/**
 * @param {(script: string) => string} fileOf
 * @param {Record<string, string>} env what our programs are told
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
