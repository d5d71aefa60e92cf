import type { Row } from './dataset.ts'

/** A row as it is published, with its revision, and what that is to the version before. */
export interface Merged {
  row: Row
  /** Absent where it is as it was; `withdrawn` of a row of the version before that there is no more. */
  change?: 'new' | 'revised' | 'withdrawn'
}

/** Orders rows by some of their columns, by UTF-16 code units. */
export function compareRows(a: Row, b: Row, columns: readonly number[]): number {
  for (const column of columns) {
    const [x, y] = [a[column]!, b[column]!]
    if (x !== y) return x < y ? -1 : 1
  }
  return 0
}

/**
 * Gives rows their revisions: those of the version before, one more where any cell is another.
 *
 * @param rows ascending by the key, without revisions
 * @param before the same, with revisions
 * @param revision the column of it
 */
export async function* mergeRows(
  rows: AsyncIterable<Row>,
  before: AsyncIterable<Row>,
  key: readonly number[],
  revision: number,
): AsyncGenerator<Merged> {
  const old = before[Symbol.asyncIterator]()
  let last = await old.next()
  for await (const row of rows) {
    while (!last.done && compareRows(last.value, row, key) < 0) {
      yield { row: last.value, change: 'withdrawn' }
      last = await old.next()
    }
    if (last.done || compareRows(last.value, row, key) > 0) {
      yield { row: row.with(revision, '0'), change: 'new' }
      continue
    }
    const was = last.value
    if (row.every((cell, at) => at === revision || cell === was[at])) yield { row: was }
    else yield { row: row.with(revision, String(Number(was[revision]) + 1)), change: 'revised' }
    last = await old.next()
  }
  for (; !last.done; last = await old.next()) yield { row: last.value, change: 'withdrawn' }
}
