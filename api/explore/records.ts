import { z } from 'zod'
import type { Condition, Operand } from '../../model/row-query.ts'
import { compareColumn } from '../../model/row-query.ts'
import type { Publication, PublishedDataset, PublishedVersion } from '../open-data/publication.ts'
import { notFound } from './errors.ts'

const keySchema = z.array(z.union([z.string().max(500), z.number(), z.boolean(), z.null()]))

/** The id of a record is its primary key: it is the same in every version. */
export function recordId(key: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/**
 * What the record of that id meets.
 * @throws ExploreError where it is no id of the dataset
 */
export function recordCondition(
  id: string,
  { schema: { primaryKey } }: PublishedDataset,
  version: PublishedVersion,
  { rows }: Publication,
): Condition {
  const key = readKey(id)
  if (key?.length !== primaryKey.length) throw notFound('record', id)
  const types = new Map(rows.columns(version).map(({ name, type }) => [name, type]))
  const of = primaryKey.map((column, at): Condition => {
    const value = key[at]!
    if (value === null) return { kind: 'known', column, known: false }
    const type = types.get(column)!
    if (!fits(type, value)) throw notFound('record', id)
    return compareColumn({ name: column, type }, '=', value)
  })
  return { kind: 'and', of }
}

function readKey(id: string): z.output<typeof keySchema> | undefined {
  try {
    const key = keySchema.parse(JSON.parse(Buffer.from(id, 'base64url').toString()))
    // There is one id of a record.
    return recordId(key) === id ? key : undefined
  } catch {
    return undefined
  }
}

function fits(type: string, value: Operand): boolean {
  if (type === 'integer') return Number.isSafeInteger(value)
  if (type === 'number') return typeof value === 'number'
  if (type === 'boolean') return typeof value === 'boolean'
  if (typeof value !== 'string') return false
  if (type === 'date') return z.iso.date().safeParse(value).success
  return type !== 'datetime' || z.iso.datetime().safeParse(value).success
}
