import type { Decoded } from '../bus/envelope.ts'
import type { ReadingBatch } from '../model/delivery.ts'
import { emptyColumns, pushReading, readingAt } from '../model/reading.ts'
import type { PointUnit, PointUnits } from '../store/point-units.ts'
import type { ReadingStore } from '../store/readings.ts'

/** Points whose readings are not taken: why, and in which unit the registry has them. */
export type RefusedPoints = ReadonlyMap<string, { reason: string; unit: string }>

/**
 * Finds the points of which readings are stored in another unit than the registry says, and notes the units of
 * the others. A store that does not answer may hold readings: then the unit it was known by stands.
 */
export async function findChangedUnits(
  units: PointUnits,
  points: Iterable<PointUnit>,
  store: Pick<ReadingStore, 'latest'>,
): Promise<RefusedPoints> {
  const all = [...points]
  const differing = units.differing(all)
  const refused = new Map<string, { reason: string; unit: string }>()
  if (differing.length > 0) {
    const ids = differing.map(({ id }) => id)
    const stored = await store.latest(ids).then(
      latest => new Set(latest.map(({ point }) => point)),
      () => new Set(ids),
    )
    for (const point of differing) {
      if (stored.has(point.id)) refused.set(point.id, { reason: explain(point), unit: point.unit })
    }
  }
  units.note(all.filter(({ id }) => !refused.has(id)))
  return refused
}

export function explain({ id, unit, before }: PointUnit & { before: string }): string {
  return (
    `${id} was in ${before} and is in ${unit} now: what is stored of it would change its meaning. Give the point ` +
    `another id; or if only the registry was wrong before, run affluent accept-unit ${id}`
  )
}

/** A batch without the readings of some points, which are rejected with the unit of that moment: it may change again. */
export function withoutPoints(decoded: Decoded<ReadingBatch>, refused: RefusedPoints): Decoded<ReadingBatch> {
  const { batch, numbers } = decoded
  if (!batch.readings.points.some(point => refused.has(point))) return decoded
  const kept = { ...decoded, numbers: [] as number[], rejected: [...decoded.rejected] }
  const readings = emptyColumns()
  for (const [i, number] of numbers.entries()) {
    const entry = readingAt(batch.readings, i)
    const refusal = refused.get(entry.point)
    if (refusal === undefined) {
      pushReading(readings, entry)
      kept.numbers.push(number)
    } else {
      const { reason, unit } = refusal
      kept.rejected.push({ number, reason, entry: { ...entry, unit } })
    }
  }
  return { ...kept, batch: { ...batch, readings } }
}
