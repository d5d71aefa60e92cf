import { Readable } from 'node:stream'
import type { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ByteSource, FileError } from '../../../ingest/byte-source.ts'
import { readJsonRows } from '../../../ingest/distributor/json-rows.ts'

const layouts = [{ format: 'essai', each: ['mesures'], paths: ['mesures.v'], lacks: [] }]
const source = (text: string): ByteSource => ({
  name: 'envoi.json',
  open: async () => Readable.from([Buffer.from(text)]),
})

/** A document of so many rows, in which what stands around them follows them. */
const document = (rows: number) =>
  JSON.stringify({ mesures: Array.from({ length: rows }, (_, v) => ({ v })), unite: 'Wh'.padEnd(40) })

async function valuesOf(text: string) {
  const values: (string | undefined)[] = []
  for await (const row of readJsonRows(source(text), layouts))
    values.push('values' in row ? `${row.part}/${row.line}: ${row.values.get('mesures.v')}` : row.header)
  return values
}

const started: Worker[] = []
const note = (worker: Worker) => void started.push(worker)
beforeAll(() => void process.on('worker', note))
afterAll(() => void process.off('worker', note))

const ENDED = -1
const LARGE = 40_000

it('a large document has the same rows in the same order as a small one', async () => {
  const expected = (rows: number) => Array.from({ length: rows }, (_, v) => `0/1: ${v}`)
  expect(await valuesOf(document(3))).toEqual(expected(3))
  expect(await valuesOf(document(LARGE))).toEqual(expected(LARGE))
  const lines = `${document(LARGE)}\n{"a":1}\n${document(2)}`
  expect((await valuesOf(lines)).slice(LARGE - 1)).toEqual([
    ...[`0/1: ${LARGE - 1}`, '{"a":1}', '1/3: 0', '1/3: 1'],
  ])
})

it('a large document is read in a thread, which ends with whoever reads it', async () => {
  started.length = 0
  await valuesOf(document(3))
  expect(started).toEqual([])
  for await (const row of readJsonRows(source(document(LARGE)), layouts)) {
    expect(row).toMatchObject({ format: 'essai' })
    expect(started.map(({ threadId }) => threadId === ENDED)).toEqual([false])
    break
  }
  await valuesOf(document(LARGE))
  expect(started.map(({ threadId }) => threadId)).toEqual([ENDED, ENDED])
})

it('a large file that is no JSON is told with its name and line', async () => {
  await expect(valuesOf(`${document(LARGE)}\n{"mesures":`)).rejects.toThrow(
    new FileError('envoi.json', 'line 2 is no JSON'),
  )
})
