import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recompute } from '../../fluids/recompute.ts'
import { toColumns } from '../../model/reading.ts'
import type { OperationParts } from '../../operations/operation.ts'
import { verifyRows } from '../../operations/verify-rows.ts'
import { columnsOf, REVISION } from '../../publication/dataset.ts'
import { FLUIDS } from '../../publication/fluids.ts'
import { CSV } from '../../publication/formats.ts'
import type { ReadingStore } from '../../store/readings.ts'
import { openStatementStore } from '../../store/statements/statement-store.ts'
import { silentLog as log, temporaryFolder } from '../bus/fixtures.ts'
import { memoryFigures, memoryReadings } from '../fluids/memory-stores.ts'
import { building, meter, registry } from '../fluids/territory.ts'
import { sourcesOf } from '../publication/files.ts'

const ZONE = 'Europe/Paris'
const TEN_MINUTES = 600_000
const electricity = meter('elec', 'college')
const water = meter('eau', 'depot', { fluid: 'eau', unit: 'm3' })
const territory = registry([building('college'), building('depot')], [electricity, water], ZONE)
const statements = openStatementStore({ file: ':memory:' })

const at = (local: string) => Temporal.PlainDateTime.from(local).toZonedDateTime(ZONE).epochMilliseconds
const [START, END] = [at('2026-10-24T00:00'), at('2026-10-28T00:00')]

/** Indexes every ten minutes, one step each; those between two times have counted `more`. */
async function readingsWith(more: { from: string; to: string; steps: number } | undefined) {
  const readings = memoryReadings(ZONE)
  for (const { point, stepsPerUnit } of [electricity, water]) {
    const entries = Array.from({ length: (END - START) / TEN_MINUTES + 1 }, (_, n) => {
      const time = START + n * TEN_MINUTES
      const extra =
        more && point === water.point && time >= at(more.from) && time < at(more.to) ? more.steps : 0
      return {
        point: point.id,
        time,
        value: (1000 + n + extra) / stepsPerUnit,
        quality: 'good' as const,
        gatewayTime: time,
      }
    })
    await readings.write(toColumns(entries), [])
  }
  return readings
}

/** What the hub publishes of readings, as a file. */
async function publishedFrom(readings: ReadingStore, id = 'fluides-jour', now = END) {
  const figures = memoryFigures()
  const stores = { readings, figures, statements, timeZone: ZONE }
  for (const each of [electricity, water]) await recompute(stores, each, { start: START, end: END })
  const dataset = FLUIDS.find(each => each.id === id)!
  const chunks = await Array.fromAsync(
    dataset.rows({ registry: territory, now, sources: sourcesOf(figures) }),
  )
  const { fields } = dataset.schema
  const rows = chunks.flat().sort((a, b) => (dataset.partOf(a) < dataset.partOf(b) ? -1 : 0))
  const file = join(temporaryFolder(), `${id}.csv`)
  const [revision] = columnsOf(dataset.schema, [REVISION.name]) as [number]
  const text = CSV.head(fields) + rows.map(row => CSV.record(row.with(revision, '0'), fields)).join('')
  writeFileSync(file, text)
  return { file, dataset: id, publishedAt: now, figures, text }
}

async function verify(readings: ReadingStore, published: Awaited<ReturnType<typeof publishedFrom>>) {
  const { file, dataset, publishedAt, figures } = published
  const parts = {
    ...{ registry: territory, settings: {}, log },
    readings: async () => readings,
    figures: async () => figures,
    statements: async () => statements,
  } as unknown as OperationParts
  const context = { progress: () => {}, signal: new AbortController().signal }
  return verifyRows(parts, { file, dataset, publishedAt }, context)
}

describe('the rows of a published file', () => {
  it.each([
    ['fluides', '2026-11-01T00:00', 2],
    ['fluides-jour', '2026-10-28T00:00', 8],
    ['fluides-annee', '2027-01-01T00:00', 2],
  ])('are what the readings give: %s', async (id, now, rows) => {
    const readings = await readingsWith(undefined)
    const published = await publishedFrom(readings, id, at(now))
    expect(await verify(readings, published)).toEqual({
      rows,
      different: 0,
      differences: [],
      deletedBefore: 0,
    })
  })

  it('are named where a figure of the file was changed, a row removed or added', async () => {
    const readings = await readingsWith(undefined)
    const published = await publishedFrom(readings)
    const [head, first, second, ...others] = published.text.split('\r\n')
    const changed = first!.replace(',14.4,', ',1.44,')
    const added = others.at(-2)!.replaceAll('2026-10-2', '2026-11-2')
    writeFileSync(published.file, [head, changed, ...others.slice(0, -1), added, ''].join('\r\n'))
    expect(changed).not.toBe(first)
    const { different, differences } = await verify(readings, published)
    expect(different).toBe(3)
    const keyOf = (row: string) => differences.findIndex(({ key }) => key.every(cell => row.includes(cell)))
    expect(differences[keyOf(first!)]!.cells).toEqual([
      { column: 'consommation', published: '1.44', computed: '14.4' },
    ])
    expect(differences[keyOf(second!)]!.only).toBe('computed')
    expect(differences[keyOf(added)]!.only).toBe('published')
    writeFileSync(published.file, [head, first, second, ...others.slice(0, -2), ''].join('\r\n'))
    expect((await verify(readings, published)).differences).toMatchObject([{ only: 'computed' }])
  })

  it('are named where the readings are others than those that it was made from', async () => {
    const published = await publishedFrom(await readingsWith(undefined))
    const others = await readingsWith({ from: '2026-10-25T12:00', to: '2026-10-29T00:00', steps: 30 })
    const { different, differences } = await verify(others, published)
    expect(different).toBe(1)
    expect(differences[0]!.key).toEqual(expect.arrayContaining(['depot', 'eau', '2026-10-25']))
    expect(differences[0]!.cells).toMatchObject([{ column: 'consommation' }])
  })

  it('are compared with the kept figures where readings are not stored any more', async () => {
    const readings = await readingsWith(undefined)
    const published = await publishedFrom(readings)
    const before = at('2026-10-26T00:00')
    const expired: ReadingStore = {
      ...readings,
      series: async () =>
        [electricity, water].map(({ point }) => ({ point: point.id, first: before, last: END })),
      range: async (point, from, to, limit) => readings.range(point, Math.max(from, before), to, limit),
      deleted: async point => [{ point: point!, before, count: 1, at: END }],
    }
    expect(await verify(expired, published)).toMatchObject({ different: 0, deletedBefore: before })
  })

  it('cannot be computed of what is no consumption, nor compared in other columns', async () => {
    const readings = await readingsWith(undefined)
    const published = await publishedFrom(readings)
    await expect(verify(readings, { ...published, dataset: 'batiments' })).rejects.toThrow(
      /only fluides, .* are computed from readings, not batiments/,
    )
    writeFileSync(published.file, 'a,b\r\n1,2\r\n')
    await expect(verify(readings, published)).rejects.toThrow('has other columns than id_batiment')
  })
})
