import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { type InfoRecord, parse } from 'csv-parse'
import { type CsvForm, csvForm } from '../model/csv.ts'

export interface CsvRecord {
  cells: string[]
  /** From 1; the last line of the record. */
  line: number
}

/** A longer record comes of a quotation mark that is never closed. */
const LONGEST_RECORD = 64 * 1024
const HEAD_BYTES = 64 * 1024

/**
 * The records of a CSV file, its header first: separated by semicolon, comma or tab; UTF-8, UTF-16 (little endian) or
 * Windows-1252.
 * @throws Error naming the file, and where the rest cannot be cut into records the line
 */
export async function* readCsvFile(file: string): AsyncGenerator<CsvRecord> {
  const { encoding, delimiter } = await lookInto(file)
  const parser = parse({
    delimiter,
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD,
  })
  // An error of either ends the iteration below with it.
  pipeline(Readable.from(readText(file, encoding)), parser, () => {})
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: InfoRecord }>)
      yield { cells: record, line: info.lines }
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error })
  }
}

async function* readText(file: string, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  for await (const piece of createReadStream(file)) yield decoder.decode(piece, { stream: true })
  yield decoder.decode()
}

/** How a file is encoded and separated, by its beginning. */
async function lookInto(file: string): Promise<CsvForm> {
  await using handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
  return csvForm(buffer.subarray(0, bytesRead))
}
