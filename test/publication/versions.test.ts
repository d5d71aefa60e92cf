import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { changesSince, changeText, EndedCursorError } from '../../publication/changes.ts'
import { type ComputedParts, openComputedParts } from '../../publication/computed-parts.ts'
import type { Dataset, Row } from '../../publication/dataset.ts'
import { REVISION } from '../../publication/dataset.ts'
import { publish } from '../../publication/publish.ts'
import { openPublished } from '../../publication/published.ts'
import { createRowReader } from '../../publication/row-reader.ts'
import { openDatabase } from '../../store/duckdb/database.ts'
import { memoryFigures } from '../fluids/memory-stores.ts'
import { registry } from '../fluids/territory.ts'
import { sourcesOf } from './files.ts'

const parent = mkdtempSync(join(tmpdir(), 'affluent-versions-'))
afterAll(() => rmSync(parent, { recursive: true }))

const field = (name: string, type: 'string' | 'number' | 'date') => ({
  ...{ name, type, title: name, titleEn: name, description: name, example: '' },
})

/** Rows of what each site counted on each day; the sites of `allowed` may be published. */
function dataset(rows: readonly [site: string, day: string, amount: string][], allowed?: string[]): Dataset {
  const sorted = [...rows].sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
  return {
    id: 'comptes',
    title: { fr: 'Comptes', en: 'Counts' },
    description: { fr: 'Comptes', en: 'Counts' },
    keywords: [],
    themes: [],
    frequency: 'DAILY',
    schema: {
      ...{ id: 'comptes', name: 'comptes', title: 'Comptes', description: 'Comptes', version: '1.0.0' },
      created: '2026-01-01',
      fields: [field('site', 'string'), field('jour', 'date'), field('compte', 'number'), REVISION],
      primaryKey: ['site', 'jour'],
      changes: [{ version: '1.0.0', date: '2026-01-01', text: { fr: '', en: '' } }],
    },
    subject: ['site'],
    partOf: row => row[1]!.slice(0, 7),
    async *rows() {
      yield sorted.map((row): Row => [...row, ''])
    },
    subjects: () => new Set(allowed ?? rows.map(([site]) => site)),
  }
}

/** A folder into which several versions are published. */
function openFolder(folder = mkdtempSync(join(parent, 'v-')), computed?: ComputedParts) {
  const published = openPublished(folder)
  let now = Date.UTC(2026, 0, 1)
  return {
    folder,
    published,
    async publish(data: Dataset) {
      now += 86_400_000
      const context = { registry: registry([], []), now, sources: sourcesOf(memoryFigures()) }
      const options = { datasets: [data], context, published, folder, software: '0.0.0' }
      const [outcome] = await publish({ ...options, ...(computed && { computed }) })
      return outcome!
    },
    bytes(name: string, version = published.latest('comptes')!.version): Buffer {
      return Buffer.concat(published.objects(version, name).map(({ path }) => readFileSync(path)))
    },
    changes: (since?: string, limit = 1000) =>
      changesSince('comptes', { published, folder, rows: createRowReader() }, since, limit),
  }
}

const JANUARY: [string, string, string][] = [
  ['a', '2026-01-01', '1'],
  ['a', '2026-01-02', '2.50'],
  ['b', '2026-01-01', ''],
]
const FEBRUARY: [string, string, string][] = [
  ['a', '2026-02-01', '3'],
  ['c, "d"\n\u2028', '2026-02-01', '4'],
]

describe('a version', () => {
  it('has the same rows in each of its files, with their checksums', async () => {
    const { publish, published, bytes, folder } = openFolder()
    expect(await publish(dataset([...JANUARY, ...FEBRUARY]))).toMatchObject({
      version: { version: 1, rows: 5 },
    })
    const { version } = published.latest('comptes')!
    for (const { name, sha256, bytes: length } of version.files) {
      const content = bytes(name)
      expect(createHash('sha256').update(content).digest('hex'), name).toBe(sha256)
      expect(content.length, name).toBe(length)
    }
    const csv =
      'site,jour,compte,revision\r\na,2026-01-01,1,0\r\na,2026-01-02,2.50,0\r\nb,2026-01-01,,0\r\n' +
      'a,2026-02-01,3,0\r\n"c, ""d""\n\u2028",2026-02-01,4,0\r\n'
    expect(bytes('comptes.csv').toString()).toBe(csv)
    expect(gunzipSync(bytes('comptes.csv.gz')).toString()).toBe(csv)
    expect(brotliDecompressSync(bytes('comptes.csv.br')).toString()).toBe(csv)
    expect(bytes('comptes-tableur.csv').toString()).toBe(
      '\uFEFFsite;jour;compte;revision\r\na;2026-01-01;1;0\r\na;2026-01-02;2,50;0\r\nb;2026-01-01;;0\r\n' +
        'a;2026-02-01;3;0\r\n"c, ""d""\n\u2028";2026-02-01;4;0\r\n',
    )
    const lines = bytes('comptes.jsonl').toString().split('\n')
    expect(lines[1]).toBe('{"site":"a","jour":"2026-01-02","compte":2.50,"revision":0}')
    expect(lines[2]).toBe('{"site":"b","jour":"2026-01-01","compte":null,"revision":0}')
    expect(await readParquet(join(folder, 'x.parquet'), bytes('comptes.parquet'))).toEqual([
      ['a', '2026-01-01', 1, '0'],
      ['a', '2026-01-02', 2.5, '0'],
      ['b', '2026-01-01', null, '0'],
      ['a', '2026-02-01', 3, '0'],
      ['c, "d"\n\u2028', '2026-02-01', 4, '0'],
    ])
  })

  it('follows only where something is otherwise, and tells what', async () => {
    const { publish, bytes, published } = openFolder()
    await publish(dataset(JANUARY))
    expect((await publish(dataset(JANUARY))).version).toBeUndefined()
    const revised = JANUARY.with(1, ['a', '2026-01-02', '2.6'])
    const { version } = await publish(
      dataset([...revised.slice(0, 2), ...FEBRUARY], ['a', 'b', FEBRUARY[1]![0]]),
    )
    expect(version).toMatchObject({ version: 2, since: 1, changes: { added: 2, revised: 1, withdrawn: 1 } })
    expect(bytes('comptes.csv').toString()).toContain('a,2026-01-02,2.6,1\r\n')
    // What was, stays where it was.
    expect(bytes('comptes.csv', published.versions('comptes')[0]!.version).toString()).toContain(
      'a,2026-01-02,2.50,0\r\n',
    )
    expect(JSON.parse(bytes('comptes.quality.json').toString())).toMatchObject({
      version: 2,
      rows: 4,
      changes: { since: 1, added: 2, revised: 1, withdrawn: 1 },
    })
  })

  it('is not made of nothing, and the last good one outlives one that fails', async () => {
    const { publish, published } = openFolder()
    expect(await publish(dataset([]))).toEqual({ dataset: 'comptes', withdrawn: [] })
    await publish(dataset(JANUARY))
    const failing: Dataset = {
      ...dataset(JANUARY),
      async *rows() {
        yield [['a', '2026-01-01', '9', '']]
        throw new Error('the store is away')
      },
    }
    expect(await publish(failing)).toMatchObject({ error: 'the store is away' })
    expect(published.latest('comptes')!.version.version).toBe(1)
    const disordered: Dataset = {
      ...dataset(JANUARY),
      async *rows() {
        yield [
          ['b', '2026-01-01', '9', ''],
          ['a', '2026-01-01', '9', ''],
        ]
      },
    }
    expect((await publish(disordered)).error).toMatch(
      /comptes: the rows b,.* and a,.* come in the wrong order/,
    )
  })

  it('that told of what is not published any more is withdrawn, and its bytes are gone', async () => {
    const { publish, published, folder, changes } = openFolder()
    await publish(dataset(JANUARY))
    await publish(dataset([...JANUARY, ...FEBRUARY]))
    const { next } = await changes()
    const old = published.objects(published.versions('comptes')[0]!.version, 'comptes.csv')
    const withoutA = [...JANUARY, ...FEBRUARY].filter(([site]) => site !== 'a')
    expect(await publish(dataset(withoutA))).toMatchObject({ version: { version: 3 }, withdrawn: [1, 2] })
    expect(published.versions('comptes').map(({ withdrawn }) => withdrawn !== undefined)).toEqual([
      true,
      true,
      false,
    ])
    expect(old.filter(({ path }) => existsSync(path)).length).toBeLessThan(old.length)
    const hasA = (text: string) => /"a"|^a,|,a,/m.test(text)
    for (const { version } of published.versions('comptes'))
      expect(readFileSync(published.changesFile(version), 'utf8').match(/^(new|revised).*,a,/gm)).toBeNull()
    // Who had it is told to forget it, and nothing else of it.
    const after = await changes(next)
    expect(after.changes).toEqual([
      { type: 'withdrawn', reason: 'subject', row: ['a', '2026-01-01', '', ''] },
      { type: 'withdrawn', reason: 'subject', row: ['a', '2026-01-02', '', ''] },
      { type: 'withdrawn', reason: 'subject', row: ['a', '2026-02-01', '', ''] },
    ])
    expect(hasA((await changes()).changes.map(({ row }) => row.join()).join('\n'))).toBe(false)
    expect(existsSync(join(folder, 'objects'))).toBe(true)
  })

  it('is looked for only where what may be published is something else than before', async () => {
    const folder = mkdtempSync(join(parent, 'j-'))
    const { publish, published } = openFolder(folder, openComputedParts(folder, 'test'))
    const told = openPublished(folder)
    const { makeup } = published
    let read: number[] = []
    published.makeup = version => {
      read.push(version.version)
      return makeup(version)
    }
    const publishDay = async (day: number, allowed = ['a', 'b']) => {
      read = []
      const outcome = await publish(dataset([...JANUARY, ['a', `2026-01-${day}`, '1']], allowed))
      // Whoever has asked before, or while it was published, is told the same then.
      if (day % 2 === 0) told.versions('comptes')
      told.reload([outcome])
      expect(told.versions('comptes')).toEqual(openPublished(folder).versions('comptes'))
      return { outcome, read: [...new Set(read)].sort() }
    }
    await publishDay(11)
    await publishDay(12)
    expect((await publishDay(13)).read).toEqual([2])
    const hidden = await publishDay(14, ['b'])
    expect(hidden.read).toEqual([1, 2, 3, 4])
    expect(hidden.outcome.withdrawn).toEqual([1, 2, 3, 4])
  })

  it('is withdrawn also where the next one fails', async () => {
    const { publish, published, changes } = openFolder()
    await publish(dataset(JANUARY))
    const { next } = await changes()
    const failing: Dataset = {
      ...dataset(JANUARY, ['b']),
      // biome-ignore lint/correctness/useYield: it fails before
      async *rows() {
        throw new Error('away')
      },
    }
    expect(await publish(failing)).toEqual({ dataset: 'comptes', withdrawn: [1], error: 'away' })
    expect(published.latest('comptes')).toBeUndefined()
    await expect(changes(next), 'a copy of what is withdrawn').rejects.toThrow(EndedCursorError)
    expect(await changes()).toEqual({ changes: [], next: '', more: false })
    expect(await publish(dataset(JANUARY.slice(2)))).toMatchObject({ version: { version: 2, since: null } })
  })
})

describe('changes', () => {
  it('end where a version that was being read is withdrawn', async () => {
    const { publish, changes } = openFolder()
    await publish(dataset(JANUARY))
    const { next, more } = await changes(undefined, 2)
    expect(more).toBe(true)
    await publish(dataset(JANUARY.slice(2)))
    await expect(changes(next)).rejects.toThrow(EndedCursorError)
    await expect(changes('made-up')).rejects.toThrow(EndedCursorError)
  })

  it('of what was withdrawn name the key only', async () => {
    const { fields } = dataset([]).schema
    const row = ['a', '2026-01-01', '', '']
    expect(changeText({ type: 'withdrawn', reason: 'row', row }, fields)).toBe(
      '{"type":"withdrawn","reason":"row","row":{"site":"a","jour":"2026-01-01"}}',
    )
    expect(changeText({ type: 'new', row: ['a', '2026-01-01', '', '0'] }, fields)).toBe(
      '{"type":"new","row":{"site":"a","jour":"2026-01-01","compte":null,"revision":0}}',
    )
  })

  it('replayed from any page of any size are the file in force', async () => {
    const rows = fc.uniqueArray(
      fc.tuple(
        fc.constantFrom('a', 'b', 'c'),
        fc.constantFrom('2026-01-01', '2026-01-02', '2026-02-01', '2026-03-01'),
        fc.constantFrom('', '1', '2'),
      ),
      { selector: ([site, day]) => `${site} ${day}`, minLength: 1 },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(rows, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 4 }),
        async (versions, limit) => {
          const { publish, changes, bytes, published, folder } = openFolder()
          const copy = new Map<string, string>()
          let next: string | undefined
          for (const version of versions) {
            await publish(dataset(version, ['a', 'b', 'c']))
            // Some pipelines come rarely.
            if (version.length % 2 === 1) await follow()
          }
          await follow()
          const file = bytes('comptes.csv', published.latest('comptes')!.version).toString()
          expect([...copy.values()].sort()).toEqual(file.split('\r\n').slice(1, -1).sort())
          rmSync(folder, { recursive: true })

          async function follow() {
            for (let more = true; more; ) {
              const page = await changes(next, limit)
              for (const { type, row } of page.changes) {
                const key = row.slice(0, 2).join()
                expect(type === 'new').toBe(!copy.has(key))
                if (type === 'withdrawn') copy.delete(key)
                else copy.set(key, row.join())
              }
              ;({ next, more } = page)
            }
          }
        },
      ),
      { numRuns: 8 },
    )
  })
})

async function readParquet(file: string, bytes: Buffer): Promise<unknown[][]> {
  writeFileSync(file, bytes)
  const database = await openDatabase<{ read(file: string): Promise<unknown[][]> }>({
    tables: new URL('./parquet-reader.ts', import.meta.url),
  })
  try {
    return await database.call('read', [file])
  } finally {
    await database.close()
  }
}
