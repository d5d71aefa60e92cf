import { isDeepStrictEqual } from 'node:util'
import { toId } from '../../model/point-id.ts'
import type { DeviceFiles } from '../device-files.ts'
import type { Problem } from '../problem.ts'
import { pointSchema } from '../schema.ts'
import { formatPath, type Path, type Source } from '../source.ts'
import { parseCell } from './cells.ts'
import { COLUMNS, type Column } from './columns.ts'
import type { Row } from './row.ts'

type Part = Column['at'][0]
type Fields = Record<string, unknown>

/** Gateways as YAML says them; whether they are right is not known yet. */
export interface GatewayFields extends Fields {
  connections: ConnectionFields[]
}
interface ConnectionFields extends Fields {
  devices: DeviceFields[]
}
interface DeviceFields extends Fields {
  points: Record<string, Fields>
}

/** A point, and what it hangs on. */
interface RowOfPoint {
  row: Row
  path: Path
  name: string
  device: DeviceFields
  connection: ConnectionFields
  definition: Fields
  source: Fields
}

export interface AssembleOptions {
  file: string
  deviceFiles: DeviceFiles
  /** The gateway of rows that name none. */
  gateway: string
}

/**
 * The gateways of a point list, with a source that leads from each part back to its cell. What the rows of one
 * connection or device say of it may stand in one of them or in all, but not differ.
 */
export function assemble(
  rows: readonly Row[],
  options: AssembleOptions,
): { gateways: GatewayFields[]; source: Source; problems: Problem[] } {
  const { file, deviceFiles } = options
  const problems: Problem[] = []
  const gateways: GatewayFields[] = []
  /** The row in which a part begins, by its path. */
  const origins = new Map<string, { row: Row; part: Part }>()

  const points: RowOfPoint[] = []

  const place = (row: Row, column: Column | undefined): Omit<Problem, 'message'> => {
    const cell = column && row.cells.get(column)
    return { file, line: row.line, column: cell?.column ?? 1, path: column?.name ?? '' }
  }

  function fieldsOf(row: Row): Record<Part, Fields> {
    const parts: Record<Part, Fields> = { gateway: {}, connection: {}, device: {}, point: {}, source: {} }
    for (const [column, { text }] of row.cells) {
      if (text === '') continue
      try {
        setAt(parts, column.at, parseCell(column, text))
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        problems.push({ ...place(row, column), message: error.message })
      }
    }
    return parts
  }

  /** The part of that id in a list, made when it is the first of it. */
  function partOf<T extends Fields>(
    list: T[],
    at: Path,
    row: Row,
    part: Part,
    fields: Fields,
    empty: Partial<T>,
  ): [T, Path] {
    const index = list.findIndex(known => known.id === fields.id && known.site === fields.site)
    if (index >= 0) {
      agree(list[index]!, fields, row, part, origins.get(formatPath([...at, index]))!.row)
      return [list[index]!, [...at, index]]
    }
    const made = { ...fields, ...empty } as T
    const path = [...at, list.push(made) - 1]
    origins.set(formatPath(path), { row, part })
    return [made, path]
  }

  /** Takes over what was not said yet. */
  function agree(known: Fields, fields: Fields, row: Row, part: Part, first: Row): void {
    for (const column of COLUMNS.filter(({ at }) => at[0] === part)) {
      const path = column.at.slice(1) as Path
      const [before, now] = [valueAt(known, path), valueAt(fields, path)]
      if (now === undefined || isDeepStrictEqual(before, now)) continue
      if (before === undefined) setAt(known, path, now)
      else
        problems.push({
          ...place(row, column),
          message: `is ${now}, where line ${first.line} says ${before} of the same ${part}`,
        })
    }
  }

  for (const row of rows) {
    const parts = fieldsOf(row)
    const { name, ...definition } = parts.point
    const { source } = parts
    const id = parts.gateway.id ?? options.gateway
    const [gateway, gatewayAt] = partOf(
      gateways,
      ['gateways'],
      row,
      'gateway',
      { name: id, ...parts.gateway, id },
      { connections: [] },
    )
    const connectionId = parts.connection.id ?? lineId(parts.connection)
    const [connection, connectionAt] = partOf(
      gateway.connections,
      [...gatewayAt, 'connections'],
      row,
      'connection',
      { ...parts.connection, id: connectionId, driver: parts.connection.driver },
      { devices: [] },
    )
    const devicesAt = [...connectionAt, 'devices']
    const [device, deviceAt] = partOf(connection.devices, devicesAt, row, 'device', parts.device, {
      points: {},
    })
    if (name === undefined) {
      // A device whose points are all of its model may do with one row.
      if (device.model === undefined || Object.keys({ ...definition, ...source }).length > 0)
        problems.push({
          ...place(
            row,
            COLUMNS.find(({ at }) => at[1] === 'name'),
          ),
          message: 'is missing',
        })
      continue
    }
    const path = [...deviceAt, 'points', String(name)]
    const before = origins.get(formatPath(path))
    if (before)
      problems.push({
        ...place(row, undefined),
        message: `line ${before.row.line} has ${name} of this device already`,
      })
    origins.set(formatPath(path), { row, part: 'point' })
    if (typeof definition.label === 'object') definition.label = bothLanguages(definition.label as Fields)
    points.push({ row, path, name: String(name), device, connection, definition, source })
  }
  // Any row of a connection may have said which driver it is.
  for (const connection of gateways.flatMap(({ connections }) => connections)) connection.driver ??= 'modbus'
  for (const { row, path, name, device, connection, definition, source } of points) {
    const driver = String(connection.driver)
    origins.set(formatPath([...path, driver]), { row, part: 'source' })
    if (Object.keys(source).length > 0) definition[driver] = source
    if (!isOfModel(device.model, name, definition, deviceFiles)) device.points[name] = definition
  }

  /** From the longest part of the path that began in some row, to the cell that the rest names. */
  const locate = (path: Path): Omit<Problem, 'message'> => {
    for (let length = path.length; length > 0; length--) {
      const origin = origins.get(formatPath(path.slice(0, length)))
      if (!origin) continue
      const rest = path.slice(length)
      const column = COLUMNS.find(
        ({ at: [part, ...at] }) =>
          part === origin.part && rest.length > 0 && rest.every((key, i) => i >= at.length || at[i] === key),
      )
      return { ...place(origin.row, column), ...(column === undefined && { path: formatPath(rest) }) }
    }
    return { file, path: formatPath(path) }
  }
  return { gateways, source: { value: { gateways }, locate }, problems }
}

function isOfModel(model: unknown, name: string, definition: Fields, deviceFiles: DeviceFiles): boolean {
  const own = deviceFiles.get(model as string)?.value.points[name]
  return own !== undefined && isDeepStrictEqual(own, pointSchema.safeParse(definition).data)
}

function bothLanguages({ fr, en }: Fields): Fields {
  return { fr: fr ?? en, en: en ?? fr }
}

/** The connection of rows that do not name it: by where it leads. */
function lineId({ serial, host, port, url }: Fields): string | undefined {
  const line = (serial as Fields | undefined)?.path ?? url ?? (host && [host, port].filter(Boolean).join('-'))
  return line === undefined ? undefined : toId(String(line))
}

function setAt(fields: Fields, path: Path, value: unknown): void {
  let part = fields
  for (const key of path.slice(0, -1)) {
    part[key] ??= {}
    part = part[key] as Fields
  }
  part[path.at(-1)!] = value
}

function valueAt(fields: unknown, path: Path): unknown {
  return path.reduce<unknown>((part, key) => (part as Fields | undefined)?.[key], fields)
}
