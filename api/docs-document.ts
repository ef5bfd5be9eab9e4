// The OpenAPI document read once more, into what the page shows: operations by tag, shapes as text, requests as commands.
import type { OpenAPIHono } from '@hono/zod-openapi';

type Document = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

export interface DocAnswer {
  readonly status: string;
  readonly description: string;
  readonly shape: string;
}

export interface DocParameter {
  readonly name: string;
  readonly place: string;
  readonly required: boolean;
  readonly type: string;
  readonly description: string;
}

export interface DocOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly secured: boolean;
  /** Empty where any token will do. */
  readonly roles: readonly string[];
  readonly parameters: readonly DocParameter[];
  readonly bodyShape: string;
  readonly command: string;
  readonly answers: readonly DocAnswer[];
}

export interface ReadDocument {
  readonly title: string;
  readonly description: string;
  readonly groups: readonly { readonly tag: string; readonly operations: readonly DocOperation[] }[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const DEEPEST = 6;

export function readDocument(document: Document): ReadDocument {
  const server = document.servers?.[0]?.url ?? '';
  const groups = new Map<string, DocOperation[]>();
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = asNode(asNode(item)[method]);
      if (Object.keys(operation).length === 0) continue;
      const tag = textOf(asList(operation['tags'])[0]) || 'other';
      groups.set(tag, [...(groups.get(tag) ?? []), readOperation({ document, server, method, path, operation })]);
    }
  }
  return {
    title: document.info.title,
    description: document.info.description ?? '',
    groups: [...groups].map(([tag, operations]) => ({ tag, operations })),
  };
}

/** A document is JSON, and the page takes of it what it finds. */
type Node = Readonly<Record<string, unknown>>;
const asNode = (value: unknown): Node =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

interface Found {
  readonly document: Document;
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Node;
}

function readOperation({ document, server, method, path, operation }: Found): DocOperation {
  const secured = asList(operation['security']).some((need) => 'bearer' in asNode(need));
  const body = contentOf(operation['requestBody']);
  return {
    id: `${method}${path.replaceAll(/[^A-Za-z0-9]+/g, '-')}`,
    method: method.toUpperCase(),
    path,
    summary: textOf(operation['summary']),
    description: textOf(operation['description']),
    secured,
    roles: asList(asNode(asList(operation['security'])[0])['bearer']).map(textOf),
    parameters: asList(operation['parameters']).map((parameter) => readParameter(document, asNode(parameter))),
    bodyShape: body['schema'] === undefined ? '' : shapeOf(document, body['schema'], 0),
    command: commandOf({
      url: server + path,
      method,
      secured,
      headers: headersOf(operation),
      example: body['example'],
    }),
    answers: Object.entries(asNode(operation['responses'])).map(([status, response]) => ({
      status,
      description: textOf(asNode(response)['description']),
      shape: shapeOf(document, contentOf(response)['schema'], 0),
    })),
  };
}

/** Of a request body or an answer, its first media type. */
const contentOf = (holder: unknown): Node => asNode(Object.values(asNode(asNode(holder)['content']))[0]);

const readParameter = (document: Document, parameter: Node): DocParameter => ({
  name: textOf(parameter['name']),
  place: textOf(parameter['in']),
  required: parameter['required'] === true,
  type: shapeOf(document, parameter['schema'], 0),
  description: textOf(parameter['description']) || textOf(asNode(parameter['schema'])['description']),
});

/** Those that a request cannot do without, as curl takes them. */
const headersOf = (operation: Node): readonly string[] =>
  asList(operation['parameters'])
    .map(asNode)
    .filter((parameter) => parameter['in'] === 'header' && parameter['required'] === true)
    .map(({ name, schema }) => `${textOf(name)}: ${textOf(asNode(schema)['example'])}`);

interface Call {
  readonly url: string;
  readonly method: string;
  readonly secured: boolean;
  readonly headers: readonly string[];
  readonly example: unknown;
}

function commandOf({ url, method, secured, headers, example }: Call): string {
  // Braces would be curl's own; what stands in them is yours to set.
  const address = url.replaceAll(/\{(\w+)\}/g, '$$$1');
  const parts = [`curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}"${address}"`];
  if (secured) parts.push('-H "Authorization: Bearer $TOKEN"');
  for (const header of headers) parts.push(`-H "${header.replaceAll('"', String.raw`\"`)}"`);
  if (example !== undefined) {
    const body = JSON.stringify(example, null, 2).replaceAll("'", String.raw`'\''`);
    // A shell puts in what is yours to set only outside of single quotes.
    const yours = body.replaceAll(/\$[A-Z_]+/g, `'"$&"'`);
    parts.push("-H 'Content-Type: application/json'", `-d '${yours}'`);
  }
  return parts.join(' \\\n  ');
}

/** A JSON schema as a person would write the type down. */
function shapeOf(document: Document, schema: unknown, depth: number): string {
  const node = asNode(resolve(document, schema));
  if (depth > DEEPEST) return '…';
  const choices = asList(node['anyOf'] ?? node['oneOf']);
  if (choices.length > 0) return choices.map((choice) => shapeOf(document, choice, depth)).join(' | ');
  const all = asList(node['allOf']);
  if (all.length > 0) return all.map((part) => shapeOf(document, part, depth)).join(' & ');
  if ('const' in node) return JSON.stringify(node['const']);
  const allowed = asList(node['enum']);
  if (allowed.length > 0) return allowed.map((value) => JSON.stringify(value)).join(' | ');
  const types = [node['type']].flat().map(textOf);
  return types.map((type) => shapeOfType({ document, node, depth, type })).join(' | ');
}

function shapeOfType({
  document,
  node,
  depth,
  type,
}: {
  document: Document;
  node: Node;
  depth: number;
  type: string;
}): string {
  if (type === 'array') return `[${shapeOf(document, node['items'], depth + 1)}]`;
  if (type !== 'object') return [type || 'any', textOf(node['format'])].filter(Boolean).join(':');
  const properties = Object.entries(asNode(node['properties']));
  if (properties.length === 0) return '{ … }';
  const required = new Set(asList(node['required']).map(textOf));
  const indent = '  '.repeat(depth + 1);
  const lines = properties.map(
    ([name, of]) => `${indent}${name}${required.has(name) ? '' : '?'}: ${shapeOf(document, of, depth + 1)}`,
  );
  return `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}`;
}

function resolve(document: Document, schema: unknown): unknown {
  const name = /^#\/components\/schemas\/(.+)$/.exec(textOf(asNode(schema)['$ref']))?.[1];
  return name === undefined ? schema : asNode(document.components?.schemas)[name];
}
