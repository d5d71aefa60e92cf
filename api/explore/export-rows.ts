import type { Cell, RowQuery } from '../../model/row-query.ts'
import type { Publication, PublishedVersion } from '../open-data/publication.ts'
import type { Resolved, Result } from './odsql/query.ts'

/**
 * The cells of all results of a query. Where it asks for nothing but columns of all rows, these come from the files as
 * they are, and nothing has to be worked out. To be closed, read or not.
 * @throws QueryRefusedError
 */
export async function readAll(
  { rows }: Publication,
  version: PublishedVersion,
  { query, results }: Pick<Resolved, 'query' | 'results'>,
  limit: number | undefined,
): Promise<{ rows: AsyncIterable<readonly Cell[]>; close(): void }> {
  const types = cellTypes(results)
  const read = (cells: readonly string[]) => types.map((type, at) => readCell(cells[at]!, type))
  const places = wholeColumns(
    query,
    rows.columns(version).map(({ name }) => name),
  )
  if (!places) {
    const copy = await rows.copy(version, { ...query, ...(limit !== undefined && { limit }) })
    return { rows: map(copy.rows, read), close: copy.close }
  }
  const whole = take(rows.all(version), limit)
  return { rows: map(whole, cells => read(places.map(place => cells[place]!))), close() {} }
}

/** Where in a row of the files what a query asks for is; undefined where it asks for more. */
export function wholeColumns(
  { select, where, groupBy, orderBy }: RowQuery,
  names: readonly string[],
): number[] | undefined {
  if (where || groupBy?.length || orderBy?.length) return undefined
  const places = select.map(({ of }) => (of.kind === 'column' ? names.indexOf(of.column) : -1))
  return places.includes(-1) ? undefined : places
}

type CellType = 'number' | 'boolean' | 'text'

function cellTypes(results: readonly Result[]): CellType[] {
  const types: CellType[] = []
  for (const { type, at } of results)
    for (const place of at)
      types[place!] =
        type === 'int' || type === 'double' || type === 'geo_point_2d'
          ? 'number'
          : type === 'boolean'
            ? 'boolean'
            : 'text'
  return types
}

function readCell(text: string, type: CellType): Cell {
  if (text === '') return null
  if (type === 'number') return Number(text)
  return type === 'boolean' ? text === 'true' : text
}

async function* map<T, U>(items: AsyncIterable<T>, change: (item: T) => U): AsyncGenerator<U> {
  for await (const item of items) yield change(item)
}

async function* take<T>(items: AsyncIterable<T>, count: number | undefined): AsyncGenerator<T> {
  if (count === 0) return
  let taken = 0
  for await (const item of items) {
    yield item
    if (++taken === count) return
  }
}
