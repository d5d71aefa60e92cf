import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeZip } from '../ingest/distributor/archives.ts'
import { ask } from './ask.ts'
import { READY, ROOT, runAffluent, startAffluent } from './command-line.ts'
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

it('import keeps what an archive says of a meter, and the figures are its', { timeout: 60_000 }, async () => {
  const territory = await readFile(place.at('territory.yaml'), 'utf8')
  const meter = '- { id: college-electricite, '
  await writeFile(
    place.at('territory.yaml'),
    territory.replace(meter, `${meter}deliveryPoint: "12345678901234", `),
  )
  const zip = place.at('mois.zip')
  await writeZip(zip, {
    'R65.json': await fixture('enedis/r65-json.json'),
    'conso.xlsx': await fixture('enedis/consommation-quotidienne-xlsx.xlsx'),
  })
  const hub = await startAffluent(['start', ...place.startFlags], READY)
  const { code, out } = await runAffluent(['import', ...place.flags, zip])
  expect(code).toBe(0)
  expect(out).toContain('college-electricite: 4 amounts (4 measured, 0 estimated), 2026-10-24 to 2026-10-26')
  // The workbook says the same as the flow.
  expect(out).toContain('2 new statements, 0 of them in place of others, 2 known already')
  const days = `${hub.match[1]}/v1/consumption?site=college&by=day&from=2026-10-23T22:00:00Z&to=2026-10-25T23:00:00Z`
  const amounts = async () => {
    const { meters } = await ask(days)
    return meters[0].periods.map(({ amount }: { amount: number | null }) => amount)
  }
  await expect.poll(amounts, { timeout: 30_000, interval: 500 }).toEqual([12.571, 9.8])
  await hub.stop('SIGTERM')
})

it('distributor formats states the conventions of each layout', async () => {
  const { code, out } = await runAffluent(['distributor', 'formats'])
  expect(code).toBe(0)
  expect(out).toContain(
    'electricite, mean power; stamps: end, Europe/Paris; estimates: PDC.IV 1\n  after extracts of real files',
  )
})
