// Bracketed form bodies and queries (`metadata[booking]=b1`, `expand[0]=x`, `expand[]=x`) as a tree.
import { invalidRequest } from './errors.ts';

export type Tree = string | Tree[] | { [key: string]: Tree };
export type Params = { [key: string]: Tree };

const MAX_FIELDS = 1000;
const MAX_DEPTH = 8;

export function parseForm(text: string): Params {
  const root: Params = Object.create(null);
  let fields = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    fields += 1;
    if (fields > MAX_FIELDS) throw invalidRequest('Too many parameters.');
    plant(root, pathOf(name), value);
  }
  return withArrays(root);
}

/** `a[b][]` → `a`, `b`, `''`. */
function pathOf(name: string): string[] {
  const open = name.indexOf('[');
  if (open <= 0) return [name];
  const inner = [...name.slice(open).matchAll(/\[([^[\]]*)\]/g)].map((match) => match[1] ?? '');
  const path = [name.slice(0, open), ...inner];
  if (path.length > MAX_DEPTH) throw invalidRequest(`Parameter nested too deeply: ${name}`);
  return path;
}

function plant(root: Params, path: string[], value: string): void {
  let node = root;
  for (const [depth, key] of path.entries()) {
    const name = key === '' && depth > 0 ? String(Object.keys(node).length) : key;
    if (depth === path.length - 1) {
      node[name] = value;
      return;
    }
    const next = node[name];
    if (isBranch(next)) {
      node = next;
    } else {
      const fresh: Params = Object.create(null);
      node[name] = fresh;
      node = fresh;
    }
  }
}

export function isBranch(tree: Tree | undefined): tree is Params {
  return typeof tree === 'object' && !Array.isArray(tree);
}

function withArrays(branch: Params): Params {
  for (const [key, value] of Object.entries(branch)) {
    if (isBranch(value)) branch[key] = listOrBranch(withArrays(value));
  }
  return branch;
}

function listOrBranch(branch: Params): Tree {
  const keys = Object.keys(branch);
  const numbered = keys.length > 0 && keys.every((key, position) => key === String(position));
  return numbered ? Object.values(branch) : branch;
}
