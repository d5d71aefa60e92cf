import { execFile } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../publication/log/key.ts'
import { verifyFile } from '../../publication/log/verify.ts'
import type { Role } from '../../registry/roles.ts'
import { startDemonstration } from '../e2e/demonstration.ts'
import { publishNow } from '../e2e/publish.ts'
import { startTestClock } from '../e2e/test-clock.ts'
import { until } from '../e2e/until.ts'
import { findPeer, peerProgram } from '../peers/cache.ts'

/**
 * An open-data pipeline knows one address, that of the catalogue. It pulls what the catalogue names, trusts
 * nothing that it has not checked, and adds the figures up.
 */

const COLUMNS =
  'id_batiment,id_rnb,nom_batiment,code_commune,fluide,debut,fin,consommation,unite,couverture'.split(',')

type Row = Record<string, string>

interface Pulled {
  dataset: string
  url: string
  contentType: string
  bytes: number
  byteSize: number
  sha256: string
  checksum: string
  same: boolean
  header: string[]
  rows: Row[]
  violations: unknown[]
}

async function pull(catalogue: string): Promise<{ months: Pulled; days: Pulled }> {
  const script = fileURLToPath(new URL('open_data.py', import.meta.url))
  const options = { maxBuffer: 64 * 1024 * 1024 }
  const datasets = ['fluides', 'fluides-jour']
  const { stdout } = await promisify(execFile)(
    peerProgram('python'),
    [script, catalogue, ...datasets],
    options,
  )
  const [months, days] = JSON.parse(stdout) as Pulled[]
  expect([months!.dataset, days!.dataset]).toEqual(datasets)
  return { months: months!, days: days! }
}

/** A decimal as an integer of billionths: sums must be exact. */
function exact(decimal: string): bigint {
  const [whole, fraction = ''] = decimal.split('.')
  expect(fraction.length).toBeLessThanOrEqual(9)
  return BigInt(whole + fraction.padEnd(9, '0'))
}

const seriesOf = ({ id_batiment, fluide, unite }: Row) => `${id_batiment} ${fluide} ${unite}`
const add = (date: string, period: 'months' | 'days') =>
  Temporal.PlainDate.from(date)
    .add({ [period]: 1 })
    .toString()

describe.runIf(findPeer('python'))('an open-data pipeline', () => {
  // In March an hour was missing from a day.
  const clock = startTestClock('2026-04-01T23:30:00+02:00')
  let data: string
  let hub: Awaited<ReturnType<typeof startDemonstration>>
  const start = (roles?: Role[]) =>
    startDemonstration({ data, simulators: { historyMonths: 2 }, ...(roles && { roles }) }, clock)
  const catalogue = () => `${hub.url}/open-data/catalog.jsonld`

  let months: Pulled
  let days: Pulled
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'affluent-pipeline-'))
    hub = await start()
    await publishNow(data)
    ;({ months, days } = await pull(catalogue()))
  })
  afterAll(async () => {
    await hub.close()
    await rm(data, { recursive: true })
  })

  it('finds the files at the addresses of the catalogue, as large as it says and with its checksum', () => {
    expect(months.url).toBe(`${hub.url}/open-data/fluides.csv`)
    expect(days.url).toBe(`${hub.url}/open-data/fluides-jour.csv`)
    for (const file of [months, days]) {
      expect(file.contentType).toMatch(/^text\/csv; charset=utf-8/)
      expect(file.bytes).toBe(file.byteSize)
      expect(file.sha256).toBe(file.checksum)
    }
  })

  it('proves them, by what stands beside them and the key of the hub', async () => {
    const pem = await (await fetch(`${hub.url}/open-data/log/key.pem`)).text()
    const key = fingerprintOf(createPublicKey(pem))
    for (const file of [months, days]) {
      const proof = await (await fetch(`${file.url}.proof.json`)).json()
      expect(verifyFile(proof, file, key)).toMatchObject({
        outcome: 'published',
        version: { version: 1 },
        head: { origin: `${new URL(hub.url!).host}/open-data/log` },
      })
    }
  })

  it('gets the same bytes when it asks again', () => {
    expect(months.same && days.same).toBe(true)
  })

  it('finds them valid against the schema that the catalogue names', () => {
    expect(months.violations).toEqual([])
    expect(days.violations).toEqual([])
  })

  it('relies on the columns, the order and the closed periods of the contract', () => {
    for (const [{ header, rows }, period, partOf] of [
      [months, 'months', ({ debut }: Row) => debut!.slice(0, 4)],
      [days, 'days', ({ debut }: Row) => debut!.slice(0, 7)],
    ] as const) {
      expect(header.slice(0, COLUMNS.length)).toEqual(COLUMNS)
      expect(rows.length).toBeGreaterThan(50)
      let before: Row | undefined
      for (const row of rows) {
        expect(row.fin).toBe(add(row.debut!, period))
        expect(row.fin! <= '2026-04-01').toBe(true)
        if (before && seriesOf(before) === seriesOf(row)) expect(row.debut).toBe(before.fin)
        else if (before && partOf(row) === partOf(before)) expect(seriesOf(row) > seriesOf(before)).toBe(true)
        else if (before) expect(partOf(row) > partOf(before)).toBe(true)
        before = row
      }
    }
    expect(new Set(months.rows.map(({ debut }) => debut))).toEqual(new Set(['2026-02-01', '2026-03-01']))
  })

  it('reads plain decimals, whole histories and never a zero in place of nothing', () => {
    for (const { rows } of [months, days])
      for (const { consommation, couverture } of rows) {
        expect(consommation).toMatch(/^\d+(\.\d+)?$/)
        expect(couverture).toMatch(/^(0\.\d{4}|1\.0000)$/)
        expect(Number(couverture)).toBeGreaterThan(0.99)
      }
    const used = months.rows.filter(({ consommation }) => Number(consommation) > 0)
    expect(new Set(used.map(({ fluide, unite }) => `${fluide} ${unite}`))).toEqual(
      new Set(['electricite kWh', 'gaz kWh', 'eau m3', 'chaleur kWh']),
    )
  })

  it('adds the days up to the months, for every building and fluid and to the last digit', () => {
    const sums = new Map<string, bigint>()
    for (const row of days.rows) {
      const key = `${seriesOf(row)} ${row.debut!.slice(0, 7)}`
      sums.set(key, (sums.get(key) ?? 0n) + exact(row.consommation!))
    }
    const whole = months.rows.map(row => [
      `${seriesOf(row)} ${row.debut!.slice(0, 7)}`,
      exact(row.consommation!),
    ])
    expect(Object.fromEntries(sums)).toEqual(Object.fromEntries(whole))
  })

  it('never sees a building that is not open data', async () => {
    const sites = [...hub.registry.sites.values()]
    const open = sites.filter(({ kind, openData }) => kind === 'building' && openData)
    const closed = sites.filter(({ kind, openData }) => kind === 'building' && !openData)
    expect(closed).not.toEqual([])
    for (const { rows } of [months, days])
      expect(new Set(rows.map(({ id_batiment }) => id_batiment))).toEqual(new Set(open.map(({ id }) => id)))
    const published = await Promise.all(
      [catalogue(), months.url, days.url].map(async url => (await fetch(url)).text()),
    )
    for (const { id, name, rnb } of closed)
      for (const text of published) for (const word of [id, name, rnb]) expect(text).not.toContain(word)
  })

  it('is told nothing of the days on which the hub was down but that, until the meters speak again', async () => {
    await hub.close()
    clock.set('2026-04-05T07:51:00Z')
    // Without the gateways, which read the meters when they start.
    hub = await start(['broker', 'ingest', 'fluids', 'rules', 'api'])
    await publishNow(data)
    const afterwards = (rows: readonly Row[]) =>
      rows.filter(row => row.id_batiment === 'college-jean-moulin' && row.debut! >= '2026-04-02')
    const inBetween = (await pull(catalogue())).days
    expect(new Set(afterwards(inBetween.rows).map(({ debut }) => debut))).toEqual(
      new Set(['2026-04-02', '2026-04-03', '2026-04-04']),
    )
    for (const row of afterwards(inBetween.rows))
      expect(row).toMatchObject({ consommation: '', couverture: '0.0000' })

    await hub.close()
    hub = await start()
    const notKnown = /^college-jean-moulin,.*,2026-04-\d\d,2026-04-\d\d,,/m
    await until(
      async () => {
        await publishNow(data)
        return (await fetch(`${hub.url}/open-data/fluides-jour.csv`)).text()
      },
      csv => !notKnown.test(csv),
    )
    const { days: later } = await pull(catalogue())
    expect(afterwards(later.rows)).not.toEqual([])
    for (const { consommation, couverture } of afterwards(later.rows)) {
      expect(consommation).toMatch(/^\d+(\.\d+)?$/)
      expect(couverture).toBe('0.0000')
    }
    for (const { rows, violations } of [inBetween, later]) {
      expect(violations).toEqual([])
      expect(rows.filter(({ debut }) => debut! < '2026-04-01')).toEqual(days.rows)
      expect(rows.some(({ revision }) => revision !== '0')).toBe(rows === later.rows)
    }
  })
})
