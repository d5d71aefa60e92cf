import { isUtf8 } from 'node:buffer'

/** What spreadsheets and tools write between cells. */
const DELIMITERS = [';', '\t', ','] as const

export interface CsvForm {
  /** For TextDecoder. */
  encoding: 'utf-8' | 'utf-16le' | 'windows-1252'
  delimiter: string
}

/** How a CSV file is encoded and separated, by its beginning, of which the first line is the header. */
export function csvForm(head: Buffer): CsvForm {
  const isUtf16 = head[0] === 0xff && head[1] === 0xfe
  const encoding = isUtf16 ? 'utf-16le' : isText(head) ? 'utf-8' : 'windows-1252'
  const [header] = new TextDecoder(encoding).decode(head).split(/\r?\n/, 1)
  const counts = DELIMITERS.map(mark => ({ mark, count: header!.split(mark).length }))
  return { encoding, delimiter: counts.reduce((most, next) => (next.count > most.count ? next : most)).mark }
}

/** The last character may be cut off: up to three bytes of it are here. */
function isText(head: Buffer): boolean {
  return [0, 1, 2, 3].some(cut => isUtf8(head.subarray(0, Math.max(0, head.length - cut))))
}

/** The separator, a quotation mark, a line break or a space at an end. */
const NEEDS_QUOTES = /[;"\r\n]|^\s|\s$/

/** By which spreadsheets know UTF-8. */
export const BYTE_ORDER_MARK = '\uFEFF'

/** Rows as French spreadsheets open them: semicolons behind the {@link BYTE_ORDER_MARK}. */
export function formatCsv(rows: readonly (readonly string[])[]): string {
  return BYTE_ORDER_MARK + rows.map(spreadsheetRecord).join('')
}

export function spreadsheetRecord(cells: readonly string[]): string {
  return `${cells.map(quoted).join(';')}\r\n`
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
