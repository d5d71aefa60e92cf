import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FileError } from '../../../ingest/byte-source.ts'
import { openContents } from '../../../ingest/distributor/contents.ts'
import { loadFormats } from '../../../ingest/distributor/formats.ts'
import {
  type DistributorValue,
  type InMember,
  placeOf,
  readDistributorFile,
} from '../../../ingest/distributor/read-file.ts'
import { isDistributorFile } from '../../../ingest/distributor/rows.ts'
import { writeZip } from './archives.ts'

const formats = await loadFormats()
const fixture = (name: string) => readFile(join(import.meta.dirname, 'fixtures', name))
const R63 = await fixture('enedis/r63-csv.csv')
const R64 = await fixture('enedis/r64-csv.csv')
const ADICT = await fixture('grdf/adict.ndjson')

let folder: string
let file: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-contents-'))
  file = join(folder, 'envoi.zip')
})
afterAll(() => rm(folder, { recursive: true }))

async function read(path = file) {
  const values: (DistributorValue & InMember)[] = []
  const summary = await readDistributorFile(path, formats, {}, value => void values.push(value))
  return { values, summary, places: values.map(placeOf) }
}

it('every file of a ZIP is read by its own format, and told by its name', async () => {
  await writeZip(file, { 'mars/r63.csv': R63, 'r64.csv': R64, 'gaz.ndjson': ADICT })
  expect(await isDistributorFile(file, formats)).toBe(true)
  const { places, summary } = await read()
  expect([...summary.formats.keys()]).toEqual(['enedis/r63-csv', 'enedis/r64-csv', 'grdf/adict'])
  expect(places).toEqual([
    ...['mars/r63.csv, line 2', 'mars/r63.csv, line 3', 'mars/r63.csv, line 4'],
    ...['r64.csv, line 2', 'gaz.ndjson, line 1', 'gaz.ndjson, line 2'],
  ])
  expect(summary.faults.map(placeOf)).toEqual(['r64.csv, line 5'])
})

it('XML may be UTF-16, as Windows writes it', async () => {
  const xml = (await fixture('enedis/r50.xml')).toString().replace(' encoding="UTF-8"', '')
  const r50 = join(folder, 'r50.xml')
  await writeFile(r50, Buffer.from(`\ufeff${xml}`, 'utf16le'))
  expect((await read(r50)).values).toHaveLength(3)
})

it('gzip, and archives within archives, are unpacked', async () => {
  const inner = join(folder, 'inner.zip')
  await writeZip(inner, { 'r63.csv': R63 })
  await writeZip(file, { 'jour.zip': await readFile(inner), 'r64.csv.gz': gzipSync(R64) })
  expect((await read()).places).toEqual([
    ...['jour.zip, r63.csv, line 2', 'jour.zip, r63.csv, line 3', 'jour.zip, r63.csv, line 4'],
    'r64.csv.gz, line 2',
  ])
  await writeFile(join(folder, 'r63.csv.gz'), gzipSync(R63))
  expect((await read(join(folder, 'r63.csv.gz'))).places).toEqual(['line 2', 'line 3', 'line 4'])
  let deep = R63
  for (let depth = 0; depth < 4; depth++) deep = gzipSync(deep)
  await writeZip(file, { 'deep.csv': deep, 'r63.csv': R63 })
  const { values, summary } = await read()
  expect(values).toHaveLength(3)
  expect(summary.faults).toMatchObject([{ member: 'deep.csv', reason: expect.stringContaining('within 3') }])
})

it('what cannot be read in an archive is told by its name, and the rest is read', async () => {
  await writeZip(file, {
    'a-notice.pdf': Buffer.from([...Buffer.from('%PDF-1.4\n'), 0, 0xff]),
    'b-cut.gz': gzipSync(R63).subarray(0, 60),
    'c-broken.ndjson': `${ADICT}{"pce":`,
    'd-note.txt': 'Bonjour,\nvoici vos fichiers.\n',
    '__MACOSX/._r63.csv': Buffer.from([0, 5, 0x16, 7]),
    'r63.csv': R63,
  })
  const { places, summary } = await read()
  expect(places.filter(place => place.startsWith('r63.csv'))).toHaveLength(3)
  expect(summary.faults.map(({ member, reason }) => `${member}: ${reason}`)).toEqual([
    expect.stringContaining('a-notice.pdf: is of no kind that is read: CSV, XLSX, JSON or XML'),
    'b-cut.gz: unexpected end of file',
    'c-broken.ndjson: line 3 is no JSON',
  ])
  expect(summary.unread).toMatchObject([{ member: 'd-note.txt', line: 1, header: 'Bonjour;' }])
})

/** Sets a field of the header of the only member, in the directory at the end. */
function patched(zip: Buffer, offset: number, value: number): Buffer {
  const copy = Buffer.from(zip)
  copy.writeUInt16LE(value, copy.indexOf('PK\x01\x02', 'latin1') + offset)
  return copy
}

it('a member that is encrypted, or larger than it says, is told', async () => {
  await writeZip(file, { 'r63.csv': R63 })
  const whole = await readFile(file)
  const [FLAGS, SIZE] = [8, 24]
  await writeFile(file, patched(whole, FLAGS, 1))
  expect((await read()).summary.faults).toMatchObject([
    { member: 'r63.csv', reason: expect.stringContaining('decrypt the archive first') },
  ])
  await writeFile(file, patched(whole, SIZE, 10))
  expect((await read()).summary.faults).toMatchObject([
    { member: 'r63.csv', reason: expect.stringContaining('too many bytes') },
  ])
})

it('an archive that is cut off is refused by its name', async () => {
  await writeZip(file, { 'r63.csv': R63 })
  await writeFile(file, (await readFile(file)).subarray(0, 200))
  await expect(read()).rejects.toThrow(FileError)
  await expect(read()).rejects.toThrow(`${file}: `)
  await expect(isDistributorFile(file, formats)).rejects.toThrow(`${file}: `)
})

it('a file that cannot be read to its end is refused by its name', async () => {
  const broken = join(folder, 'broken.json')
  await writeFile(broken, '{"pce":')
  await expect(read(broken)).rejects.toThrow(`${broken}: line 1 is no JSON`)
  await expect(isDistributorFile(broken, formats)).rejects.toThrow(`${broken}: line 1 is no JSON`)
})

it('an archive that unpacks to more than it may is not read on, however small it is', async () => {
  const lines = 'Date;Valeur\n'.repeat(100_000)
  await writeZip(file, { 'a.csv.gz': gzipSync(lines), 'b.csv': lines })
  let read = 0
  const told: string[] = []
  for await (const content of openContents(file, 200_000)) {
    try {
      if (content.kind === 'broken') throw content.fault
      if (content.kind === 'table') for await (const { cells } of content.records()) read += cells.length
    } catch (error) {
      told.push((error as Error).message)
    }
  }
  expect(told).toEqual(
    ['a.csv.gz', 'b.csv'].map(name => `${file}, ${name}: unpacked, there are more than 200000 bytes by here`),
  )
  expect(read * 6).toBeLessThan(200_000)
})

it('a document that is too large to be read at once is told', async () => {
  const text = 'a'.repeat(60_000)
  await writeZip(file, {
    'large.json': `[${' '.repeat(64 * 1024 ** 2)}]`,
    'large.xml': `<R50>${`<V>${text}</V>`.repeat(1200)}</R50>`,
  })
  expect((await read()).summary.faults.map(({ member, reason }) => `${member}: ${reason}`)).toEqual([
    'large.json: is larger than 64 MiB',
    'large.xml: line 1: the document is too large to be read at once',
  ])
})

it('an archive of more files than anybody sends is refused', async () => {
  await writeZip(file, { 'r63.csv': R63 })
  const whole = await readFile(file)
  const ENTRIES = 10
  whole.writeUInt16LE(10_001, whole.indexOf('PK\x05\x06', 'latin1') + ENTRIES)
  await writeFile(file, whole)
  await expect(read()).rejects.toThrow('more than 10000 files')
})
