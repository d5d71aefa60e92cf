import type { Unit } from '../model/units.ts'
import { inTransaction, openSqlite } from './sqlite.ts'

/** The unit in which the readings of each point are stored: a store keeps numbers, the registry says what they are. */
export interface PointUnits {
  /** The points that are known by another unit. */
  differing(points: Iterable<PointUnit>): (PointUnit & { before: Unit })[]
  note(points: Iterable<PointUnit>): void
  close(): void
}

export interface PointUnit {
  id: string
  unit: Unit
}

const TABLES = 'CREATE TABLE point_unit (point TEXT PRIMARY KEY, unit TEXT NOT NULL) STRICT, WITHOUT ROWID'

/** @throws Error that names the file when it cannot be opened. */
export function openPointUnits({ file }: { file: string }): PointUnits {
  const database = openSqlite({ file, tables: TABLES, version: 1 })
  const read = database.prepare('SELECT point, unit FROM point_unit')
  const write = database.prepare(
    'INSERT INTO point_unit VALUES (?, ?) ON CONFLICT DO UPDATE SET unit = excluded.unit WHERE unit <> excluded.unit',
  )
  return {
    differing(points) {
      const known = new Map(read.all().map(({ point, unit }) => [point as string, unit as Unit]))
      return [...points].flatMap(({ id, unit }) => {
        const before = known.get(id)
        return before === undefined || before === unit ? [] : [{ id, unit, before }]
      })
    },
    note: points =>
      inTransaction(database, () => {
        for (const { id, unit } of points) write.run(id, unit)
      }),
    close: () => database.close(),
  }
}
