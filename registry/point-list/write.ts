import { isDeepStrictEqual } from 'node:util'
import { formatCsv } from '../../model/csv.ts'
import type { DeviceFiles } from '../device-files.ts'
import { type Connection, connectionSchema, type Gateway, type PointDefinition } from '../schema.ts'
import type { Path } from '../source.ts'
import { assemble } from './assemble.ts'
import { type DecimalMark, formatCell } from './cells.ts'
import { COLUMNS } from './columns.ts'
import type { Row } from './row.ts'

/**
 * The points of gateways as a CSV file, those of models among them, and the connections that a point list cannot
 * carry without loss, each with the reason: these are left out as a whole.
 */
export function writePointList(
  gateways: Iterable<Gateway>,
  deviceFiles: DeviceFiles,
  mark: DecimalMark,
): { csv: string; leftOut: string[] } {
  const leftOut: string[] = []
  const rows: string[][] = []
  for (const gateway of gateways) {
    for (const connection of gateway.connections) {
      const cells = rowsOf(gateway, connection, deviceFiles, mark)
      const lost = lostOf(connection, cells, deviceFiles)
      if (lost === undefined) rows.push(...cells)
      else leftOut.push(`${connection.id} is left out: ${lost}; keep it in YAML`)
    }
  }
  // Only the columns that say something.
  const used = COLUMNS.flatMap(({ name }, i) => (rows.some(row => row[i] !== '') ? [{ name, i }] : []))
  const lines = [used.map(({ name }) => name), ...rows.map(row => used.map(({ i }) => row[i]!))]
  return { csv: formatCsv(lines), leftOut }
}

function rowsOf(
  { id, name }: Gateway,
  { devices, ...connection }: Connection,
  deviceFiles: DeviceFiles,
  mark: DecimalMark,
): string[][] {
  return devices.flatMap(({ points, ...device }) =>
    Object.entries(definitionsOf({ points, ...device }, deviceFiles)).map(([point, definition]) => {
      const source = definition[connection.driver]
      const parts = {
        gateway: { id, name },
        connection,
        device,
        point: { name: point, ...definition },
        source,
      }
      return COLUMNS.map(column => formatCell(column, valueAt(parts, column.at), mark))
    }),
  )
}

function definitionsOf(
  { model, points }: Pick<Connection['devices'][number], 'model' | 'points'>,
  deviceFiles: DeviceFiles,
): Record<string, PointDefinition> {
  return { ...(model && deviceFiles.get(model)?.value.points), ...points }
}

/** What would be lost of a connection: it is read back and compared. */
function lostOf(
  connection: Connection,
  cells: readonly string[][],
  deviceFiles: DeviceFiles,
): string | undefined {
  const rows = cells.map(
    (row, i): Row => ({
      line: i + 2,
      cells: new Map(COLUMNS.map((column, c) => [column, { text: row[c]!, column: c + 1 }])),
    }),
  )
  const { gateways } = assemble(rows, { file: connection.id, deviceFiles, gateway: '' })
  const again = connectionSchema.safeParse(gateways[0]?.connections[0]).data
  if (!again) return 'it has no point'
  const different = Object.entries(connection).filter(
    ([key, value]) => key !== 'devices' && !isDeepStrictEqual(value, again[key as keyof Connection]),
  )
  if (different.length > 0)
    return `a point list has no column for ${different.map(([key]) => key).join(', ')}`
  const odd = connection.devices.find(
    (device, i) => !again.devices[i] || !isDeepStrictEqual(whole(device), whole(again.devices[i])),
  )
  return odd && `a point list has no columns for all that ${odd.id} says`

  function whole(device: Connection['devices'][number]) {
    return { ...device, points: definitionsOf(device, deviceFiles) }
  }
}

function valueAt(parts: unknown, path: Path): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], parts)
}
