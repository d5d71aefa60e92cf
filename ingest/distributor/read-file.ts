import { setImmediate } from 'node:timers/promises'
import type { Fluid } from '../../model/fluid.ts'
import { FileError } from '../byte-source.ts'
import { RowError } from '../times.ts'
import { type Content, openContents } from './contents.ts'
import type { DistributorFormat } from './format-schema.ts'
import type { Formats } from './formats.ts'
import type { ToldAmount } from './row-values.ts'
import { type DistributorRow, plain, readRows, type UnreadPart } from './rows.ts'
import { openSeries, type RowFault, type Series } from './series.ts'

/** What a distributor says of a delivery point: an index at an instant, or what flowed between two. */
export interface DistributorValue {
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
  unread: (UnreadPart & InMember)[]
  /** The first of them, by member and line. */
  faults: Fault[]
  faultCount: number
}

/** What is read of a file in an archive tells its name there. */
export interface InMember {
  member?: string | undefined
}

export interface Fault extends InMember {
  /** Of a row; absent where a member cannot be read to its end. */
  line?: number
  reason: string
}

/** `releve.csv, line 4` of what is in an archive, `line 4` of a file. */
export function placeOf({ member, line }: InMember & { line?: number }): string {
  return [member, line && `line ${line}`].filter(Boolean).join(', ')
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
 * Reads a distributor's file in its order, row by row, or each file of the archive that it is.
 * @param onValue called with each value, and waited for; a RowError of it is a fault of the row
 * @throws FileError where the file cannot be read to its end
 */
export async function readDistributorFile(
  file: string,
  formats: Formats,
  reading: FileReading,
  onValue: (value: DistributorValue & InMember) => Promise<void> | void,
): Promise<FileSummary> {
  const summary: FileSummary = {
    formats: new Map(),
    empty: 0,
    others: new Map(),
    unread: [],
    faults: [],
    faultCount: 0,
  }
  for await (const content of openContents(file)) {
    const { member } = content
    const faults: Fault[] = []
    const onFault = (fault: Fault) => {
      summary.faultCount++
      if (summary.faults.length + faults.length < MOST_FAULTS) faults.push({ ...fault, member })
    }
    const taken = { summary, onFault, onValue: (value: DistributorValue) => onValue({ ...value, member }) }
    try {
      await readContent(content, formats, reading, taken)
    } catch (error) {
      if (!(error instanceof FileError) || member === undefined) throw error
      onFault({ reason: error.reason })
    }
    summary.faults.push(...faults.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)))
  }
  return summary
}

interface Taking {
  summary: FileSummary
  onFault(fault: Fault): void
  onValue(value: DistributorValue): Promise<void> | void
}

async function readContent(
  content: Content,
  formats: Formats,
  reading: FileReading,
  { summary, onFault, onValue }: Taking,
): Promise<void> {
  const series = new Map<string, Series>()
  const take = async (values: Iterable<DistributorValue | RowFault>) => {
    for (const value of values) {
      if ('reason' in value) onFault(value)
      else await orFault(value.line, () => onValue(value))
    }
  }
  const orFault = async (line: number, work: () => Promise<void> | void) => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof RowError)) throw error
      onFault({ line, reason: error.message })
    }
  }
  let rows = 0
  for await (const row of readRows(content, formats)) {
    if (++rows % TURN_ROWS === 0) await setImmediate()
    if (!('format' in row)) {
      summary.unread.push({ ...row, member: content.member })
      continue
    }
    const format = formats.get(row.format)!
    const other = otherThan(row, format)
    if (other) {
      summary.others.set(other, (summary.others.get(other) ?? 0) + 1)
      continue
    }
    summary.formats.set(row.format, (summary.formats.get(row.format) ?? 0) + 1)
    await orFault(row.line, async () => {
      const deliveryPoint = deliveryPointOf(row, format, reading)
      const key = `${row.part} ${deliveryPoint}`
      const own = series.get(key) ?? openSeries(format, deliveryPoint, reading)
      series.set(key, own)
      await take(own.read(row, () => summary.empty++))
    })
  }
  for (const own of series.values()) await take(own.end())
}

function otherThan(row: DistributorRow, { only, except }: DistributorFormat): string | undefined {
  for (const [name, allowed] of Object.entries(only)) {
    const value = row.field(name)
    if (!allowed.map(plain).includes(plain(value))) return `${name} ${value || '(empty)'}`
  }
  for (const [name, words] of Object.entries(except)) {
    const value = row.field(name)
    if (words.some(word => plain(value).includes(plain(word)))) return `${name} ${value}`
  }
  return undefined
}

function deliveryPointOf(row: DistributorRow, format: DistributorFormat, reading: FileReading): string {
  const names = format.deliveryPoint ?? []
  const written =
    [names]
      .flat()
      .map(row.field)
      .find(text => text !== '') ?? reading.deliveryPoint
  if (written) return written.replace(/\s/g, '')
  throw new RowError('the file does not say whose it is: name the delivery point with --delivery-point')
}
