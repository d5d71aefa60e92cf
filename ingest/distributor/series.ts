import { localDate, startOfLocalDate } from '../../model/calendar.ts'
import { formatDecimal } from '../../model/decimal.ts'
import { RowError, readTime } from '../times.ts'
import type { DistributorFormat } from './format-schema.ts'
import type { DistributorValue, FileReading } from './read-file.ts'
import {
  amountsOf,
  dayOf,
  instantOf,
  intervalOf,
  LONGEST_INTERVAL,
  spanOf,
  stampText,
  sumColumns,
  sumOf,
  type ToldAmount,
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
  if (format.kind === 'index') return openIndexes(format, deliveryPoint)
  return openAmounts(format, deliveryPoint, reading)
}

/** What all values of a series have in common. */
function describeValue(
  row: DistributorRow,
  format: DistributorFormat,
  deliveryPoint: string,
  times: { start: number; end: number },
  amounts: readonly ToldAmount[],
): DistributorValue {
  const { distributor, fluid, kind } = format
  return {
    ...{ format: row.format, distributor, deliveryPoint, fluid, ...times, amounts, line: row.line },
    form: kind === 'index' ? 'index' : 'amount',
    estimated: isEstimated(row, format),
  }
}

function isEstimated(row: DistributorRow, { estimated }: DistributorFormat): boolean {
  return estimated?.values.map(plain).includes(plain(row.field(estimated.field))) ?? false
}

function openAmounts(format: DistributorFormat, deliveryPoint: string, reading: FileReading): Series {
  const { time } = format
  let stamp = 'stamp' in time && time.stamp !== 'first' ? time.stamp : reading.stamp
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
    return describeValue(row, format, deliveryPoint, { start, end: start + length }, amounts)
  }

  return {
    *read(row, onEmpty) {
      if ('start' in time || time.stamp === 'day') {
        const times =
          'start' in time
            ? spanOf(row, time, format.timeZone, before)
            : dayOf(row, time.fields[0]!, format.timeZone, time.startsAt)
        before = times.start
        const amounts = amountsOf(row, format)
        if (amounts) yield describeValue(row, format, deliveryPoint, times, amounts)
        else onEmpty()
        return
      }
      const at = readTime(stampText(row, time.fields), format.timeZone, before)
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

interface Gathered {
  rows: DistributorRow[]
  parts: Map<string, ToldAmount>
}

function openIndexes(format: DistributorFormat, deliveryPoint: string): Series {
  const { registers, timeZone } = format
  if (!('fields' in format.time)) throw new Error(`${format.title}: an index has one stamp`)
  const { fields, stamp } = format.time
  /** By instant, where each register has a row of its own. */
  const gathered = new Map<number, Gathered>()
  const names = new Set<string>()
  /** By register: each has its own row of an hour that comes twice in autumn. */
  const before = new Map<string, number>()

  return {
    *read(row, onEmpty) {
      const name = registers && 'field' in registers ? row.field(registers.field) : ''
      const at =
        stamp === 'day'
          ? dayOf(row, fields[0]!, timeZone).end
          : instantOf(stampText(row, fields), timeZone, before.get(name))
      before.set(name, at)
      const times = { start: at, end: at }
      const told = amountsOf(row, format)
      if (registers && 'field' in registers) {
        if (!told) return onEmpty()
        const entry: Gathered = gathered.get(at) ?? { rows: [], parts: new Map() }
        const known = entry.parts.get(name)
        if (known && formatDecimal(known.value) !== formatDecimal(told[0]!.value))
          throw new RowError(`the register ${name} has another value at the same instant in a line before`)
        names.add(name)
        entry.parts.set(name, told[0]!)
        entry.rows.push(row)
        gathered.set(at, entry)
        return
      }
      const amounts = told ?? (registers ? sumColumns(row, format, registers.columns) : undefined)
      if (!amounts) return onEmpty()
      yield describeValue(row, format, deliveryPoint, times, amounts)
    },
    *end() {
      for (const [at, { rows, parts }] of gathered) {
        const [row] = rows as [DistributorRow]
        const missing = [...names].filter(name => !parts.has(name))
        if (missing.length > 0) {
          yield { line: row.line, reason: `the register ${missing.join(', ')} is missing: there is no total` }
          continue
        }
        const amounts = [sumOf([...parts.values()])]
        const value = describeValue(row, format, deliveryPoint, { start: at, end: at }, amounts)
        yield { ...value, estimated: rows.some(each => isEstimated(each, format)) }
      }
    },
  }
}
