import {
  type Cell,
  type Column,
  isGrouped,
  QueryRefusedError,
  type RowPage,
  type RowQuery,
} from '../../model/row-query.ts'
import { type Database, openDatabase } from '../../store/duckdb/database.ts'
import { type Plan, planCount, planRows, type Source } from './plan.ts'
import type { QueryOperations } from './query-tables.ts'

/** Answers questions to published Parquet files, and to rows that are at hand. */
export interface Queries {
  /** @throws QueryRefusedError */
  rows(source: Source, columns: readonly Column[], query: RowQuery): Promise<RowPage>
  /**
   * How many rows or groups there are, whatever the limit.
   * @throws QueryRefusedError
   */
  count(source: Source, columns: readonly Column[], query: RowQuery): Promise<number>
  close(): Promise<void>
}

export interface QueryLimits {
  /** What a query may take, ms. */
  timeMs?: number
  /** How many may wait at a time. */
  waiting?: number
  /** Bytes. */
  memory?: number
}

/** The thread that answers is started by the first question. */
export function createQueries({
  timeMs = 5000,
  waiting: mostWaiting = 512,
  memory = 256 * 1024 ** 2,
}: QueryLimits = {}): Queries {
  let opened: Promise<Database<QueryOperations>> | undefined
  let waiting = 0

  async function ask(plan: Plan): Promise<Cell[][]> {
    if (waiting >= mostWaiting) throw new QueryRefusedError('busy')
    waiting++
    try {
      opened ??= openDatabase({ tables: new URL('./query-tables.ts', import.meta.url), memoryLimit: memory })
      const found = await (await opened).call('rows', [plan, timeMs])
      if (!found) throw new QueryRefusedError('costly')
      return found
    } finally {
      waiting--
    }
  }

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
    async close() {
      await (await opened)?.close()
    },
  }
}
