import { crc32 } from 'node:zlib'
import type { Gap } from '../model/delivery.ts'

/** What one line of a journal holds: entries under consecutive numbers, or numbers that were given up. */
export type JournalRecord<E> = { first: number; entries: E[] } | { gap: Gap }

/** `<crc32 of the JSON, 8 hexadecimal digits> <JSON>\n`. A line break inside JSON text is escaped, so lines resynchronise. */
export function encodeRecord<E>(record: JournalRecord<E>): Buffer {
  const line = Buffer.from(`${' '.repeat(PREFIX)}${JSON.stringify(record)}\n`)
  line.write(checksum(line.subarray(PREFIX, -1)), 'latin1')
  return line
}

export interface DecodedJournal<E> {
  records: JournalRecord<E>[]
  /** Where the last sound record ends, bytes. */
  end: number
  /** How many complete lines do not match their checksum. */
  damaged: number
  /** `torn`: the file ends inside a line. `damaged`: a complete line behind the last sound one is not sound. */
  tail: 'clean' | 'torn' | 'damaged'
}

const LINE_BREAK = 10
const PREFIX = 9

export function decodeJournal<E>(bytes: Buffer): DecodedJournal<E> {
  const decoded: DecodedJournal<E> = { records: [], end: 0, damaged: 0, tail: 'clean' }
  let at = 0
  while (at < bytes.length) {
    const lineEnd = bytes.indexOf(LINE_BREAK, at)
    if (lineEnd < 0) break
    const json = bytes.subarray(at + PREFIX, lineEnd)
    const sound = lineEnd - at > PREFIX && bytes.toString('latin1', at, at + PREFIX) === `${checksum(json)} `
    at = lineEnd + 1
    if (sound) {
      decoded.records.push(JSON.parse(json.toString()))
      decoded.end = at
      decoded.tail = 'clean'
    } else {
      decoded.damaged++
      decoded.tail = 'damaged'
    }
  }
  if (at < bytes.length && decoded.tail === 'clean') decoded.tail = 'torn'
  return decoded
}

function checksum(json: Buffer): string {
  return crc32(json).toString(16).padStart(8, '0')
}
