import { qualityOf } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'
import type { Point } from '../../registry/registry.ts'
import { type Moment, momentOf, timeOf } from '../moment.ts'

/** What one point said last. */
interface Heard {
  /** Null where it was bad. */
  value: Value
  /** Good, and not merely uncertain. */
  certain: boolean
  at: Moment
}

/** The newest of every point, by id. */
export type HeardPoints = ReadonlyMap<string, Heard>

/** A value that is fresh and not bad; undefined otherwise. */
export type Known = Exclude<Value, null> | undefined

/** What a device measures at one time comes within so long, ms. */
const TOGETHER_MS = 1000

export function hear(heard: HeardPoints, { point, value, quality }: Reading, at: Moment): HeardPoints {
  const kind = qualityOf(quality)
  const said = { value: kind === 'bad' ? null : value, certain: kind === 'good', at }
  return new Map(heard).set(point, said)
}

/** What is known of a point; a state that is told only when it changes stands for its heartbeat besides. */
export function knownOf(
  heard: HeardPoints,
  point: Point,
  at: Moment,
  maxAge: number,
): { value: Exclude<Value, null>; certain: boolean } | undefined {
  const last = heard.get(point.id)
  if (!last || last.value === null) return undefined
  if (at.elapsed - last.at.elapsed > maxAge + (point.heartbeat ?? 0)) return undefined
  return { value: last.value, certain: last.certain }
}

export interface Group {
  readings: { reading: Reading; at: Moment }[]
  /** The moment of the last of them. */
  at: Moment
}

/** Readings, ascending, seen from a later moment: what was measured together is to be looked at together. */
export function groupsOf(readings: readonly Reading[], from: Moment): Group[] {
  const groups: Group[] = []
  for (const reading of readings) {
    const at = momentOf(timeOf(reading), from)
    const group = groups.at(-1)
    if (group && at.elapsed - group.at.elapsed < TOGETHER_MS) {
      group.readings.push({ reading, at })
      group.at = at
    } else groups.push({ readings: [{ reading, at }], at })
  }
  return groups
}
