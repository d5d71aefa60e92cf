import type { ColumnType } from '../../model/row-query.ts'
import { DAY_MS } from '../../model/time.ts'
import type { OpenColumn, PublishedDataset, PublishedVersion } from '../open-data/publication.ts'
import { offsetsBetween } from './odsql/instants.ts'
import type { Field, FieldType, Terms } from './odsql/terms.ts'

const TYPES: Record<ColumnType, FieldType> = {
  ...{ string: 'text', number: 'double', integer: 'int' },
  ...{ boolean: 'boolean', date: 'date', datetime: 'datetime' },
}

/** Of a position, as Opendatasoft names the one that it makes. */
export const POSITION = 'geo_point_2d'

/** The fields of a dataset: its columns, and the position where it has one. */
export function fieldsOf(
  { position }: PublishedDataset,
  columns: readonly OpenColumn[],
  language: 'fr' | 'en',
): Field[] {
  const fields: Field[] = columns.map(({ name, type, title, titleEn, description }) => ({
    ...{ name, column: name, type: TYPES[type], description },
    label: language === 'fr' ? title : titleEn,
    facet: type === 'string' || type === 'date' || type === 'datetime',
  }))
  if (!position) return fields
  const { longitude, latitude } = position
  return [
    ...fields,
    {
      name: POSITION,
      type: 'geo_point_2d',
      label: 'Position',
      description: null,
      column: longitude,
      latitude,
    },
  ]
}

/** What queries to a version are read with. */
export function termsOf(
  { version: { period } }: PublishedVersion,
  fields: readonly Field[],
  { timeZone, language, now }: Omit<Terms, 'fields' | 'offsets'>,
): Terms {
  const from = period ? Date.parse(period.start) - DAY_MS : Date.UTC(2000)
  const to = period ? Date.parse(period.end) + 2 * DAY_MS : now
  return { fields, timeZone, offsets: offsetsBetween(timeZone, from, to), language, now }
}
