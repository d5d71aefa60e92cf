import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ROOT, runAffluent } from './command-line.ts'

let folder: string
let flags: string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-rules-'))
  flags = ['--territory', `${ROOT}demo`, '--data', join(folder, 'data')]
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const STATION = 'station-col-des-trois-croix/meteo'
/** A night on a wet road, every five minutes: it freezes at 03:00 UTC and is warm from 05:00 on. */
function night(): string {
  const rows = ['point,time,value']
  for (let minute = 0; minute < 480; minute += 5) {
    const time = new Date(Date.UTC(2026, 0, 12, 0, minute)).toISOString()
    const said = {
      'surface-temperature': minute < 180 ? 4 : minute < 300 ? -1.5 : 3,
      'surface-condition': 'wet',
      precipitation: false,
      'precipitation-rate': 0,
      'air-temperature': 2,
      humidity: 85,
      'dew-point': -0.3,
      fault: false,
    }
    for (const [name, value] of Object.entries(said)) rows.push(`${STATION}/${name},${time},${value}`)
  }
  return rows.join('\n')
}

it.each([
  ['etat-de-chaussee', 6],
  ['verglas-attendu', 2],
  ['passerelle', 3],
])('the cases of the demonstration are told as expected: %s', async (name, count) => {
  const { code, out } = await runAffluent(['rules', 'test', `${ROOT}demo/cases/${name}.yaml`, ...flags])
  expect([code, out.trim()]).toEqual([0, `${count} cases as expected, 0 not`])
})

it('a case that is told otherwise is shown beside what was expected, and ends with 1', async () => {
  const file = join(folder, 'cases.yaml')
  await writeFile(
    file,
    `cases:
  - name: frost on a dry road
    rule: etat-de-chaussee
    point: ${STATION}/surface-temperature
    start: 2026-12-04T04:00+01:00
    readings: [{ for: 20min, values: { surface-temperature: -1, surface-condition: ice } }]
    until: 30min
    expect: [{ at: 5min, event: fired, phenomenon: hoar }]
`,
  )
  const { code, out, err } = await runAffluent(['rules', 'test', file, ...flags])
  expect([code, out.trim()]).toEqual([1, '0 cases as expected, 1 not'])
  expect(err).toContain(
    ':2 frost on a dry road\n  expected\n    +5min fired hoar\n  told\n    +2min fired ice critical\n',
  )
})

it('cases that nothing can be made of are named by line and field, and end with 2', async () => {
  const file = join(folder, 'wrong.yaml')
  await writeFile(
    file,
    `cases:
  - { name: a, rule: nothing, point: a/b/c, start: 2026-12-04T04:00+01:00, readings: [{ values: {} }], expect: [] }
  - { name: b, rule: station-muette, point: ${STATION}/fault, start: 2026-12-04T04:00+01:00, readings: [{ values: {} }], expect: [] }
  - name: c
    rule: station-muette
    point: ${STATION}/surface-temperature
    start: 2026-12-04T04:00+01:00
    readings: [{ values: { salt: 3 } }]
    forecasts: [{ source: lune, steps: [{ at: 0min, air-temperature: 1 }] }]
    expect: []
`,
  )
  const { code, err } = await runAffluent(['rules', 'test', file, ...flags])
  expect(code).toBe(2)
  expect(err).toMatch(/wrong\.yaml:2:\d+ cases\[0\]\.rule: there is no rule nothing/)
  expect(err).toMatch(/wrong\.yaml:3:\d+ cases\[1\]\.point: \S+ is no point of the rule station-muette/)
  expect(err).toMatch(
    /wrong\.yaml:8:\d+ cases\[2\]\.readings\[0\]\.values\.salt: there is no point \S+\/salt/,
  )
  expect(err).toMatch(/wrong\.yaml:9:\d+ cases\[2\]\.forecasts\[0\]: no source lune of the forecasts is for/)
})

it('a replay of stored readings tells what the rules would have told, beside what they told', async () => {
  const file = join(folder, 'night.csv')
  await writeFile(file, night())
  const { err } = await runAffluent(['rules', 'replay', '--from', '2026-01-12', ...flags])
  expect(err).toContain('there is no data folder')
  await mkdir(join(folder, 'data'))
  const imported = await runAffluent(['import', file, ...flags])
  expect(imported.code).toBe(0)
  const asked = [
    'rules',
    'replay',
    '--from',
    '2026-01-12',
    '--to',
    '2026-01-13',
    '--rule',
    'etat-de-chaussee',
  ]
  const { code, out } = await runAffluent([...asked, '--site', 'station-col-des-trois-croix', ...flags])
  expect(code).toBe(0)
  expect(out.trim().split('\n')).toEqual([
    expect.stringMatching(/^2026-01-12T03:02:00.000Z etat-de-chaussee \S+ fired ice critical -1\.5$/),
    expect.stringMatching(/^2026-01-12T05:05:00.000Z .* changed watch warning 3$/),
    expect.stringMatching(/^2026-01-12T05:20:00.000Z .* resolved watch warning 3$/),
    '',
    `etat-de-chaussee ${STATION}/surface-temperature: would have fired 1 times, fired 0 times`,
  ])
  // The other stations said nothing, while it froze here.
  const csv = await runAffluent([...asked, '--csv', ...flags])
  const rows = csv.out.trim().split(/\r?\n/)
  expect(rows[1]).toMatch(/^would[,;]2026-01-12T00:15:00.000Z[,;]etat-de-chaussee/)
  expect(rows.filter(row => row.includes('unknown'))).toHaveLength(5)
  const unknown = await runAffluent([...asked.slice(0, -1), 'gel', ...flags])
  expect([unknown.code, unknown.err.trim()]).toEqual([2, 'there is no rule gel'])
})
