import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadFormats } from '../../../ingest/distributor/formats.ts'
import {
  type DistributorValue,
  type FileReading,
  readDistributorFile,
} from '../../../ingest/distributor/read-file.ts'
import { isDistributorFile } from '../../../ingest/distributor/rows.ts'
import { formatDecimal } from '../../../model/decimal.ts'

const formats = await loadFormats()
const fixtureOf = (name: string) =>
  ['csv', 'json', 'ndjson', 'xlsx', 'xml']
    .map(end => join(import.meta.dirname, 'fixtures', `${name}.${end}`))
    .find(existsSync)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-distributor-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function read(file: string, reading: FileReading = {}) {
  const values: DistributorValue[] = []
  const summary = await readDistributorFile(file, formats, reading, value => void values.push(value))
  return { values, summary, lines: values.map(describe) }
}

async function readText(text: string, reading?: FileReading) {
  const file = join(folder, 'file.csv')
  await writeFile(file, text)
  return read(file, reading)
}

function describe({ deliveryPoint, start, end, amounts, estimated }: DistributorValue) {
  const at = (time: number) =>
    Temporal.Instant.fromEpochMilliseconds(time).toString({ timeZone: 'Europe/Paris' })
  const told = amounts.map(
    ({ value, unit, perHour }) => `${formatDecimal(value)} ${unit}${perHour ? '/h' : ''}`,
  )
  const times =
    start === end ? at(start).slice(0, 16) : `${at(start).slice(5, 16)} ${(end - start) / 60_000}min`
  return [deliveryPoint.slice(0, 8), times, told.join(' or '), ...(estimated ? ['estimated'] : [])].join(', ')
}

const EXPECTED: Record<
  string,
  { values: string[]; empty?: number; others?: number; unread?: number; faults?: number }
> = {
  'enedis/courbe-de-charge': {
    values: [
      '12345678, 10-24T00:00 30min, 500 W.h/h',
      '12345678, 10-24T01:00 30min, 1001 W.h/h',
      '12345678, 10-25T02:00 30min, 300 W.h/h',
      '12345678, 10-25T02:30 30min, 301 W.h/h',
    ],
    empty: 1,
  },
  'enedis/index-quotidiens': {
    values: ['12345678, 2026-04-12T00:00, 28150685 W.h', '12345678, 2026-04-13T00:00, 28152304 W.h'],
    empty: 1,
    unread: 1,
  },
  'enedis/consommation-quotidienne': {
    values: ['12345678, 10-24T00:00 1440min, 12571 W.h', '12345678, 10-25T00:00 1500min, 9800 W.h'],
  },
  'enedis/courbe-sge': {
    values: [
      '12345678, 10-24T00:00 10min, 500 kW.h/h',
      '12345678, 10-24T00:10 10min, 120.5 kW.h/h, estimated',
    ],
    others: 1,
  },
  'enedis/r63-csv': {
    values: [
      '12345678, 10-24T00:00 30min, 600 W.h/h',
      '12345678, 10-24T00:30 30min, 601 W.h/h, estimated',
      '22345678, 10-24T00:00 10min, 50 W.h/h',
    ],
    others: 1,
  },
  'enedis/r63-json': {
    values: ['12345678, 10-24T00:00 30min, 600 W.h/h', '12345678, 10-24T00:30 30min, 602 W.h/h, estimated'],
    others: 1,
  },
  'enedis/r64-csv': { values: ['12345678, 2026-10-24T00:00, 3500 W.h'], others: 1, faults: 1 },
  'enedis/r64-json': { values: ['12345678, 2026-06-01T00:00, 3464912 W.h'], others: 1 },
  'enedis/r65-json': {
    values: ['12345678, 10-24T00:00 1440min, 12571 W.h', '12345678, 10-25T00:00 1500min, 9800 W.h'],
    others: 1,
  },
  'enedis/r67-json': {
    // The supplier's calendar alone tells of June, and the distributor's, of which one register is regularised, of August.
    values: [
      '12345678, 06-02T00:00 43200min, 90000 W.h',
      '12345678, 07-02T00:00 44640min, 94000 W.h',
      '12345678, 08-02T00:00 44640min, 102000 W.h, estimated',
    ],
    others: 1,
  },
  'enedis/r50': {
    values: [
      '12345678, 10-25T02:00 30min, 500 W.h/h',
      '12345678, 10-25T02:00 30min, 501 W.h/h, estimated',
      '22345678, 10-25T23:30 30min, 20710 W.h/h',
    ],
    empty: 1,
  },
  'enedis/r4x': {
    values: ['12345678, 03-07T00:00 5min, 398 kW.h/h', '12345678, 03-07T00:05 5min, 383 kW.h/h, estimated'],
    empty: 1,
    others: 1,
  },
  'enedis/r15': { values: ['12345678, 2026-07-30T00:01, 10160 kW.h'], others: 1 },
  'enedis/r151': {
    // The midnights at the ends of the 25th and the 26th.
    values: ['12345678, 2026-10-26T00:00, 3500 W.h', '12345678, 2026-10-27T00:00, 3800 W.h, estimated'],
  },
  'enedis/r171': { values: ['12345678, 2026-03-01T00:51, 1400 W.h'], others: 1 },
  'enedis/data-connect-courbe': {
    values: ['12345678, 10-24T00:00 30min, 540 W.h/h', '12345678, 10-24T00:30 30min, 541 W.h/h'],
  },
  'enedis/data-connect-quotidien': {
    values: ['12345678, 10-24T00:00 1440min, 12571 W.h', '12345678, 10-25T00:00 1500min, 9800 W.h'],
  },
  'enedis/consommation-quotidienne-xlsx': {
    values: ['12345678, 10-24T00:00 1440min, 12.571 kW.h', '12345678, 10-25T00:00 1500min, 9.8 kW.h'],
    empty: 1,
    others: 3,
  },
  'enedis/courbe-de-charge-xlsx': {
    values: [
      '12345678, 10-25T00:00 30min, 4.03 kW.h/h',
      '12345678, 10-25T02:30 30min, 1.5 kW.h/h',
      '12345678, 10-25T02:00 30min, 2 kW.h/h',
    ],
    empty: 1,
  },
  'enedis/index-quotidiens-xlsx': {
    values: ['12345678, 2026-04-12T00:00, 28150 kW.h', '12345678, 2026-04-13T00:00, 28152 kW.h'],
    empty: 1,
    others: 3,
  },
  'grdf/donnees-informatives': {
    values: [
      'GI123456, 10-24T06:00 1500min, 9 m3 or 101 kW.h',
      'GI123456, 10-25T06:00 1440min, 10.5 m3 or 118 kW.h, estimated',
    ],
    empty: 1,
  },
  'grdf/adict': {
    values: [
      'GI123456, 10-01T06:00 31680min, 180 m3 or 2032 kW.h',
      'GI123456, 10-23T06:00 1440min, 9 m3 or 101 kW.h, estimated',
    ],
  },
  'suez/telereleve': {
    values: ['eau-1, 10-24T00:00 1440min, 0.08 m3', 'eau-1, 10-25T00:00 1500min, 0.12 m3'],
    empty: 1,
  },
  'suez/releves': { values: ['eau-1, 2026-09-23T00:00, 549 m3'], others: 1 },
  'saur/consommations': {
    values: ['eau-1, 10-24T00:00 1440min, 0.12 m3', 'eau-1, 10-25T00:00 1500min, 0 m3'],
  },
  'veolia/ile-de-france': {
    values: ['eau-1, 10-24T00:00 1440min, 153 L', 'eau-1, 10-25T00:00 1500min, 160 L, estimated'],
  },
  'veolia/ile-de-france-litres': {
    values: ['eau-1, 10-24T00:00 1440min, 153 L', 'eau-1, 10-25T00:00 1500min, 160 L, estimated'],
  },
}

it('every format has a fixture, and is told by it from all others', () => {
  expect(Object.keys(EXPECTED).sort()).toEqual([...formats.keys()].sort())
})

it.each([...formats.keys()])('%s is read as it stands', async name => {
  const expected = EXPECTED[name]!
  const { lines, summary } = await read(fixtureOf(name)!, { deliveryPoint: 'eau-1' })
  // Rows of JSON are of each format that knows their keys; what is not theirs is counted apart.
  expect([...summary.formats.keys()]).toEqual([name])
  expect(lines.toSorted()).toEqual(expected.values.toSorted())
  expect(summary.empty).toBe(expected.empty ?? 0)
  expect(summary.unread).toHaveLength(expected.unread ?? 0)
  expect(summary.faults).toHaveLength(expected.faults ?? 0)
  if (expected.others)
    expect([...summary.others.values()].reduce((sum, rows) => sum + rows, 0)).toBe(expected.others)
})

const HEAD = `Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Grandeur metier;Etape metier;Unite
12345678901234;Courbe de charge;24/10/2026;26/10/2026;Energie active;Consommation;Comptage Brut;W
Horodate;Valeur
`

it('stamps mark the start where the first of them is a midnight', async () => {
  const { lines } = await readText(`${HEAD}2026-10-24T00:00:00+02:00;10\n2026-10-24T00:10:00+02:00;20\n`)
  expect(lines).toEqual(['12345678, 10-24T00:00 10min, 10 W.h/h', '12345678, 10-24T00:10 10min, 20 W.h/h'])
})

it('where the first stamp shows nothing, whoever imports the file says what stamps mark', async () => {
  const stamps = ['24T22:30', '24T23:00', '24T23:30', '25T00:00', '25T00:30', '25T01:00']
  const text = HEAD + stamps.map((stamp, at) => `2026-10-${stamp}:00+02:00;${at}\n`).join('')
  const { values, summary } = await readText(text)
  // A midnight further on shows nothing either.
  expect(values).toEqual([])
  expect(summary.faultCount).toBe(stamps.length)
  expect(summary.faults[0]).toMatchObject({
    line: 4,
    reason: expect.stringContaining('say which with --stamp'),
  })
  expect((await readText(text, { stamp: 'end' })).lines[0]).toBe('12345678, 10-24T22:00 30min, 0 W.h/h')
})

it('the interval is that beside each stamp, where it changes and beside a hole', async () => {
  const { lines } = await readText(
    `${HEAD}2026-10-24T00:00:00+02:00;10\n2026-10-24T00:10:00+02:00;20\n2026-10-24T00:40:00+02:00;30\n2026-10-24T01:10:00+02:00;40\n2026-10-24T20:00:00+02:00;50\n2026-10-24T20:30:00+02:00;60\n`,
  )
  expect(lines.map(line => line.split(' ')[2])).toEqual([
    '10min,',
    '30min,',
    '30min,',
    '30min,',
    '30min,',
    '30min,',
  ])
})

it('a bad row is told with its line, and the others are taken', async () => {
  const { values, summary } = await readText(
    `${HEAD}2026-10-24T00:00:00+02:00;10\n2026-10-24T00:30:00+02:00;x\n2026-10-32T01:00:00+02:00;20\n2026-10-24T01:00:00+02:00;-5\n2026-10-24T01:30:00+02:00;30\n2026-10-24T02:00:00+02:00;40\n`,
  )
  expect(values).toHaveLength(3)
  expect(summary.faults.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
    '5: Valeur: x is no number',
    '6: 2026-10-32T01:00:00+02:00 is not a time',
    '7: Valeur: -5 is less than nothing',
  ])
})

it('civil times that occur twice in autumn follow each other, and those that do not exist in spring are told', async () => {
  const header =
    'Date de la mesure;Heure de la mesure;Valeur;Statut de la mesure;PRM;Type de données;Grandeur métier;Grandeur physique;Unité;Pas en minutes\n'
  const row = (date: string, time: string) =>
    `${date};${time};1;R;12345678901234;CDC;Consommation;Puissance active;kW;30\n`
  const autumn = ['00:00', '00:30', '01:00', '01:30', '02:00', '02:30', '02:00', '02:30', '03:00']
  const { values } = await readText(header + autumn.map(time => row('25/10/2026', time)).join(''))
  expect(values.map(({ start }) => (start - values[0]!.start) / 1_800_000)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8,
  ])
  const { summary } = await readText(header + row('29/03/2026', '00:00') + row('29/03/2026', '02:30'))
  expect(summary.faults[0]!.reason).toContain('the clocks went forward')
})

it('words above a header are no complaint, and what stands there names the delivery point', async () => {
  const header = '\n;Date de relevé;;;;Energie consommée (kWh)\n;24/10/2026;;;;101\n'
  const told = await readText(`Données informatives;\n;;\n;\n;PCE;;;GI 123456${header}`)
  expect(told.lines).toEqual(['GI123456, 10-24T06:00 1500min, 101 kW.h'])
  expect(told.summary.unread).toEqual([])
  const without = `Données informatives;\n${header}`
  expect((await readText(without)).summary.faults[0]!.reason).toContain('--delivery-point')
  const { lines } = await readText(without, { deliveryPoint: 'GI654321' })
  expect(lines).toEqual(['GI654321, 10-24T06:00 1500min, 101 kW.h'])
})

const R64 =
  'Identifiant PRM;Grandeur physique;Grandeur metier;Unite;Horodate;Grille;Identifiant calendrier;Identifiant classe temporelle;Valeur\n'
const register = (time: string, name: string, value: number, calendar = 'DI000003') =>
  `12345678901234;EA;CONS;Wh;2026-10-25 ${time};DISTRIBUTEUR;${calendar};${name};${value}\n`

it('each register has its own row of an hour that comes twice in autumn', async () => {
  const times = ['02:00:00', '02:30:00', '02:00:00', '02:30:00']
  const rows = times.flatMap((time, at) => [register(time, 'HC', at), register(time, 'HP', 10)])
  const { values, summary } = await readText(R64 + rows.join(''))
  expect(summary.faults).toEqual([])
  expect(values.map(({ start }) => (start - values[0]!.start) / 1_800_000)).toEqual([0, 1, 2, 3])
})

it('registers of another calendar are not missing where the calendar changes', async () => {
  const { lines, summary } = await readText(
    R64 +
      register('00:00:00', 'BASE', 100, 'DI000001') +
      register('00:30:00', 'BASE', 110, 'DI000001') +
      register('00:30:00', 'HC', 60) +
      register('00:30:00', 'HP', 51) +
      register('01:00:00', 'HC', 70) +
      register('01:00:00', 'HP', 55) +
      register('01:30:00', 'HC', 80) +
      register('01:30:00', 'BASE', 140, 'DI000001') +
      register('03:30:00', 'HC', 90),
  )
  // At each time by the calendar that is complete, and of two by the one that tells more registers apart.
  expect(lines.map(line => line.slice(10))).toEqual([
    '2026-10-25T00:00, 100 W.h',
    '2026-10-25T00:30, 111 W.h',
    '2026-10-25T01:00, 125 W.h',
    '2026-10-25T01:30, 140 W.h',
  ])
  expect(summary.faults).toMatchObject([
    { line: 10, reason: 'the register HP is missing: there is no total' },
  ])
})

it('a register that says two things of one instant is told, and not summed', async () => {
  const { summary } = await readText(
    R64 + register('00:00:00', 'HC', 100) + register('00:00:00', 'HP', 50) + register('00:00:00', 'HC', 999),
  )
  expect(summary.faults).toMatchObject([
    { line: 4, reason: expect.stringContaining('the register HC has another') },
  ])
})

it('no format but its own reads a fixture, whatever the order of the formats', async () => {
  for (const name of formats.keys()) {
    const fitting: string[] = []
    for (const [each, format] of formats) {
      const alone = new Map([[each, format]])
      const values: DistributorValue[] = []
      await readDistributorFile(
        fixtureOf(name)!,
        alone,
        { deliveryPoint: 'eau-1' },
        value => void values.push(value),
      )
      if (values.length > 0) fitting.push(each)
    }
    expect(fitting).toEqual([name])
  }
})

it('a document of another period is not taken for one of days', async () => {
  const months = { measures: [{ date: '2026-09-01 00:00:00', index: 9, volume: 2.5, numberOfDays: 30 }] }
  const { values, summary } = await readText(JSON.stringify({ content: months }), { deliveryPoint: 'eau-1' })
  expect(values).toEqual([])
  expect(summary.unread).toMatchObject([{ header: expect.stringContaining('measures') }])
})

it('a file that is no distributor’s is known as such by its beginning', async () => {
  const file = join(folder, 'history.csv')
  await writeFile(file, `point;time;value\n${'a/b/c;2026-01-01T00:00:00Z;1\n'.repeat(200)}`)
  expect(await isDistributorFile(file, formats)).toBe(false)
  expect(await isDistributorFile(fixtureOf('grdf/adict')!, formats)).toBe(true)
})
