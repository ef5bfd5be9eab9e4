// A picture for each way to pay: its name on a plate.
import type { Reply } from '../reply.ts';
import { methods } from './methods.ts';

export function logo(file: string): Reply {
  const method = methods.find(({ id }) => file === `${id}.svg`);
  if (!method) return { status: 404, text: '', headers: {} };
  const name = method.name.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 40" role="img" aria-label="${name}">
  <rect width="240" height="40" rx="6" fill="#eef0fb" stroke="#4256d0"/>
  <text x="120" y="26" text-anchor="middle" font-family="sans-serif" font-size="15" fill="#223">${name}</text>
</svg>`;
  return { status: 200, text, headers: { 'content-type': 'image/svg+xml' } };
}
