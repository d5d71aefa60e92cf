import type { ColumnType } from '../model/row-query.ts'

/** What the database calls the types of columns. */
export const SQL_TYPES: Record<ColumnType, string> = {
  string: 'VARCHAR',
  number: 'DOUBLE',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  datetime: 'TIMESTAMPTZ',
}
