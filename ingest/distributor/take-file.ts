import type { Statement } from '../../model/statement.ts'
import type { Registry } from '../../registry/registry.ts'
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

interface Counted {
  values: number
  estimated: number
  /** The first and the last instant, ms UTC. */
  start: number
  end: number
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
  const meters = new Map<string, Counted>()
  const unknown = new Map<string, Counted>()
  let statements: Statement[] = []
  const summary = await readDistributorFile(file, formats, reading, async value => {
    const statement = convert(value)
    if (statement) statements.push(statement)
    count(statement ? meters : unknown, statement?.meter ?? value.deliveryPoint, value)
    if (statements.length < portion) return
    await onStatements(statements)
    statements = []
  })
  if (statements.length > 0) await onStatements(statements)
  return { ...summary, meters, unknown }
}

function count(counts: Map<string, Counted>, key: string, { start, end, estimated }: DistributorValue): void {
  const known = counts.get(key) ?? { values: 0, estimated: 0, start, end }
  counts.set(key, {
    values: known.values + 1,
    estimated: known.estimated + (estimated ? 1 : 0),
    start: Math.min(known.start, start),
    end: Math.max(known.end, end),
  })
}
