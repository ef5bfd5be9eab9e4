// Looks for words in whatever form a program might have left them.

/** Those of the words that are there: plain, escaped as JSON escapes them, percent-encoded, in base64 or in hex. */
export function formsFoundIn(haystack: string | Buffer, words: readonly string[]): string[] {
  const bytes = typeof haystack === 'string' ? Buffer.from(haystack) : haystack;
  return words.filter((word) => formsOf(word).some((form) => bytes.includes(form)));
}

function formsOf(word: string): string[] {
  const bytes = Buffer.from(word);
  const escaped = word.replaceAll(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  // In base64 the same bytes read in three ways, by where in a triple they begin; the ends mix with the neighbours.
  const base64 = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replaceAll('=', '');
    return text.slice(offset === 0 ? 0 : offset + 1, -1);
  });
  return [word, escaped, encodeURIComponent(word), bytes.toString('hex'), ...base64.filter(({ length }) => length > 5)];
}
