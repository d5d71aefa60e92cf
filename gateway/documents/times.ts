/** Digits of a number since 1970, up to now and for long: they tell s, ms, µs and ns apart from 1973 on. */
const UNITS_PER_MS = [
  { below: 1e11, perMs: 1 / 1000 },
  { below: 1e14, perMs: 1 },
  { below: 1e17, perMs: 1000 },
  { below: Infinity, perMs: 1_000_000 },
] as const

/**
 * The moment, ms UTC, that a source wrote as a number since 1970 (in s, ms, µs or ns), as RFC 3339, or as a
 * local time in its time zone. Of the two hours of a night in autumn, the one nearer to `arrival` is meant.
 * `undefined` for anything else.
 */
export function parseTime(written: unknown, timeZone: string, arrival: number): number | undefined {
  if (typeof written === 'number') return sinceEpoch(written)
  if (typeof written !== 'string') return undefined
  if (/^\d+(?:\.\d+)?$/.test(written)) return sinceEpoch(Number(written))
  if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d/.test(written)) return undefined
  try {
    return /(?:[Zz]|[+-]\d\d:?\d\d)$/.test(written)
      ? Temporal.Instant.from(written).epochMilliseconds
      : fromLocal(written, timeZone, arrival)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function sinceEpoch(amount: number): number | undefined {
  if (!(amount >= 0)) return undefined
  const { perMs } = UNITS_PER_MS.find(({ below }) => amount < below) ?? UNITS_PER_MS[0]
  return Math.round(amount / perMs)
}

function fromLocal(written: string, timeZone: string, arrival: number): number {
  const local = Temporal.PlainDateTime.from(written)
  const [earlier, later] = (['earlier', 'later'] as const).map(
    disambiguation => local.toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds,
  ) as [number, number]
  return Math.abs(arrival - earlier) < Math.abs(arrival - later) ? earlier : later
}
