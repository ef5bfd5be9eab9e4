// A letter as HTML that mail programs of every age show the same: tables for layout, styles inline.
// Dark mode is declared and left to the program; every text colour stands clear of either ground.
import type { Letter } from '../../domain/notices.ts';

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,'Noto Sans',Helvetica,Arial,sans-serif";
const ACCENT = '#0B5C6B';
const INK = '#16202A';
const MUTED = '#5B6874';

export function letterHtml(letter: Letter): string {
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(letter.subject)}</title>
<style>
@media (prefers-color-scheme: dark) {
  .ground { background: #12181D !important; }
  .sheet { background: #1B242B !important; }
  .ink { color: #E8EDF1 !important; }
  .muted { color: #A9B5BF !important; }
  .accent { color: #7CC4D1 !important; }
}
</style>
</head>
<body class="ground" style="margin:0;padding:0;background:#F1F4F6">
<div style="display:none;max-height:0;overflow:hidden">${escaped(letter.preheader)}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="ground" style="background:#F1F4F6">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="sheet" style="max-width:600px;background:#FFFFFF;border-radius:8px;border-top:5px solid ${ACCENT}">
<tr><td style="padding:28px 28px 8px">
<p class="accent" style="${text(18, ACCENT, 'bold')};margin:0 0 18px">${escaped(letter.brand)}</p>
<h1 class="ink" dir="auto" style="${text(20, INK, 'bold')};margin:0 0 18px;line-height:1.35">${escaped(letter.subject)}</h1>
${[letter.greeting, ...letter.paragraphs].flatMap((block) => (block === null ? [] : [paragraph(block)])).join('\n')}
${action(letter.action)}${factTable(letter.facts)}</td></tr>
<tr><td style="padding:12px 28px 26px">
${letter.footer.map(footerLine).join('\n')}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

const text = (size: number, colour: string, weight: 'normal' | 'bold'): string =>
  `${FONT};font-size:${size}px;font-weight:${weight};color:${colour}`;

const paragraph = (content: string): string =>
  `<p class="ink" dir="auto" style="${text(16, INK, 'normal')};line-height:1.55;margin:0 0 14px">${escaped(content)}</p>`;

const footerLine = (content: string): string =>
  `<p class="muted" dir="auto" style="${text(13, MUTED, 'normal')};line-height:1.5;margin:0 0 4px">${escaped(content)}</p>`;

function action(chosen: Letter['action']): string {
  if (!chosen) return '';
  return `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 22px"><tr><td bgcolor="${ACCENT}" style="border-radius:6px">
<a href="${escaped(safeUrl(chosen.url))}" style="${text(16, '#FFFFFF', 'bold')};display:inline-block;padding:13px 24px;text-decoration:none">${escaped(chosen.label)}</a>
</td></tr></table>
`;
}

function factTable(facts: Letter['facts']): string {
  if (facts.length === 0) return '';
  const rows = facts.map(
    ({
      label,
      value,
    }) => `<tr><th scope="row" align="left" valign="top" class="muted" style="${text(14, MUTED, 'normal')};padding:5px 16px 5px 0;white-space:nowrap">${escaped(label)}</th>
<td valign="top" class="ink" dir="auto" style="${text(14, INK, 'normal')};padding:5px 0">${escaped(value)}</td></tr>`,
  );
  return `<table cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;margin:4px 0 16px">
${rows.join('\n')}
</table>
`;
}

/** Links are ours, but a letter must not become a way to run a script should one ever not be. */
const safeUrl = (url: string): string => (/^https?:\/\//i.test(url) ? url : '#');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (content: string): string =>
  content.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
