/**
 * CSV files as this hub writes them (RFC 4180), with each of their bytes as a character: what is only compared, copied or
 * passed over need not be decoded, and is in the order of its bytes.
 */

const LINE_END = '\r\n'
const QUOTE = '"'
const QUOTE_CODE = 0x22

/** A text as its bytes in UTF-8. */
export function toBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** The text that bytes are in UTF-8. */
export function fromBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString()
}

/** Where each record ends that ends in a text, which begins with one. */
export function* recordEnds(text: string): Generator<number> {
  let quote = found(text, QUOTE, 0)
  for (let at = 0; ; ) {
    let end = found(text, LINE_END, at)
    // Two quotes in a cell end it and begin it anew.
    while (quote < end) {
      const close = found(text, QUOTE, quote + 1)
      if (end < close) end = found(text, LINE_END, close + 1)
      quote = found(text, QUOTE, close + 1)
    }
    if (end === Number.POSITIVE_INFINITY) return
    at = end + LINE_END.length
    yield at
  }
}

function found(text: string, what: string, from: number): number {
  const at = from < text.length ? text.indexOf(what, from) : -1
  return at < 0 ? Number.POSITIVE_INFINITY : at
}

/** Where a cell ends that begins at a place of a text, and the record at another. */
export function cellEnd(text: string, start: number, recordEnd: number): number {
  let at = start
  while (text.charCodeAt(at) === QUOTE_CODE) at = text.indexOf(QUOTE, at + 1) + 1
  const comma = text.indexOf(',', at)
  return comma < 0 || comma > recordEnd ? recordEnd - LINE_END.length : comma
}

/** What a cell holds that is written between two places of a text. */
export function cellBetween(text: string, start: number, end: number): string {
  if (text.charCodeAt(start) !== QUOTE_CODE) return text.slice(start, end)
  return text.slice(start + 1, end - 1).replaceAll(QUOTE + QUOTE, QUOTE)
}

/** Reads the records of a text, one after the other, and of each no more cells than are asked for. */
export class RecordReader {
  readonly #text: string
  readonly #recordEnds: Generator<number>
  readonly #starts: number[] = [0]
  #found = 0
  #recordEnd = 0

  /** @param text whole records */
  constructor(text: string) {
    this.#text = text
    this.#recordEnds = recordEnds(text)
  }

  /** Goes on to the next record; false at the end. */
  next(): boolean {
    const { value, done } = this.#recordEnds.next()
    if (done) return false
    this.#starts[0] = this.#recordEnd
    this.#found = 0
    this.#recordEnd = value
    return true
  }

  cell(at: number): string {
    const starts = this.#starts
    for (; this.#found <= at; this.#found++)
      starts[this.#found + 1] = cellEnd(this.#text, starts[this.#found]!, this.#recordEnd) + 1
    return cellBetween(this.#text, starts[at]!, starts[at + 1]! - 1)
  }
}
