import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { degreeDaysOfExtremes } from '../../energy/degree-days.ts'
import { openOfficialStation } from '../../energy/official-station.ts'
import { recordingLog, temporaryFolder } from '../bus/fixtures.ts'

const HEADER = 'NUM_POSTE;NOM_USUEL;LAT;LON;ALTI;AAAAMMJJ;RR;QRR;TN;QTN;HTN;QHTN;TX;QTX;HTX;QHTX'
const POST = '45055001'

/** As Météo-France writes them. */
const day = (date: string, tn: string, tx: string, { qtn = '1', qtx = '1', post = POST } = {}) =>
  `${post};ORLEANS;47.990500;1.778167;123;${date};0.2;1;${tn};${qtn};0512;9;${tx};${qtx};1402;9`

function station(files: Record<string, string[]>) {
  const folder = temporaryFolder()
  const { log, lines } = recordingLog()
  let age = 0
  const lay = (name: string, lines: string[]) => {
    const text = `${[HEADER, ...lines].join('\n')}\n`
    const file = join(folder, name)
    writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text)
    utimesSync(file, 1_700_000_000 + ++age, 1_700_000_000 + age)
  }
  for (const [name, lines] of Object.entries(files)) lay(name, lines)
  return { lay, lines, folder, read: openOfficialStation({ post: POST, folder }, log) }
}

it('reads the days of its post from packed and plain files, without those in doubt or not measured', async () => {
  const { read, lines } = station({
    'Q_45_previous-1950-2024_RR-T-Vent.csv.gz': [
      day('20241230', '-2.1', '4.3'),
      day('20241231', '-3.0', '2.0', { qtx: '2' }),
      day('20241230', '9', '10', { post: '45055002' }),
    ],
    'Q_45_latest-2025-2026_RR-T-Vent.csv': [
      day('20250101', '1.5', '1.5', { qtn: '9' }),
      day('20250102', '', '7'),
      day('20250103', '2', '8', { qtn: '', qtx: '' }),
      ` ${day('20250104', '2', '8', { qtn: '0' })}`,
    ],
  })
  expect(await read()).toEqual({
    post: POST,
    name: 'ORLEANS',
    days: new Map([
      ['2024-12-30', { min: -2.1, max: 4.3 }],
      ['2025-01-01', { min: 1.5, max: 1.5 }],
      ['2025-01-03', { min: 2, max: 8 }],
      ['2025-01-04', { min: 2, max: 8 }],
    ]),
  })
  expect(lines).toEqual([])
})

it('takes a file that is laid there or changed, and what the newest says of a day', async () => {
  const { read, lay } = station({ 'a.csv': [day('20250101', '1', '2'), day('20250102', '3', '4')] })
  expect((await read()).days.size).toBe(2)
  lay('A-later.csv', [day('20250102', '3.5', '4.5'), day('20250103', '5', '6')])
  expect([...(await read()).days.values()]).toEqual([
    { min: 1, max: 2 },
    { min: 3.5, max: 4.5 },
    { min: 5, max: 6 },
  ])
  lay('a.csv', [day('20250102', '-1', '0')])
  expect((await read()).days).toEqual(
    new Map([
      ['2025-01-02', { min: -1, max: 0 }],
      ['2025-01-03', { min: 5, max: 6 }],
    ]),
  )
})

it('says which file, column and line is wrong, and takes the rest', async () => {
  const { read, lay, lines, folder } = station({
    'lines.csv': [
      day('20250101', '1', '2'),
      day('20251301', '1', '2'),
      day('20250103', '9', '2'),
      day('20250104', 'x', '2'),
    ],
  })
  writeFileSync(join(folder, 'columns.csv'), 'NUM_POSTE;AAAAMMJJ;RR\n')
  writeFileSync(join(folder, 'packed.csv.gz'), 'not packed')
  writeFileSync(join(folder, 'empty.csv'), '')
  expect((await read()).days.size).toBe(1)
  const told = lines.map(line => JSON.stringify(line))
  const saying = (...words: string[]) => told.filter(line => words.every(word => line.includes(word)))
  expect(
    saying('lines.csv', 'line 3', 'line 4: TN 9 is above TX 2', 'line 5: x is no temperature'),
  ).toHaveLength(1)
  expect(saying('columns.csv', 'lacks the columns NOM_USUEL, TN, TX')).toHaveLength(1)
  expect(saying('packed.csv.gz')).toHaveLength(1)
  expect(saying('empty.csv', 'it is empty')).toHaveLength(1)
  lay('lines.csv', [day('20250101', '1', '2')])
  expect((await read()).days.size).toBe(1)
})

it('a folder that is not there gives a station without days, and says so', async () => {
  const { log, lines } = recordingLog()
  const read = openOfficialStation({ post: POST, folder: join(temporaryFolder(), 'nowhere') }, log)
  expect((await read()).days.size).toBe(0)
  expect(JSON.stringify(lines)).toContain('nowhere')
})

it('degree-days of extremes are those of the arrêté, and there are none of a day without', () => {
  const days = new Map([
    ['2025-01-01', { min: 2, max: 10 }],
    ['2025-01-02', { min: 14, max: 22 }],
  ])
  const found = degreeDaysOfExtremes(['2025-01-01', '2025-01-02', '2025-01-03'], days, 18)
  expect(found.map(({ heating, cooling }) => [heating, cooling])).toEqual([
    [12, 0],
    [expect.closeTo(4 * (0.08 + (0.42 * 4) / 8)), expect.closeTo(4 * (0.08 + (0.42 * 4) / 8))],
    [null, null],
  ])
})
