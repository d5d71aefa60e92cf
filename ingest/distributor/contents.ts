import { basename } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type ByteSource, FileError, fileError, fileSource, readHead } from '../byte-source.ts'
import { readCsv, type TableRecord } from '../csv-file.ts'
import { isWorkbook, readSheets } from './workbook.ts'
import { openZip } from './zip.ts'

/** What is to be read: a file, or each of those in the archive that it is, or each sheet of the workbook. */
export type Content = {
  /** Its name there; absent of the file itself. */
  member?: string
} & (
  | { kind: 'table' | 'sheet'; records(): AsyncIterable<TableRecord> }
  | { kind: 'json' | 'xml'; source: ByteSource }
  | { kind: 'broken'; fault: FileError }
)

/** Archives within archives. */
const DEEPEST = 3
/** What one file may hold unpacked: of zeros, a thousand times as much fits in. */
const MOST_UNPACKED = 2 * 1024 ** 3
const HEAD_BYTES = 1024

interface Opening {
  source: ByteSource
  member?: string
  depth: number
  /** Of the whole file, until now and at most. */
  unpacked: { bytes: number; most: number }
}

/**
 * What is to be read of a file, with ZIP and gzip unpacked; each before the next is asked for.
 * @param mostUnpacked bytes
 * @throws FileError where the file itself cannot be read; a member of an archive is told as broken
 */
export function openContents(file: string, mostUnpacked = MOST_UNPACKED): AsyncGenerator<Content> {
  return contentsOf({ source: fileSource(file), depth: 0, unpacked: { bytes: 0, most: mostUnpacked } })
}

async function* contentsOf(opening: Opening): AsyncGenerator<Content> {
  const { source, depth } = opening
  const named = opening.member === undefined ? {} : { member: opening.member }
  const syntax = await syntaxOf(source)
  if (syntax === 'csv') yield { ...named, kind: 'table', records: () => readCsv(source) }
  else if (syntax === 'json' || syntax === 'xml') yield { ...named, kind: syntax, source }
  else if (depth === DEEPEST) throw new FileError(source.name, `is an archive within ${DEEPEST} others`)
  else if (syntax === 'gzip')
    yield* contentsOf({ ...opening, source: unpacking(source, opening, createGunzip), depth: depth + 1 })
  else yield* membersOf(opening)
}

async function* membersOf(opening: Opening): AsyncGenerator<Content> {
  const zip = await openZip(opening.source)
  const within = (name: string) => (opening.member === undefined ? name : `${opening.member}, ${name}`)
  try {
    if (isWorkbook(zip.members)) {
      const members = new Map([...zip.members].map(([name, packed]) => [name, unpacking(packed, opening)]))
      for (const { name, records } of await readSheets(members))
        yield { member: within(name), kind: 'sheet', records }
      return
    }
    for (const [name, packed] of zip.members) {
      // As in a folder, what is hidden is for nobody to read.
      if (basename(name).startsWith('.')) continue
      const member = within(name)
      try {
        yield* contentsOf({
          ...opening,
          source: unpacking(packed, opening),
          member,
          depth: opening.depth + 1,
        })
      } catch (error) {
        yield { member, kind: 'broken', fault: fileError(packed.name, error) }
      }
    }
  } finally {
    zip.close()
  }
}

/** @throws FileError where it is of no kind that is read */
async function syntaxOf(source: ByteSource): Promise<'csv' | 'json' | 'xml' | 'zip' | 'gzip'> {
  const head = await readHead(source, HEAD_BYTES).catch(error => {
    throw fileError(source.name, error)
  })
  const [first, second] = head
  if (first === 0x50 && second === 0x4b) return 'zip'
  if (first === 0x1f && second === 0x8b) return 'gzip'
  const isUtf16 = first === 0xff && second === 0xfe
  if (head.includes(0) && !isUtf16) throw new FileError(source.name, UNKNOWN_KIND)
  const text = new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(head)
  const [begins = ''] = text.trimStart()
  if (begins === '<') return 'xml'
  return begins === '[' || begins === '{' ? 'json' : 'csv'
}

const UNKNOWN_KIND =
  'is of no kind that is read: CSV, XLSX, JSON or XML, perhaps in a ZIP or gzip; decrypt a flow of SGE, and save an XLS as XLSX, before'

/** What comes out of an archive, and perhaps of another step, is bounded. */
function unpacking(
  { name, open }: ByteSource,
  { unpacked }: Opening,
  step?: () => NodeJS.ReadWriteStream,
): ByteSource {
  async function* bounded(pieces: AsyncIterable<Buffer>) {
    for await (const piece of pieces) {
      unpacked.bytes += piece.length
      if (unpacked.bytes > unpacked.most)
        throw new FileError(name, `unpacked, there are more than ${unpacked.most} bytes by here`)
      yield piece
    }
  }
  return {
    name,
    async open() {
      const packed = await open()
      // An error of either ends the iteration with it.
      const pieces = step ? pipeline(packed, step(), () => {}) : packed
      return Readable.from(bounded(pieces as unknown as AsyncIterable<Buffer>))
    },
  }
}
