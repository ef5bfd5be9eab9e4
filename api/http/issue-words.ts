// What is wrong with a field, in our words: the validator's own speak to programmers.
import { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

/** Words that a schema brings along come first; what has none here keeps the validator's. */
export function speakPlainly(): void {
  z.config({ customError: wordsOf });
}

function wordsOf(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'has not the form that is expected';
    case 'too_small':
      return limitWords(issue.origin, Number(issue.minimum), issue.inclusive === false ? 'more than' : 'at least');
    case 'too_big':
      return limitWords(issue.origin, Number(issue.maximum), issue.inclusive === false ? 'less than' : 'at most');
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return issue.input === undefined ? 'is required' : 'is none of the forms that are expected';
    case 'invalid_key':
    case 'invalid_element':
    case 'unrecognized_keys':
    case 'custom':
      return undefined;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  date: 'a date',
};

const FORMATS: Readonly<Record<string, string>> = {
  email: 'must be a mail address',
  url: 'must be a web address',
  datetime: 'must be a moment like 2026-01-31T09:00:00Z',
  date: 'must be a date like 2026-01-31',
  uuid: 'must be a UUID',
};

function limitWords(origin: string, limit: number, words: 'more than' | 'at least' | 'less than' | 'at most'): string {
  const [one, many] = UNITS[origin] ?? [];
  if (one === undefined) return `must be ${words} ${limit}`;
  if (limit === 1 && words === 'at least') return 'must not be empty';
  return `must have ${words} ${limit} ${limit === 1 ? one : many}`;
}

const UNITS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};
