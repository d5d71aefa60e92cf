import { pipeline, Readable } from 'node:stream'
import { type InfoRecord, parse } from 'csv-parse'
import { csvForm } from '../model/csv.ts'
import { type ByteSource, fileError, fileSource, readHead } from './byte-source.ts'

export interface TableRecord {
  cells: string[]
  /** From 1; the last line of the record. */
  line: number
}

/** A longer record comes of a quotation mark that is never closed. */
const LONGEST_RECORD = 64 * 1024
const HEAD_BYTES = 64 * 1024

/** @throws FileError as {@link readCsv} */
export function readCsvFile(file: string): AsyncGenerator<TableRecord> {
  return readCsv(fileSource(file))
}

/**
 * The records of a CSV file, its header first: separated by semicolon, comma or tab; UTF-8, UTF-16 (little endian) or
 * Windows-1252.
 * @throws FileError naming it, and where the rest cannot be cut into records the line
 */
export async function* readCsv(source: ByteSource): AsyncGenerator<TableRecord> {
  try {
    const { encoding, delimiter } = csvForm(await readHead(source, HEAD_BYTES))
    const parser = parse({
      delimiter,
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_RECORD,
    })
    // An error of either ends the iteration below with it.
    pipeline(Readable.from(readText(source, encoding)), parser, () => {})
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: InfoRecord }>)
      yield { cells: record, line: info.lines }
  } catch (error) {
    throw fileError(source.name, error)
  }
}

async function* readText(source: ByteSource, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  for await (const piece of await source.open()) yield decoder.decode(piece, { stream: true })
  yield decoder.decode()
}
