import type { Cell, ClockOffsets, Expression } from '../../../model/row-query.ts'

/** What Opendatasoft calls the types of fields. */
export type FieldType = 'text' | 'int' | 'double' | 'boolean' | 'date' | 'datetime' | 'geo_point_2d'

/** What a query may name. */
export interface Field {
  name: string
  /** What it is named, too. */
  alias?: string
  type: FieldType
  label: string
  description: string | null
  /** The column that has its values; of a position the longitude. */
  column: string
  /** Of a position. */
  latitude?: string
  /** Whether the column holds several values. */
  several?: boolean
  /** Whether `*` leaves it out. */
  hidden?: boolean
  /** Whether rows are refined by it unless other facets are asked for. */
  facet?: boolean
  /** What a cell of the column is told as, where not as it is. */
  tell?(cell: Cell): unknown
}

/** What a query is read with. */
export interface Terms {
  fields: readonly Field[]
  /** IANA. */
  timeZone: string
  /** Of that zone, for the times that the rows tell of. */
  offsets: ClockOffsets
  language: 'fr' | 'en'
  /** ms UTC */
  now: number
}

/** A query that is ODSQL, but cannot be answered; the message says why. */
export class OdsqlError extends Error {
  override readonly name = 'OdsqlError'
}

export function findField(name: string, terms: Pick<Terms, 'fields'>): Field {
  const field = lookUp(name, terms)
  if (field) return field
  throw new OdsqlError(`Unknown field: ${name}`)
}

export function lookUp(name: string, { fields }: Pick<Terms, 'fields'>): Field | undefined {
  return fields.find(each => each.name === name || each.alias === name)
}

/** The field as a value of its own: not a position, nor one that has several values. */
export function plainField(name: string, terms: Pick<Terms, 'fields'>): Field {
  const field = findField(name, terms)
  if (field.type === 'geo_point_2d')
    throw new OdsqlError(`${name} is a position: in_bbox(), within_distance() and distance() take one`)
  return field
}

export function columnOf({ column }: Field): Expression {
  return { kind: 'column', column }
}
