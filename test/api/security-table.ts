// The table of docs/security.md: what it says of each route.
import { readFileSync } from 'node:fs';

export const DOORS = [
  'anybody',
  'dev',
  'signature',
  'browser',
  'holder',
  'reference',
  'token',
  'link',
  'service',
  'staff',
  'admin',
] as const;
export type Door = (typeof DOORS)[number];
export const BRAKES = ['', 'creates', 'forged', 'letters'] as const;
export type Brake = (typeof BRAKES)[number];

export interface SecuredRoute {
  readonly route: string;
  readonly door: Door;
  readonly whose: string;
  readonly brake: Brake;
}

export function securedRoutes(): readonly SecuredRoute[] {
  const text = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => /^\| `[A-Z]+ \//.test(line));
  return lines.flatMap((line) => {
    const [routes = '', who = '', whose = '', brake = ''] = line
      .split('|')
      .slice(1, 5)
      .map((cell) => cell.trim());
    return [...routes.matchAll(/`([A-Z]+ [^`]+)`/g)].map(([, route = '']) => ({
      route,
      door: among(DOORS, who),
      whose,
      brake: among(BRAKES, brake),
    }));
  });
}

function among<Word extends string>(words: readonly Word[], word: string): Word {
  const known = words.find((each) => each === word);
  if (known === undefined) throw new Error(`docs/security.md has no word ${word}`);
  return known;
}
