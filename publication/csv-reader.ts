import { createReadStream } from 'node:fs'
import type { Row } from './dataset.ts'

/** The rows of a part of a CSV file as this hub writes it (RFC 4180): it has no header, and lines end with CRLF. */
export async function* readCsv(file: string): AsyncGenerator<Row> {
  yield* readRecords(createReadStream(file))
}

/**
 * @param bytes from the beginning of a record on, to the end of the last
 * @throws Error where records differ in length, or the last one has no end
 */
export async function* readRecords(bytes: AsyncIterable<Buffer>): AsyncGenerator<Row> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  let cells: number | undefined
  for await (const chunk of bytes) {
    const text = rest + decoder.decode(chunk, { stream: true })
    let from = 0
    for (const end of recordEnds(text)) {
      const row = parseRecord(text.slice(from, end))
      cells ??= row.length
      if (row.length !== cells) throw new Error(`a record has ${row.length} cells, not ${cells}: ${row}`)
      yield row
      from = end + END.length
    }
    rest = text.slice(from)
  }
  if (rest !== '') throw new Error(`a record has no end: ${rest.slice(0, 200)}`)
}

const END = '\r\n'
const QUOTE = '"'

/** Where records end in a text that begins with one: at ends of lines that are not in quotes. */
function* recordEnds(text: string): Generator<number> {
  let quoted = false
  let quote = text.indexOf(QUOTE)
  for (let end = text.indexOf(END); end >= 0; end = text.indexOf(END, end + END.length)) {
    for (; quote >= 0 && quote < end; quote = text.indexOf(QUOTE, quote + 1)) quoted = !quoted
    if (!quoted) yield end
  }
}

function parseRecord(record: string): Row {
  if (!record.includes(QUOTE)) return record.split(',')
  return [...`,${record}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', QUOTE) ?? plain!,
  )
}
