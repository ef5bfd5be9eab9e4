import { describe, expect, it } from 'vitest';
import { letterHtml } from '../../adapters/mail/letter-html.ts';
import { letterText } from '../../adapters/mail/letter-text.ts';
import type { Letter } from '../../domain/notices.ts';

const EVIL = `<script>alert("x")</script>'&`;
const LETTER: Letter = {
  subject: 'Your booking is confirmed',
  preheader: 'Booked and paid.',
  brand: 'Trektoo',
  greeting: 'Hello Zoë,',
  paragraphs: [`${'A sentence of middling length. '.repeat(8)}The end.`, 'Short.'],
  facts: [
    { label: 'Booking', value: 'HF-1' },
    { label: 'When', value: 'Sunday 12 April 2026' },
  ],
  action: { label: 'View your booking', url: 'https://s.example/b?t=1&x=2' },
  footer: ['Questions? help@trektoo.example'],
};

describe('as HTML', () => {
  it('shows markup in names as text, wherever it stands', () => {
    const html = letterHtml({
      subject: EVIL,
      preheader: EVIL,
      brand: EVIL,
      greeting: EVIL,
      paragraphs: [EVIL],
      facts: [{ label: EVIL, value: EVIL }],
      action: { label: EVIL, url: `https://s.example/"onclick="x` },
      footer: [EVIL],
    });
    expect(html).not.toContain('<script');
    expect(html).not.toContain('"onclick=');
    expect(html.split('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;')).toHaveLength(11);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', '//evil.example'])('links nowhere but to the web: %s', (url) => {
    expect(letterHtml({ ...LETTER, action: { label: 'Go', url } })).toContain('href="#"');
  });

  it('keeps the link whole', () => {
    expect(letterHtml(LETTER)).toContain('href="https://s.example/b?t=1&amp;x=2"');
  });

  it('is no table to a screen reader where it only looks like one', () => {
    const tables = letterHtml(LETTER).match(/<table[^>]*>/g) ?? [];
    expect(tables.filter((table) => !table.includes('role="presentation"'))).toHaveLength(1);
    expect(letterHtml(LETTER)).toContain('<th scope="row"');
    expect(letterHtml(LETTER)).toMatch(/<html lang="en"/);
  });

  it('says nothing where there is nothing to say', () => {
    const html = letterHtml({ ...LETTER, greeting: null, facts: [], action: null });
    expect(html).not.toContain('<a ');
    expect(html).not.toContain('<th');
    expect(html).not.toContain('null');
  });
});

describe('as text', () => {
  it('says the same as the HTML', () => {
    const text = letterText(LETTER);
    for (const said of [
      'Hello Zoë,',
      'Short.',
      'Booking: HF-1\nWhen:    Sunday',
      'View your booking:\nhttps://s.example/b?t=1&x=2',
      '-- \nQuestions? help@trektoo.example',
    ]) {
      expect(text).toContain(said);
    }
  });

  it('keeps its lines short, and never breaks a link', () => {
    const url = `https://s.example/${'x'.repeat(120)}`;
    const lines = letterText({ ...LETTER, action: { label: 'Go', url } }).split('\n');
    expect(lines).toContain(url);
    expect(lines.filter((line) => line.length > 76)).toEqual([url]);
  });

  it('keeps each fact on one line, so that a value cannot pass for another fact', () => {
    expect(letterText({ ...LETTER, facts: [{ label: 'Name', value: 'Zoë\nAmount: 0.00' }] })).toContain(
      'Name: Zoë Amount: 0.00',
    );
  });
});
