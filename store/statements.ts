import type { Interval } from '../model/calendar.ts'
import type { Judgement, Statement, StoredStatement } from '../model/statement.ts'

/** The store of statements on meters. SQLite, always; calls are synchronous and small. */
export interface StatementStore {
  /**
   * Keeps statements, all or none. One that is kept already changes nothing; one that says something else of the
   * same time, from the same origin, ends the one before.
   */
  add(statements: readonly Statement[], at: number): { added: number; repeated: number; replaced: number }
  /** Ends a statement on a meter; false where there is none that counts under this number. */
  withdraw(id: number, meter: string, end: { at: number; by: string; reason: string }): boolean
  /** The first and the last instant of which anything was ever stated of a meter. */
  extent(meter: string): Interval | undefined
  /** The indexes that count of a meter, ascending by time. */
  indexes(meter: string): StoredStatement[]
  /** The amounts that count of a meter and overlap [start, end), in the order of their numbers. */
  amounts(meter: string, time: Interval): StoredStatement[]
  /** Every statement of a meter that touches [start, end], the newest time first, with what has become of it. */
  list(meter: string, time: Interval, limit: number): (StoredStatement & { judgement?: Judgement })[]
  judge(judgements: ReadonlyMap<number, Judgement>): void
  /** What statements on a meter have changed and its figures do not show yet. */
  changes(meter: string): StatementChange[]
  /** These are in the figures now. */
  settle(changes: readonly StatementChange[]): void
  close(): void
}

/** Times of a meter of which something else is stated than before; `end` inclusive. */
export interface StatementChange extends Interval {
  id: number
}
