import { columnsOf, type Dataset, REVISION, type Row } from './dataset.ts'
import { compareRows } from './merge.ts'

/** A row that is not the same on both sides. */
export interface RowDifference {
  /** The cells of the primary key. */
  key: readonly string[]
  /** Where the row is on both sides, the columns that differ. */
  cells?: readonly { column: string; published: string; computed: string }[]
  /** Where it is on one side only: on which. */
  only?: 'published' | 'computed'
}

/**
 * Tells where published rows are not those that were computed; how often a row was revised is not compared.
 * Both are in the order of a file: by part, and there by the primary key.
 */
export async function* compareWithPublished(
  dataset: Pick<Dataset, 'schema' | 'partOf'>,
  published: AsyncIterable<Row>,
  computed: AsyncIterable<Row>,
): AsyncGenerator<RowDifference> {
  const { fields, primaryKey } = dataset.schema
  const key = columnsOf(dataset.schema, primaryKey)
  const keyOf = (row: Row) => key.map(column => row[column]!)
  const compared = fields.flatMap(({ name }, at) => (name === REVISION.name ? [] : [{ name, at }]))
  const order = (a: Row, b: Row) => {
    const [x, y] = [dataset.partOf(a), dataset.partOf(b)]
    return x === y ? compareRows(a, b, key) : x < y ? -1 : 1
  }
  const others = computed[Symbol.asyncIterator]()
  let other = await others.next()
  for await (const row of published) {
    for (; !other.done && order(other.value, row) < 0; other = await others.next())
      yield { key: keyOf(other.value), only: 'computed' }
    if (other.done || order(other.value, row) > 0) {
      yield { key: keyOf(row), only: 'published' }
      continue
    }
    const { value } = other
    const cells = compared
      .filter(({ at }) => row[at] !== value[at])
      .map(({ name, at }) => ({ column: name, published: row[at]!, computed: value[at]! }))
    if (cells.length > 0) yield { key: keyOf(row), cells }
    other = await others.next()
  }
  for (; !other.done; other = await others.next()) yield { key: keyOf(other.value), only: 'computed' }
}
