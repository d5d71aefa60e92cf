import type { Interval } from '../../model/calendar.ts'
import { formatDecimal } from '../../model/decimal.ts'
import { RowError } from '../times.ts'
import { sumOf, type ToldAmount } from './row-values.ts'

/** What one row says of one register. */
export interface RegisterRow {
  line: number
  estimated: boolean
  /** Equal of an index. */
  times: Interval
  name: string
  /** By which the registers are told apart: each has its own, which together count everything. */
  calendar: string
  amount: ToldAmount
}

/** What the registers say together at one time. */
export interface RegisterSum {
  /** Of the first of them. */
  line: number
  /** Where one of them is. */
  estimated: boolean
  times: Interval
  amount: ToldAmount
}

/** Adds up registers that have a row each. */
export interface RegisterSums {
  /** @throws RowError where a register says two things of one time */
  add(row: RegisterRow): void
  /** At each time by the calendar that tells most registers apart; `missing` where none is complete. */
  sums(): Iterable<RegisterSum | { line: number; missing: readonly string[] }>
}

export function openRegisterSums(): RegisterSums {
  const gathered = new Map<string, Map<string, Map<string, RegisterRow>>>()
  /** Of each calendar, all that it has anywhere. */
  const names = new Map<string, Set<string>>()

  return {
    add(row) {
      const { name, calendar, amount, times } = row
      const calendars = gathered.getOrInsertComputed(`${times.start} ${times.end}`, () => new Map())
      const registers = calendars.getOrInsertComputed(calendar, () => new Map())
      const known = registers.get(name)
      if (known && formatDecimal(known.amount.value) !== formatDecimal(amount.value))
        throw new RowError(`the register ${name} has another value at the same time in a line before`)
      registers.set(name, row)
      names.getOrInsertComputed(calendar, () => new Set()).add(name)
    },
    *sums() {
      for (const calendars of gathered.values()) {
        const found = [...calendars]
          .map(([calendar, registers]) => ({
            rows: [...registers.values()],
            missing: [...names.get(calendar)!].filter(name => !registers.has(name)),
          }))
          .sort((a, b) => a.missing.length - b.missing.length || b.rows.length - a.rows.length)
        const [{ rows, missing }] = found as [(typeof found)[0]]
        const { line, times } = rows[0]!
        if (missing.length > 0) {
          yield { line, missing }
          continue
        }
        const estimated = rows.some(row => row.estimated)
        yield { line, times, estimated, amount: sumOf(rows.map(row => row.amount)) }
      }
    },
  }
}
