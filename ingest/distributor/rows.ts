import { FileError } from '../byte-source.ts'
import { type Content, openContents } from './contents.ts'
import { documentLayouts } from './document-rows.ts'
import type { Formats } from './formats.ts'
import { readJsonRows } from './json-rows.ts'
import { tableRows } from './table-rows.ts'
import { readXmlRows } from './xml-rows.ts'

/** What one line of a distributor's file says, by the names of its format. */
export interface DistributorRow {
  format: string
  /** A part of a file begins with a header of its own, and has its own convention of stamps. */
  part: number
  line: number
  field(name: string): string
}

/** A part of a file that no format reads. */
export interface UnreadPart {
  line: number
  /** How it begins. */
  header: string
}

/**
 * The rows of a file, or of one in an archive, in their order, and the parts that are none of the formats'.
 * @throws FileError naming it where it cannot be read
 */
export async function* readRows(
  content: Content,
  formats: Formats,
): AsyncGenerator<DistributorRow | UnreadPart> {
  if (content.kind === 'broken') throw content.fault
  if ('source' in content) yield* documentRows(content, formats)
  else yield* tableRows(content, formats)
}

async function* documentRows(
  { kind, source }: Extract<Content, { source: unknown }>,
  formats: Formats,
): AsyncGenerator<DistributorRow | UnreadPart> {
  const read = kind === 'json' ? readJsonRows : readXmlRows
  for await (const row of read(source, documentLayouts(formats))) {
    if (!('values' in row)) yield row
    else yield { ...row, field: path => row.values.get(path) ?? '' }
  }
}

/** Whether a file begins as those of one of the formats do: not everything that is a CSV is a distributor's. */
export async function isDistributorFile(file: string, formats: Formats): Promise<boolean> {
  for await (const content of openContents(file)) {
    try {
      for await (const row of readRows(content, formats)) if ('format' in row) return true
    } catch (error) {
      if (!(error instanceof FileError) || content.member === undefined) throw error
    }
  }
  return false
}

/** Names as they are compared: without case, accents and spaces around. */
export function plain(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').trim().toLowerCase().replace(/\s+/g, ' ')
}
