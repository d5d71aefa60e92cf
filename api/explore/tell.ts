import type { Cell, ClockOffsets } from '../../model/row-query.ts'
import type { Result } from './odsql/query.ts'

export interface Clocks {
  /** IANA */
  timeZone: string
  /** Of that zone, for the times that are told. */
  offsets: ClockOffsets
}

/** What results tell of a row, by their names. */
export function tellRow(
  results: readonly Result[],
  row: readonly Cell[],
  clocks: Clocks,
): Record<string, unknown> {
  return Object.fromEntries(results.map(result => [result.name, tellResult(result, row, clocks)]))
}

/** What a result tells of a row, as JSON has it. */
export function tellResult(
  { type, at: [first, second], tell }: Result,
  row: readonly Cell[],
  clocks: Clocks,
): unknown {
  const cell = row[first]!
  if (tell) return tell(cell)
  if (cell === null) return null
  switch (type) {
    case 'geo_point_2d':
      return { lon: cell, lat: row[second!] }
    case 'datetime':
      return tellInstant(cell as string, clocks)
    case 'date':
      return (cell as string).slice(0, 10)
    case 'local':
      return tellLocal(cell as string, clocks.timeZone)
    default:
      // What is too large for a double has no number in JSON, and so in no format.
      return typeof cell === 'number' && !Number.isFinite(cell) ? null : cell
  }
}

/** An instant on the clocks of a zone: `2026-11-22T12:00:00+01:00`. */
export function tellInstant(instant: string, { offsets }: Clocks): string {
  const time = Date.parse(instant)
  const { aheadMs } = offsets.findLast(({ from }) => from <= time) ?? offsets[0] ?? { aheadMs: 0 }
  return new Date(time + aheadMs).toISOString().slice(0, 19) + tellOffset(aheadMs)
}

/** What a clock shows, with its offset; where that happens twice, the first. */
function tellLocal(local: string, timeZone: string): string {
  const zoned = Temporal.PlainDateTime.from(local).toZonedDateTime(timeZone)
  return local + tellOffset(zoned.offsetNanoseconds / 1e6)
}

function tellOffset(aheadMs: number): string {
  const minutes = Math.abs(Math.round(aheadMs / 60_000))
  const two = (value: number) => String(value).padStart(2, '0')
  return `${aheadMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
