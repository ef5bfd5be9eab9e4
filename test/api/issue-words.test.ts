import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { speakPlainly } from '../../api/http/issue-words.ts';

speakPlainly();

const wordsFor = (schema: z.ZodType, value: unknown): string | undefined =>
  schema.safeParse(value).error?.issues[0]?.message;

describe('what is wrong with a field', () => {
  it.each([
    [z.string(), undefined, 'is required'],
    [z.string(), 5, 'must be a text'],
    [z.int(), 'x', 'must be a number'],
    [z.int(), 1.5, 'must be a whole number'],
    [z.array(z.string()), {}, 'must be a list'],
    [z.object({}), [], 'must be an object'],
    [z.boolean(), 'yes', 'must be true or false'],
    [z.string().min(1), '', 'must not be empty'],
    [z.string().max(3), 'four', 'must have at most 3 characters'],
    [z.array(z.string()).min(1), [], 'must not be empty'],
    [z.array(z.string()).max(1), ['a', 'b'], 'must have at most 1 entry'],
    [z.int().positive(), 0, 'must be more than 0'],
    [z.int().max(10), 11, 'must be at most 10'],
    [z.enum(['percent', 'fixed']), 'x', 'must be one of percent, fixed'],
    [z.literal('a'), 'b', 'must be a'],
    [z.email(), 'x', 'must be a mail address'],
    [z.string().regex(/^\d+$/), 'x', 'has not the form that is expected'],
    [z.union([z.string(), z.number()]), undefined, 'is required'],
    [z.union([z.string(), z.number()]), {}, 'is none of the forms that are expected'],
  ])('%# is said in plain words', (schema, value, words) => {
    expect(wordsFor(schema, value)).toBe(words);
  });

  it('keeps the words a schema brings along', () => {
    expect(wordsFor(z.string().regex(/^\d+$/, 'must be digits'), 'x')).toBe('must be digits');
  });
});
