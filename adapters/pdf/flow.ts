// Fills pages from top to bottom and begins a new one, with its running head, when the next thing does not fit.
import { BODY_BOTTOM, COLOUR, PAGE, RIGHT_EDGE, STYLE } from './design.ts';
import type { Pen, Setting } from './pen.ts';
import { lineWidth } from './pen.ts';

export class Flow {
  readonly pen: Pen;
  y: number = PAGE.top;
  readonly #runningHead: Setting;

  constructor(pen: Pen, runningHead: Setting) {
    this.pen = pen;
    this.#runningHead = runningHead;
    this.#addPage();
  }

  /** Turns the page when the coming `height` does not fit, and says so; what is taller than a page starts where it is. */
  ensure(height: number): boolean {
    const fitsOnAPage = height <= BODY_BOTTOM - PAGE.top - STYLE.title.leading * 2;
    const turns = this.y + (fitsOnAPage ? height : 0) > BODY_BOTTOM;
    if (turns) this.#turnPage();
    return turns;
  }

  space(height: number): void {
    this.y += height;
  }

  /** Draws a block line by line, so that even one longer than a page is shown to its end. */
  block(setting: Setting, at: { x: number; width?: number }): void {
    const { style } = setting;
    for (const line of setting.lines) {
      this.ensure(style.leading);
      const toTheRight = setting.rightToLeft && at.width !== undefined;
      const x = toTheRight ? at.x + (at.width ?? 0) - lineWidth(line, style) : at.x;
      this.pen.line(line, style, { x, y: this.y });
      this.y += style.leading;
    }
  }

  #turnPage(): void {
    this.#addPage();
    this.pen.blockRight(this.#runningHead, { right: RIGHT_EDGE, y: this.y });
    this.y += this.#runningHead.height + 6;
    this.pen.rule({ x: PAGE.margin, y: this.y, width: PAGE.width - 2 * PAGE.margin, colour: COLOUR.rule });
    this.y += 16;
  }

  #addPage(): void {
    this.pen.document.addPage();
    this.pen.document.rect(0, 0, PAGE.width, 7).fill(COLOUR.accent);
    this.y = PAGE.top;
  }
}
