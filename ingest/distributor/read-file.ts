import { setImmediate } from 'node:timers/promises'
import type { Fluid } from '../../model/fluid.ts'
import { RowError } from '../times.ts'
import type { DistributorFormat } from './format-schema.ts'
import type { Formats } from './formats.ts'
import type { ToldAmount } from './row-values.ts'
import { type DistributorRow, plain, readRows, type UnreadPart } from './rows.ts'
import { openSeries, type Series } from './series.ts'

/** What a distributor says of a delivery point: an index at an instant, or what flowed between two. */
export interface DistributorValue {
  format: string
  distributor: string
  deliveryPoint: string
  fluid: Fluid
  form: 'index' | 'amount'
  /** ms UTC; equal of an index. */
  start: number
  end: number
  /** The same in different units: the first that a meter can count in. */
  amounts: readonly ToldAmount[]
  estimated: boolean
  line: number
}

/** What a file held beside its values. */
export interface FileSummary {
  /** Of the formats in it, how many rows. */
  formats: Map<string, number>
  /** Rows without a value: nothing was measured. */
  empty: number
  /** Rows of something else, such as an injection, by what they say. */
  others: Map<string, number>
  unread: UnreadPart[]
  /** The first of them, by line. */
  faults: RowFault[]
  faultCount: number
}

export interface RowFault {
  line: number
  reason: string
}

export interface FileReading {
  /** Of a file that does not say it. */
  deliveryPoint?: string | undefined
  /** Where a file does not show what its stamps mark. */
  stamp?: 'start' | 'end' | undefined
}

/** Rows between two turns of the event loop. */
const TURN_ROWS = 1000
/** Faults that are kept; of more only the number is told. */
const MOST_FAULTS = 1000

/**
 * Reads a distributor's file in its order, row by row.
 * @param onValue called with each value, and waited for
 * @throws Error naming the file where it cannot be read to its end
 */
export async function readDistributorFile(
  file: string,
  formats: Formats,
  reading: FileReading,
  onValue: (value: DistributorValue) => Promise<void> | void,
): Promise<FileSummary> {
  const summary: FileSummary = {
    formats: new Map(),
    empty: 0,
    others: new Map(),
    unread: [],
    faults: [],
    faultCount: 0,
  }
  const series = new Map<string, Series>()
  const fault = (each: RowFault) => {
    summary.faultCount++
    if (summary.faults.length < MOST_FAULTS) summary.faults.push(each)
  }
  const take = async (values: Iterable<DistributorValue | RowFault>) => {
    for (const value of values) {
      if ('reason' in value) fault(value)
      else await onValue(value)
    }
  }
  let rows = 0
  for await (const row of readRows(file, formats)) {
    if (++rows % TURN_ROWS === 0) await setImmediate()
    if (!('format' in row)) {
      summary.unread.push(row)
      continue
    }
    const format = formats.get(row.format)!
    const other = otherThan(row, format)
    if (other) {
      summary.others.set(other, (summary.others.get(other) ?? 0) + 1)
      continue
    }
    summary.formats.set(row.format, (summary.formats.get(row.format) ?? 0) + 1)
    try {
      const deliveryPoint = deliveryPointOf(row, format, reading)
      const key = `${row.part} ${deliveryPoint}`
      const own = series.get(key) ?? openSeries(format, deliveryPoint, reading)
      series.set(key, own)
      await take(own.read(row, () => summary.empty++))
    } catch (error) {
      if (!(error instanceof RowError)) throw error
      fault({ line: row.line, reason: error.message })
    }
  }
  for (const own of series.values()) await take(own.end())
  summary.faults.sort((a, b) => a.line - b.line)
  return summary
}

function otherThan(row: DistributorRow, { only }: DistributorFormat): string | undefined {
  for (const [name, allowed] of Object.entries(only)) {
    const value = row.field(name)
    if (!allowed.map(plain).includes(plain(value))) return `${name} ${value || '(empty)'}`
  }
  return undefined
}

function deliveryPointOf(row: DistributorRow, format: DistributorFormat, reading: FileReading): string {
  const written = format.deliveryPoint ? row.field(format.deliveryPoint) : (reading.deliveryPoint ?? '')
  if (written === '')
    throw new RowError(
      format.deliveryPoint
        ? `${format.deliveryPoint} is empty`
        : 'the file does not say whose it is: name the delivery point with --delivery-point',
    )
  return written.replace(/\s/g, '')
}
