import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { holdsPurchases, readPurchases } from '../../ingest/purchase-rows.ts'
import { loadRegistry } from '../../registry/load.ts'

const registry = await loadRegistry(fileURLToPath(new URL('../api/territory.yaml', import.meta.url)))
const folder = await mkdtemp(join(tmpdir(), 'affluent-purchases-'))
afterAll(() => rm(folder, { recursive: true }))

async function read(content: string | Buffer, name = 'carburant.csv') {
  const file = join(folder, name)
  await writeFile(file, content)
  return readPurchases(file, { registry, author: 'nadia', today: '2026-11-27' })
}
const HEADER = 'site;energy;from;to;amount;unit;use;reference\n'
const faultOf = async (row: string) => (await read(HEADER + row)).faults

test('takes deliveries, statements and invoices, in the units and notations of suppliers', async () => {
  const { purchases, faults } = await read(
    `\uFEFF${HEADER}gymnase;Gazole;03/01/2026;;1 042,50;L;;carte 12\n` +
      'gymnase;essence;2026-01-01;2026-01-31;0,31;m3;own;carte 12\n' +
      'gymnase;gnv;2026-02-01;2026-02-28;1.2;t;public-transport;bus\n',
  )
  expect(faults).toEqual([])
  const common = { site: 'gymnase', author: 'nadia' }
  expect(purchases).toEqual([
    {
      ...common,
      ...{ energy: 'gazole', from: '2026-01-03', to: '2026-01-03', amount: '1042.5', use: 'own' },
      ...{ reference: 'carte 12', source: 'carburant.csv, line 2' },
    },
    {
      ...common,
      ...{ energy: 'essence', from: '2026-01-01', to: '2026-01-31', amount: '310', use: 'own' },
      ...{ reference: 'carte 12', source: 'carburant.csv, line 3' },
    },
    {
      ...common,
      ...{ energy: 'gnv', from: '2026-02-01', to: '2026-02-28', amount: '1200', use: 'public-transport' },
      ...{ reference: 'bus', source: 'carburant.csv, line 4' },
    },
  ])
})

test('a Windows-1252 file with tabs is read as well', async () => {
  const text = 'site\tenergy\tfrom\tamount\treference\ngymnase\tgazole\t2026-01-03\t12\tdép\xf4t'
  const { purchases } = await read(Buffer.from(text, 'latin1'))
  expect(purchases[0]).toMatchObject({ reference: 'dépôt', amount: '12' })
})

describe('a row that cannot be understood is named with its line and field, and the rest is taken', () => {
  test.each<[string, RegExp]>([
    ['nirgends;gazole;2026-01-03;;10', /line 2: site: there is no site nirgends/],
    [';gazole;2026-01-03;;10', /line 2: site: is not given/],
    ['gymnase;diesel;2026-01-03;;10', /line 2: energy: diesel is none of .*gazole/],
    ['gymnase;gazole;2026-02-30;;10', /line 2: from: 2026-02-30 is no date/],
    [
      'gymnase;gazole;03-01-2026;;10',
      /line 2: from: 03-01-2026 is no date: write 2026-03-31 or 31\/03\/2026/,
    ],
    ['gymnase;gazole;2026-12-01;;10', /line 2: from: 2026-12-01 has not come yet/],
    ['gymnase;gazole;2026-02-01;2026-01-01;10', /line 2: to: 2026-01-01 is before 2026-02-01/],
    ['gymnase;gazole;2025-12-01;2026-01-31;10', /line 2: to: lies in another year than from/],
    ['gymnase;gazole;2026-01-03;;-10', /line 2: amount: -10 is no amount/],
    ['gymnase;gazole;2026-01-03;;1.042,50', /line 2: amount: 1.042,50 is no amount/],
    ['gymnase;gazole;2026-01-03;;', /line 2: amount: \(empty\) is no amount/],
    ['gymnase;gazole;2026-01-03;;10;kg', /line 2: unit: gazole is bought in L or m3 or hL, not in kg/],
    ['gymnase;gazole;2026-01-03;;10;L;buses', /line 2: use: buses is none of own, public-transport/],
    ['college;electricite;2026-01-03;;10', /line 2: energy: the meter \S+ counts the electricite of college/],
  ])('%s', async (row, message) => {
    const { purchases, faults } = await read(`${HEADER}${row}\ngymnase;gazole;2026-01-04;;7;L\n`)
    expect(faults).toEqual([expect.stringMatching(message)])
    expect(purchases.map(({ amount }) => amount)).toEqual(['7'])
  })
})

test('two rows that nothing tells apart are not taken for one', async () => {
  const row = 'gymnase;gazole;2026-01-03;;40;L;;'
  expect(await faultOf(`${row}\n${row}\n`)).toEqual([
    'carburant.csv, line 3: reference: does not tell it apart from line 2: both would be one',
  ])
  expect(await faultOf(`${row}carte 1\n${row}carte 2\n`)).toEqual([])
})

test('a file with other columns is refused as a whole, and only purchases have a column for the energy', async () => {
  await expect(read('site;energy;amount;litres\n')).rejects.toThrow(
    /carburant\.csv: there is no column from; there is a column litres, which means nothing here; a file of purchases has site, energy/,
  )
  await read(HEADER, 'achats.csv')
  expect(await holdsPurchases(join(folder, 'achats.csv'))).toBe(true)
  await writeFile(join(folder, 'index.csv'), 'meter;origin;at;index\n')
  expect(await holdsPurchases(join(folder, 'index.csv'))).toBe(false)
})
