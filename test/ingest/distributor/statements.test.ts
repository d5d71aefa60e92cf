import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadFormats } from '../../../ingest/distributor/formats.ts'
import { takeFile } from '../../../ingest/distributor/take-file.ts'
import type { Statement } from '../../../model/statement.ts'
import type { Meter } from '../../../registry/registry.ts'
import { building, meter, registry } from '../../fluids/territory.ts'
import { writeZip } from './archives.ts'

const PRM = '12345678901234'
const formats = await loadFormats()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-distributor-'))
})
afterAll(() => rm(folder, { recursive: true }))

const curve = (watts: readonly number[], prm = PRM) =>
  [
    'Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Grandeur metier;Etape metier;Unite',
    `${prm};Courbe de charge;25/10/2026;26/10/2026;Energie active;Consommation;Comptage Brut;W`,
    'Horodate;Valeur',
    ...watts.map(
      (value, at) => `${new Date(Date.UTC(2026, 9, 24, 22) + at * 600_000).toISOString()};${value}`,
    ),
  ].join('\n')

async function take(text: string, meters: Meter[]) {
  const file = join(folder, 'courbe.csv')
  await writeFile(file, text)
  const statements: Statement[] = []
  const territory = registry([building('school')], meters)
  const outcome = await takeFile(file, { formats, registry: territory, portion: 7 }, some => {
    statements.push(...some)
  })
  return { statements, outcome }
}

const electricity = (more: Partial<Meter>): Meter => ({
  ...meter('elec', 'school'),
  point: undefined,
  ...more,
})

it('a load curve adds up to its day, in whole steps of a meter that counts in kWh', async () => {
  const watts = Array.from({ length: 150 }, (_, at) => 100 + ((at * 7919) % 900))
  const target = electricity({ deliveryPoint: PRM, resolution: 1, stepsPerUnit: 1 })
  const { statements, outcome } = await take(curve(watts), [target])
  expect(statements).toHaveLength(150)
  expect(outcome.meters.get('elec')).toMatchObject({ indexes: 0, amounts: 150, estimated: 0, holes: [] })
  const wattHours = watts.reduce((sum, power) => sum + power, 0) / 6
  expect(statements.reduce((sum, { value }) => sum + value, 0)).toBe(Math.floor(wattHours / 1000))
  expect(statements.every(({ value }) => Number.isInteger(value))).toBe(true)
  expect(statements[0]).toMatchObject({
    ...{
      meter: 'elec',
      origin: 'distributor',
      form: 'amount',
      author: 'Enedis',
      source: 'courbe.csv, line 4',
    },
    ...{ start: Date.UTC(2026, 9, 24, 22), end: Date.UTC(2026, 9, 24, 22, 10) },
  })
})

it('the rounding begins anew with each day, so that a file of one day says the same as that of a month', async () => {
  const target = electricity({ deliveryPoint: PRM, resolution: 0.01, stepsPerUnit: 100 })
  const watts = Array.from({ length: 300 }, (_, at) => 37 + (at % 11))
  const whole = await take(curve(watts), [target])
  const days = whole.statements.filter(({ start }) => start >= Date.UTC(2026, 9, 25, 23))
  const second = curve(watts).split('\n')
  const alone = await take([...second.slice(0, 3), ...second.slice(3 + 150)].join('\n'), [target])
  expect(alone.statements.map(({ value }) => value)).toEqual(days.map(({ value }) => value))
})

it('each file of an archive says the same as alone', async () => {
  const text = curve([100, 110, 120, 130])
  const target = electricity({ deliveryPoint: PRM, resolution: 0.01, stepsPerUnit: 100 })
  const alone = (await take(text, [target])).statements.map(({ value }) => value)
  const zip = join(folder, 'envoi.zip')
  await writeZip(zip, { 'a.csv': text, 'b.csv': text })
  const values: number[] = []
  const territory = registry([building('school')], [target])
  await takeFile(zip, { formats, registry: territory }, some => {
    values.push(...some.map(({ value }) => value))
  })
  expect(values).toEqual([...alone, ...alone])
})

it('a delivery point that no meter has is counted and named, and nothing of it is taken for another', async () => {
  const { statements, outcome } = await take(curve([1, 2, 3], '99999999999999'), [
    electricity({ deliveryPoint: PRM }),
  ])
  expect(statements).toEqual([])
  expect([...outcome.unknown]).toEqual([['99999999999999', expect.objectContaining({ amounts: 3 })]])
})

it('gas is taken in what the meter counts in, m³ or kWh, and an estimate is one', async () => {
  const gas = (unit: 'm3' | 'kW.h'): Meter => ({
    ...electricity({ deliveryPoint: 'GI123456', resolution: 1, stepsPerUnit: 1, unit }),
    fluid: 'gaz',
  })
  const line = (estimated: boolean) =>
    JSON.stringify({
      pce: { id_pce: 'GI123456' },
      consommation: {
        date_debut_consommation: estimated ? '2026-10-02T06:00:00+02:00' : '2026-10-01T06:00:00+02:00',
        date_fin_consommation: estimated ? '2026-10-03T06:00:00+02:00' : '2026-10-02T06:00:00+02:00',
        ...{ volume_brut: 18, energie: 203, sens_flux_gaz: 'Consommation' },
        type_qualif_conso: estimated ? 'Estimé' : 'Mesuré',
      },
    })
  const file = `${line(false)}\n${line(true)}\n`
  const values = async (unit: 'm3' | 'kW.h') =>
    (await take(file, [gas(unit)])).statements.map(({ value, origin }) => [value, origin])
  expect(await values('m3')).toEqual([
    [18, 'distributor'],
    [18, 'estimate'],
  ])
  expect((await values('kW.h'))[0]).toEqual([203, 'distributor'])
})

it('what the meter cannot count is told by line', async () => {
  const water: Meter = { ...electricity({ deliveryPoint: PRM }), unit: 'm3' }
  const { statements, outcome } = await take(curve([1, 2]), [water])
  expect(statements).toEqual([])
  expect(outcome.faults).toEqual([
    { line: 4, reason: 'is in Wh, but the meter elec counts in m³' },
    { line: 5, reason: 'is in Wh, but the meter elec counts in m³' },
  ])
})
