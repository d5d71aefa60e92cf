/** The pause after so many failures in a row, from 1: the first one, doubled with each further failure up to the longest. */
export function pauseAfter(failures: number, firstMs: number, longestMs: number): number {
  return Math.min(firstMs * 2 ** (failures - 1), longestMs)
}
