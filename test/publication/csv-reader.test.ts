import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { readCsv, readRecords } from '../../publication/csv-reader.ts'
import type { Row } from '../../publication/dataset.ts'
import { CSV } from '../../publication/formats.ts'
import { createRowReader } from '../../publication/row-reader.ts'

const folder = mkdtempSync(join(tmpdir(), 'affluent-rows-'))
afterAll(() => rmSync(folder, { recursive: true }))

const cell = fc.oneof(fc.string(), fc.constantFrom('', 'é', '"', ',', '\r\n', '"",\n'))
const write = (rows: readonly Row[]) => rows.map(row => CSV.record(row, [])).join('')

function pieces(bytes: Buffer, size: number): Readable {
  const starts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => n * size)
  return Readable.from(starts.map(at => bytes.subarray(at, at + size)))
}

describe('rows of a CSV file', () => {
  it('are read as they were written, wherever the pieces of the file end', async () => {
    const rows = fc
      .integer({ min: 2, max: 4 })
      .chain(cells => fc.array(fc.array(cell, { minLength: cells, maxLength: cells })))
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 9 }), async (written, size) => {
        const bytes = pieces(Buffer.from(write(written)), size)
        expect(await Array.fromAsync(readRecords(bytes))).toEqual(written)
      }),
    )
  })

  it('are not taken for rows where the file was cut off', async () => {
    const read = (text: string) => Array.fromAsync(readRecords(pieces(Buffer.from(text), 100)))
    await expect(read('a,b\r\nc')).rejects.toThrow('expect 2, got 1')
    await expect(read('a,b\r\nc,"d')).rejects.toThrow('Quote Not Closed')
    await expect(Array.fromAsync(readCsv(join(folder, 'none.csv')))).rejects.toThrow('ENOENT')
  })

  it('are found by their number, also once the file is another', async () => {
    const reader = createRowReader()
    const file = join(folder, 'rows.csv')
    const rowsOf = (text: string) => Array.from({ length: 1500 }, (_, n): Row => [String(n), `${text}${n}`])
    // The first is longer than a file is read at a time.
    for (const rows of [rowsOf(`a "quoted"\r\nline, ${'é'.repeat(50)}`), rowsOf('short ')]) {
      writeFileSync(file, write(rows))
      for (const skip of [0, 511, 512, 1030, 1499, 1500, 9999])
        expect(await Array.fromAsync(reader.rows(file, skip))).toEqual(rows.slice(skip))
    }
  })
})
