/** The value below which a share of some values lies, between the two around it in proportion (as spreadsheets do). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!]
  return below + (above - below) * (place - Math.floor(place))
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** The standard deviation of a normal distribution, in median absolute deviations. */
const DEVIATION_OF_MAD = 1.4826

/** The standard deviation of values about a centre that a few odd ones do not move; of how far each is from it. */
export function robustDeviation(deviations: readonly number[]): number {
  return DEVIATION_OF_MAD * median(deviations)
}
