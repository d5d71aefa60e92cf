import { createReadStream } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { parse } from 'csv-parse'
import type { Row } from './dataset.ts'
import { CSV } from './formats.ts'
import { objectPath } from './objects.ts'
import type { Part } from './version.ts'

const LINE_END = '\r\n'

/** The rows of a part of a CSV file as this hub writes it (RFC 4180): it has no header. */
export function readCsv(file: string): AsyncIterable<Row> {
  return readRecords(createReadStream(file))
}

/** The rows of parts, one after the other. */
export async function* readParts(
  folder: string,
  parts: readonly Pick<Part, 'objects'>[],
): AsyncGenerator<Row> {
  for (const { objects } of parts) yield* readCsv(objectPath(folder, objects[CSV.suffix]!.sha256))
}

/**
 * @param bytes from the beginning of a record on
 * @throws CsvError where records differ in length, or quotes have no end
 */
export function readRecords(bytes: Readable, lineEnd = LINE_END): AsyncIterable<Row> {
  return pipeline(bytes, parse({ record_delimiter: lineEnd }), () => {})
}
