import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Interval } from '../../model/calendar.ts'
import type { Judgement, Statement, StoredStatement } from '../../model/statement.ts'
import type { Unit } from '../../model/units.ts'
import { inTransaction, openSqlite } from '../sqlite.ts'
import type { StatementChange, StatementStore } from '../statements.ts'
import {
  LONG_STATEMENT,
  STATEMENT_TABLES,
  STATEMENT_TABLES_VERSION,
  STATEMENT_UPGRADES,
} from './statement-tables.ts'

/**
 * Statements in a SQLite file; several processes may open it.
 * @throws Error that names the file when it cannot be opened.
 */
export function openStatementStore({ file }: { file: string }): StatementStore {
  const database = openSqlite({
    file,
    tables: STATEMENT_TABLES,
    version: STATEMENT_TABLES_VERSION,
    upgrades: STATEMENT_UPGRADES,
  })
  return { ...writing(database), ...reading(database), close: () => database.close() }
}

function writing(database: DatabaseSync): Pick<StatementStore, 'add' | 'withdraw' | 'judge' | 'settle'> {
  const find = database.prepare(`
    SELECT id, value, written_value, written_unit FROM statement
    WHERE meter = :meter AND origin = :origin AND form = :form AND start = :start AND stop = :end AND ended_at IS NULL`)
  const add = database.prepare(`
    INSERT INTO statement 
      (meter, origin, form, start, stop, value, written_value, written_unit, author, source, reason, recorded_at)
    VALUES
      (:meter, :origin, :form, :start, :end, :value, :writtenValue, :writtenUnit, :author, :source, :reason, :at)`)
  const end = database.prepare(`
    UPDATE statement SET ended_at = :at, ended_by = :by, ended_reason = :reason
    WHERE id = :id AND meter = :meter AND ended_at IS NULL RETURNING start, stop`)
  const extend = database.prepare(`
    INSERT INTO extent VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET start = min(start, excluded.start), stop = max(stop, excluded.stop)`)
  const change = database.prepare('INSERT INTO change (meter, start, stop) VALUES (?, ?, ?)')
  const judge = database.prepare('UPDATE statement SET state = :state, counted = :counted WHERE id = :id')
  const settle = database.prepare('DELETE FROM change WHERE id = ?')

  return {
    add: (statements, at) =>
      inTransaction(database, () => {
        const outcome = { added: 0, repeated: 0, replaced: 0 }
        const changed = new Map<string, Interval>()
        for (const statement of statements) {
          const { meter, origin, form, start, end: stop, value, author, source, reason } = statement
          const { value: writtenValue = null, unit: writtenUnit = null } = statement.written ?? {}
          const [known] = find.all({ meter, origin, form, start, end: stop })
          const isWritten = known?.written_value === writtenValue && known.written_unit === writtenUnit
          if (known?.value === value && isWritten) {
            outcome.repeated++
            continue
          }
          if (known) {
            end.run({ id: known.id!, meter, at, by: author, reason: reason ?? 'another value was stated' })
            outcome.replaced++
          }
          const row = { meter, origin, form, start, end: stop, value, writtenValue, writtenUnit, author, at }
          add.run({ ...row, source: source ?? null, reason: reason ?? null })
          outcome.added++
          widen(changed, meter, { start, end: stop })
        }
        for (const [meter, times] of changed) {
          change.run(meter, times.start, times.end)
          extend.run(meter, times.start, times.end)
        }
        return outcome
      }),
    withdraw: (id, meter, { at, by, reason }) =>
      inTransaction(database, () => {
        const ended = end.get({ id, meter, at, by, reason })
        if (!ended) return false
        change.run(meter, ended.start!, ended.stop!)
        return true
      }),
    judge: judgements =>
      inTransaction(database, () => {
        for (const [id, { state, counted }] of judgements) judge.run({ id, state, counted })
      }),
    settle: changes =>
      inTransaction(database, () => {
        for (const { id } of changes) settle.run(id)
      }),
  }
}

function widen(intervals: Map<string, Interval>, meter: string, { start, end }: Interval): void {
  const known = intervals.get(meter) ?? { start, end }
  intervals.set(meter, { start: Math.min(known.start, start), end: Math.max(known.end, end) })
}

function reading(
  database: DatabaseSync,
): Pick<StatementStore, 'extent' | 'indexes' | 'amounts' | 'list' | 'changes'> {
  const extent = database.prepare('SELECT start, stop AS end FROM extent WHERE meter = ?')
  const indexes = database.prepare(`
    SELECT * FROM statement WHERE meter = ? AND form = 'index' AND ended_at IS NULL ORDER BY start`)
  const amounts = database.prepare(`
    SELECT * FROM statement
    WHERE meter = :meter AND form = 'amount' AND ended_at IS NULL AND start > :start - ${LONG_STATEMENT}
      AND start < :end AND stop > :start AND stop - start <= ${LONG_STATEMENT}
    UNION ALL
    SELECT * FROM statement
    WHERE meter = :meter AND form = 'amount' AND ended_at IS NULL AND start < :end AND stop > :start
      AND stop - start > ${LONG_STATEMENT}
    ORDER BY id`)
  const list = database.prepare(`
    SELECT * FROM statement WHERE meter = :meter AND start <= :end AND stop >= :start
    ORDER BY stop DESC, start DESC, id DESC LIMIT :limit`)
  const changes = database.prepare('SELECT id, start, stop AS end FROM change WHERE meter = ? ORDER BY id')

  return {
    extent(meter) {
      const row = extent.get(meter)
      return row && ({ ...row } as unknown as Interval)
    },
    indexes: meter => indexes.all(meter).map(toStatement),
    amounts: (meter, { start, end }) => amounts.all({ meter, start, end }).map(toStatement),
    list: (meter, { start, end }, limit) =>
      list.all({ meter, start, end, limit }).map(row => {
        const { state, counted } = row as unknown as Judgement
        return { ...toStatement(row), ...(state && { judgement: { state, counted } }) }
      }),
    changes: meter => changes.all(meter).map(row => ({ ...row }) as unknown as StatementChange),
  }
}

function toStatement(row: Record<string, SQLOutputValue>): StoredStatement {
  const statement: Statement = {
    meter: row.meter as string,
    origin: row.origin as Statement['origin'],
    form: row.form as Statement['form'],
    start: row.start as number,
    end: row.stop as number,
    value: row.value as number,
    ...(row.written_unit !== null && {
      written: { value: row.written_value as number, unit: row.written_unit as Unit },
    }),
    author: row.author as string,
    ...(row.source !== null && { source: row.source as string }),
    ...(row.reason !== null && { reason: row.reason as string }),
  }
  const ended = row.ended_at !== null && {
    ended: {
      at: row.ended_at as number,
      by: row.ended_by as string,
      reason: row.ended_reason as string,
    },
  }
  return { id: row.id as number, ...statement, recordedAt: row.recorded_at as number, ...ended }
}
