import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import {
  type Cell,
  type Column,
  isGrouped,
  QueryRefusedError,
  type RowPage,
  type RowQuery,
} from '../../model/row-query.ts'
import { type Database, openDatabase } from '../../store/duckdb/database.ts'
import { createLookups, type Lookups } from './lookups.ts'
import { type Plan, planCount, planRows, planTable, type Source } from './plan.ts'
import type { CopyFormat, QueryOperations } from './query-tables.ts'

/** Answers questions to published Parquet files, and to rows that are at hand. */
export interface Queries {
  /** @throws QueryRefusedError */
  rows(source: Source, columns: readonly Column[], query: RowQuery): Promise<RowPage>
  /**
   * How many rows or groups there are, whatever the limit.
   * @throws QueryRefusedError
   */
  count(source: Source, columns: readonly Column[], query: RowQuery): Promise<number>
  /**
   * What a query yields, as a file: Parquet, or CSV without a header whose cells are as those of `rows`, and whose lines
   * end with a line feed. Nobody who asks for rows waits for it. Who does not read it to its end destroys it.
   * @throws QueryRefusedError
   */
  copy(source: Source, columns: readonly Column[], query: RowQuery, format: CopyFormat): Promise<Readable>
  /**
   * What is found of some keys, which nobody waits for who asks otherwise; undefined where that would take too long.
   * @throws QueryRefusedError
   */
  lookUp: Lookups['ask']
  close(): Promise<void>
}

export interface QueryLimits {
  /** What a query may take, ms. */
  timeMs?: number
  /** How many may wait at a time. */
  waiting?: number
  /** What a copy may take, ms, and how many may wait for one. */
  copyMs?: number
  copiesWaiting?: number
  /** Where copies are written; default: that of temporary files. */
  folder?: string
  /** Bytes. */
  memory?: number
}

/** A thread that answers is started by the first question: one for rows, one for copies, one for lookups. */
export function createQueries({
  timeMs = 5000,
  waiting = 512,
  copyMs = 30_000,
  copiesWaiting = 8,
  folder = tmpdir(),
  memory = 256 * 1024 ** 2,
}: QueryLimits = {}): Queries {
  const answers = createThread(waiting, memory)
  const copies = createThread(copiesWaiting, memory)
  const lookups = createLookups(waiting)
  const ask = (plan: Plan): Promise<Cell[][]> =>
    answers.ask(async database => (await database.call('rows', [plan, timeMs])) ?? costly())

  return {
    async rows(source, columns, query) {
      const rows = await ask(planRows(source, columns, query))
      if (isGrouped(query)) return { rows, last: undefined }
      const last = rows.at(-1)?.at(-1) as number | undefined
      return { rows: rows.map(row => row.slice(0, -1)), last }
    },
    async count(source, columns, query) {
      const [[count]] = (await ask(planCount(source, columns, query))) as [[number]]
      return count
    },
    async copy(source, columns, query, format) {
      const plan = (format === 'csv' ? planRows : planTable)(source, columns, query)
      const file = join(folder, `affluent-${randomUUID()}.${format === 'csv' ? 'csv' : 'parquet'}`)
      try {
        await copies.ask(
          async database => (await database.call('copy', [plan, format, file, copyMs])) || costly(),
        )
        const bytes = createReadStream(file)
        await once(bytes, 'open')
        return bytes
      } finally {
        // It is read to its end through what is open.
        await rm(file, { force: true })
      }
    },
    lookUp: lookups.ask,
    async close() {
      await Promise.all([answers.close(), copies.close(), lookups.close()])
    },
  }
}

function costly(): never {
  throw new QueryRefusedError('costly')
}

function createThread(mostWaiting: number, memoryLimit: number) {
  let opened: Promise<Database<QueryOperations>> | undefined
  let waiting = 0
  return {
    /** @throws QueryRefusedError */
    async ask<T>(work: (database: Database<QueryOperations>) => Promise<T>): Promise<T> {
      if (waiting >= mostWaiting) throw new QueryRefusedError('busy')
      waiting++
      try {
        opened ??= openDatabase({ tables: new URL('./query-tables.ts', import.meta.url), memoryLimit })
        return await work(await opened)
      } finally {
        waiting--
      }
    },
    async close() {
      await (await opened)?.close()
    },
  }
}
