/** How many rows of a list to ask for: the first page has a few, the others as many as have these characters. */

export const FIRST_PAGE = 16;
const PAGE_CHARACTERS = 4_000_000;
const MAX_PAGE = 1000;

/** States are of any size, so the rows of the last page tell how many the next one asks for. */
export function nextPage(sizes: readonly number[]): number {
  const characters = sizes.reduce((sum, size) => sum + size, 0);
  const fitting = Math.floor((PAGE_CHARACTERS * sizes.length) / (characters + 1));
  return Math.max(1, Math.min(fitting, 4 * sizes.length, MAX_PAGE));
}
