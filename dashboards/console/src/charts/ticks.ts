/** As many of the candidates as there is room for, evenly spaced from the last one back. */
export function thin(candidates: readonly number[], most: number): number[] {
  const every = Math.max(1, Math.ceil(candidates.length / Math.max(1, most)))
  const offset = (candidates.length - 1) % every
  return candidates.filter((_, index) => index % every === offset)
}
