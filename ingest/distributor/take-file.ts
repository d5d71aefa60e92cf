import type { Interval } from '../../model/calendar.ts'
import type { Statement } from '../../model/statement.ts'
import type { Registry } from '../../registry/registry.ts'
import { openAmountCoverage, openIndexCoverage } from './coverage.ts'
import type { Formats } from './formats.ts'
import {
  type DistributorValue,
  type FileReading,
  type FileSummary,
  readDistributorFile,
} from './read-file.ts'
import { openConversion } from './statements.ts'

/** What a file holds, for the meters of a registry and for those that it does not know. */
export interface FileOutcome extends FileSummary {
  meters: Map<string, Counted>
  /** By delivery point. */
  unknown: Map<string, Counted>
}

/** What there is of one meter or delivery point. */
export interface Counted {
  indexes: number
  amounts: number
  /** Of both; the others are measured. */
  estimated: number
  /** The first and the last instant, ms UTC. */
  start: number
  end: number
  /** Of the amounts, where there are some, and otherwise of the indexes. */
  holes: Interval[]
}

export interface FileTaking extends FileReading {
  formats: Formats
  registry: Registry
  /** How many statements are given on at once. */
  portion?: number
}

const PORTION = 1000

/**
 * Reads a distributor's file and gives on what it states of meters, in portions.
 * @throws FileError where the file cannot be read to its end
 */
export async function takeFile(
  file: string,
  { formats, registry, portion = PORTION, ...reading }: FileTaking,
  onStatements: (statements: Statement[]) => Promise<void> | void,
): Promise<FileOutcome> {
  const { convert } = openConversion(file, registry)
  const meters = new Map<string, Counter>()
  const unknown = new Map<string, Counter>()
  let statements: Statement[] = []
  const summary = await readDistributorFile(file, formats, reading, async value => {
    const statement = convert(value)
    if (statement) statements.push(statement)
    const counters = statement ? meters : unknown
    const key = statement?.meter ?? value.deliveryPoint
    const counter = counters.get(key) ?? openCounter()
    counters.set(key, counter)
    counter.add(value)
    if (statements.length < portion) return
    await onStatements(statements)
    statements = []
  })
  if (statements.length > 0) await onStatements(statements)
  return { ...summary, meters: countedOf(meters), unknown: countedOf(unknown) }
}

interface Counter {
  add(value: DistributorValue): void
  counted(): Counted
}

function openCounter(): Counter {
  const coverage = { amount: openAmountCoverage(), index: openIndexCoverage() }
  const counts = { amount: 0, index: 0, estimated: 0 }
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  return {
    add({ form, start, end, estimated }) {
      coverage[form].add({ start, end })
      counts[form]++
      if (estimated) counts.estimated++
      first = Math.min(first, start)
      last = Math.max(last, end)
    },
    counted() {
      const { amount: amounts, index: indexes, estimated } = counts
      const holes = coverage[amounts > 0 ? 'amount' : 'index'].holes()
      return { indexes, amounts, estimated, start: first, end: last, holes }
    },
  }
}

function countedOf(counters: ReadonlyMap<string, Counter>): Map<string, Counted> {
  return new Map([...counters].map(([key, counter]) => [key, counter.counted()]))
}
