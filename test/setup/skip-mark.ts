/** Separates a suite's name from the reason it was skipped for. */
export const SKIPPED_BECAUSE = ' — skipped, because ';
