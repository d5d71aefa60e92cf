import { type Cell, columnOutput } from '../../model/row-query.ts'
import type { Publication } from '../open-data/publication.ts'

/**
 * All rows of the newest version of a small dataset, by their columns; none while there is none.
 * @throws QueryRefusedError
 */
export async function readTable(publication: Publication, dataset: string): Promise<Record<string, Cell>[]> {
  const version = publication.latest(dataset)
  if (!version) return []
  const names = publication.rows.columns(version).map(({ name }) => name)
  const select = names.map(columnOutput)
  const { rows } = await publication.rows.ask(version, { select })
  return rows.map(row => Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])))
}
