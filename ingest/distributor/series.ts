import { type Interval, localDate, startOfLocalDate } from '../../model/calendar.ts'
import { RowError, readTime } from '../times.ts'
import type { DistributorFormat } from './format-schema.ts'
import type { DistributorValue, FileReading } from './read-file.ts'
import { openRegisterSums } from './register-sums.ts'
import {
  amountsOf,
  intervalOf,
  LONGEST_INTERVAL,
  stampText,
  sumColumns,
  type ToldAmount,
  timesOf,
} from './row-values.ts'
import { type DistributorRow, plain } from './rows.ts'

/** What is wrong with a row that was read before. */
export interface RowFault {
  line: number
  reason: string
}

/** The rows of one delivery point in one part of a file. */
export interface Series {
  /** @throws RowError of this row */
  read(row: DistributorRow, onEmpty: () => void): Iterable<DistributorValue | RowFault>
  end(): Iterable<DistributorValue | RowFault>
}

export function openSeries(format: DistributorFormat, deliveryPoint: string, reading: FileReading): Series {
  const { registers, time, kind } = format
  if (registers && 'field' in registers) return openRegisters(format, deliveryPoint, registers)
  const isCurve = kind !== 'index' && 'stamp' in time && time.stamp !== 'day'
  return isCurve ? openCurve(format, time, deliveryPoint, reading) : openRows(format, deliveryPoint)
}

type Told = Pick<DistributorValue, 'line' | 'estimated' | 'start' | 'end' | 'amounts'>

/** With what all values of a series have in common. */
function describeValue(told: Told, format: DistributorFormat, deliveryPoint: string): DistributorValue {
  const { distributor, fluid, kind } = format
  return { ...told, distributor, deliveryPoint, fluid, form: kind === 'index' ? 'index' : 'amount' }
}

/** What one row tells. */
function toldBy(
  row: DistributorRow,
  format: DistributorFormat,
  times: Interval,
  amounts: readonly ToldAmount[],
): Told {
  return { line: row.line, estimated: isEstimated(row, format), ...times, amounts }
}

function isEstimated(row: DistributorRow, { estimated }: DistributorFormat): boolean {
  if (!estimated) return false
  const told = plain(row.field(estimated.field))
  return 'values' in estimated
    ? estimated.values.map(plain).includes(told)
    : !estimated.measured.map(plain).includes(told)
}

/** Each row is a value of its own. */
function openRows(format: DistributorFormat, deliveryPoint: string): Series {
  const { registers } = format
  let before: number | undefined
  return {
    *read(row, onEmpty) {
      const times = timesOf(row, format, before)!
      before = times.start
      const columns = registers && 'columns' in registers ? registers.columns : []
      const amounts = amountsOf(row, format) ?? sumColumns(row, format, columns)
      if (amounts) yield describeValue(toldBy(row, format, times, amounts), format, deliveryPoint)
      else onEmpty()
    },
    end: () => [],
  }
}

/** Each register has a row of its own, and there is a value where all are. */
function openRegisters(
  format: DistributorFormat,
  deliveryPoint: string,
  { field, calendar }: { field: string; calendar?: string | undefined },
): Series {
  const registers = openRegisterSums()
  /** By register: each has its own row of an hour that comes twice in autumn. */
  const before = new Map<string, number>()
  return {
    read(row, onEmpty) {
      const names = { name: row.field(field), calendar: calendar ? row.field(calendar) : '' }
      const key = `${names.calendar} ${names.name}`
      const times = timesOf(row, format, before.get(key))!
      before.set(key, times.start)
      const amounts = amountsOf(row, format)
      const told = { line: row.line, estimated: isEstimated(row, format), times }
      if (amounts) registers.add({ ...told, ...names, amount: amounts[0]! })
      else onEmpty()
      return []
    },
    *end() {
      for (const sum of registers.sums()) {
        if ('missing' in sum) {
          const missing = sum.missing.join(', ')
          yield { line: sum.line, reason: `the register ${missing} is missing: there is no total` }
          continue
        }
        const { line, estimated, times, amount } = sum
        yield describeValue({ line, estimated, ...times, amounts: [amount] }, format, deliveryPoint)
      }
    },
  }
}

/** The stamps of a load curve tell together what they mark, and how far apart they are. */
function openCurve(
  format: DistributorFormat,
  { fields, stamp: marks }: { fields: readonly string[]; stamp: string },
  deliveryPoint: string,
  reading: FileReading,
): Series {
  let stamp = marks === 'start' || marks === 'end' ? marks : reading.stamp
  let isAsked = false
  let before: number | undefined
  let waiting: { row: DistributorRow; at: number; gapBefore: number | undefined; onEmpty(): void } | undefined

  function* emit(gapAfter: number | undefined): Generator<DistributorValue | RowFault> {
    if (!waiting) return
    const { row, at, gapBefore, onEmpty } = waiting
    waiting = undefined
    try {
      const value = complete(row, at, gapBefore, gapAfter)
      if (value) yield value
      else onEmpty()
    } catch (error) {
      if (!(error instanceof RowError)) throw error
      yield { line: row.line, reason: error.message }
    }
  }

  function complete(
    row: DistributorRow,
    at: number,
    gapBefore: number | undefined,
    gapAfter: number | undefined,
  ): DistributorValue | undefined {
    const told = intervalOf(row, format)
    if (stamp === undefined && !isAsked) {
      isAsked = true
      stamp = firstStamp(at, told ?? usable(gapAfter) ?? usable(gapBefore), format.timeZone)
    }
    if (stamp === undefined) throw new RowError(UNDECIDED)
    const gaps = stamp === 'start' ? [gapAfter, gapBefore] : [gapBefore, gapAfter]
    const length = told ?? usable(gaps[0]) ?? usable(gaps[1])
    if (length === undefined)
      throw new RowError('how long its interval is cannot be told: no row is within an hour of it')
    const amounts = amountsOf(row, format)
    if (!amounts) return undefined
    const start = stamp === 'start' ? at : at - length
    return describeValue(toldBy(row, format, { start, end: start + length }, amounts), format, deliveryPoint)
  }

  return {
    *read(row, onEmpty) {
      const at = readTime(stampText(row, fields), format.timeZone, before)
      const gap = before === undefined ? undefined : at - before
      before = at
      yield* emit(gap)
      waiting = { row, at, gapBefore: gap, onEmpty }
    },
    *end() {
      yield* emit(undefined)
    },
  }
}

const UNDECIDED =
  'the file does not show by its first stamp whether these mark the start or the end of their intervals: say which with --stamp'

function usable(gap: number | undefined): number | undefined {
  return gap !== undefined && gap > 0 && gap <= LONGEST_INTERVAL ? gap : undefined
}

/** What the stamps of a part mark, by the first of them; a later one may be a midnight by chance. */
function firstStamp(at: number, length: number | undefined, timeZone: string): 'start' | 'end' | undefined {
  const midnight = startOfLocalDate(localDate(at, timeZone), timeZone)
  if (at === midnight) return 'start'
  return at - midnight === length ? 'end' : undefined
}
