import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeZip } from '../ingest/distributor/archives.ts'
import { ROOT, runAffluent } from './command-line.ts'
import { makeSmallTerritory } from './small-territory.ts'

let place: Awaited<ReturnType<typeof makeSmallTerritory>>
beforeAll(async () => {
  place = await makeSmallTerritory()
})
afterAll(() => place.remove())

const fixture = (name: string) => readFile(`${ROOT}test/ingest/distributor/fixtures/${name}`)

it('distributor check tells what an archive holds, file by file, and what nobody knows', async () => {
  const zip = place.at('envoi.zip')
  await writeZip(zip, {
    'R63.csv': await fixture('enedis/r63-csv.csv'),
    'R151.xml': await fixture('enedis/r151.xml'),
    'conso.xlsx': await fixture('grdf/donnees-informatives.xlsx'),
    'cut.xml': '<R50>',
  })
  const { code, out, err } = await runAffluent(['distributor', 'check', ...place.flags, zip])
  expect(code).toBe(2)
  expect(out.split('\n')[0]).toBe(
    `${zip}: enedis/r63-csv (3 rows), enedis/r151 (4 rows), grdf/donnees-informatives (3 rows)`,
  )
  expect(err).toContain('12345678901234: 4 values, of no meter in the registry')
  expect(err).toContain('GI123456: 2 values, of no meter in the registry')
  expect(err).toContain('cut.xml: line 1: Unclosed root tag')
})

it('distributor formats states the conventions of each layout', async () => {
  const { code, out } = await runAffluent(['distributor', 'formats'])
  expect(code).toBe(0)
  expect(out).toContain(
    'electricite, mean power; stamps: end, Europe/Paris; estimates: PDC.IV 1\n  after extracts of real files',
  )
})
