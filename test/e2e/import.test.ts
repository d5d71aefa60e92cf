import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask } from './ask.ts'
import { READY, ROOT, runAffluent, startAffluent } from './command-line.ts'
import { INDEX, makeSmallTerritory } from './small-territory.ts'

let place: Awaited<ReturnType<typeof makeSmallTerritory>>
beforeAll(async () => {
  place = await makeSmallTerritory({ indexInterval: '10min' })
})
afterAll(() => place.remove())

const ROWS = 30_000
const DAY_ROWS = 144

/** An index that grows by one every ten minutes, as a spreadsheet saves it. */
const HISTORY = [
  'point;time;value',
  ...Array.from(
    { length: ROWS },
    (_, i) => `${INDEX};${new Date(Date.UTC(2023, 0) + i * 600_000).toISOString()};${i},5`,
  ),
].join('\r\n')

it('takes the history of a spreadsheet, goes on after a kill, and the figures follow', {
  timeout: 180_000,
}, async () => {
  const { at, flags, startFlags } = place
  await writeFile(at('history.csv'), HISTORY)
  await mkdir(place.data)
  const killed = spawn(process.execPath, [`${ROOT}main.ts`, 'import', at('history.csv'), ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  for await (const printed of killed.stderr!) if (/Importing .* \d\d %/.test(String(printed))) break
  killed.kill('SIGKILL')
  await once(killed, 'close')

  const hub = await startAffluent(['start', ...startFlags], READY)
  const again = await runAffluent(['import', at('history.csv'), ...flags])
  expect(again).toMatchObject({ code: 0 })
  const [, written, known] = /: 30000 rows, (\d+) new readings, (\d+) known already, 0 quarantined/.exec(
    again.out,
  )!
  expect(Number(written) + Number(known)).toBe(ROWS)
  expect(Number(known)).toBeGreaterThanOrEqual(20_000)

  const consumption = async () => {
    const { meters } = await ask(
      `${hub.match[1]}/v1/consumption?site=college&by=day&from=2023-01-02T00:00:00Z&to=2023-07-27T00:00:00Z`,
    )
    return meters[0].periods as { amount: number | null }[]
  }
  await expect
    .poll(async () => (await consumption()).at(-2)?.amount, { timeout: 60_000, interval: 500 })
    .toBe(DAY_ROWS)
  const amounts = new Set((await consumption()).map(({ amount }) => amount))
  // One day has 23 hours.
  expect([...amounts].sort()).toEqual([138, 144])
  await hub.stop('SIGTERM')
})

it('takes hand readings and invoices beside a running hub, tells what is wrong by line, and counts the rest', {
  timeout: 120_000,
}, async () => {
  const { at, flags, startFlags } = place
  await writeFile(
    at('releves.csv'),
    [
      'meter;origin;at;index;from;to;amount;author',
      'college-electricite;hand;01/01/2022;0;;;;Agent technique',
      'college-electricite;hand;2022-02-01;0,31;;;;',
      'college-gaz;hand;2022-02-01;1;;;;',
      'college-electricite;invoice;;;2022-02-01;2022-03-01;0.028;',
      'college-electricite;invoice;;;2022-03-01;2022-02-01;280;',
    ].join('\r\n'),
  )
  const hub = await startAffluent(['start', ...startFlags], READY)
  const imported = await runAffluent(['import', at('releves.csv'), '--author', 'Mairie', ...flags])
  expect(imported.code).toBe(2)
  expect(imported.out).toContain(
    '3 new statements, 0 of them in place of others, 0 known already, 2 not understood',
  )
  expect(imported.err).toContain('releves.csv, line 4: meter: there is no meter college-gaz in the registry')
  expect(imported.err).toContain('releves.csv, line 6: to: must be after from')
  const months = async () => {
    const { meters } = await ask(
      `${hub.match[1]}/v1/consumption?site=college&by=month&from=2022-01-01&to=2022-03-01`,
    )
    return meters[0].periods.map((period: { amount: number; coverage: number }) => [
      period.amount,
      period.coverage,
    ])
  }
  await expect.poll(months, { timeout: 60_000, interval: 500 }).toEqual([
    [0.31, 1],
    [0.028, 1],
  ])
  const again = await runAffluent(['import', at('releves.csv'), ...flags])
  expect(again.out).toContain('0 new statements, 0 of them in place of others, 3 known already')

  await writeFile(
    at('carburant.csv'),
    [
      'site;energy;from;to;amount;unit;reference',
      'college;gazole;03/01/2022;;0,045;m3;carte 1',
      'college;gazole;05/02/2022;;30;L;carte 1',
      'college;gazole;05/02/2022;;;L;carte 2',
    ].join('\r\n'),
  )
  const bought = await runAffluent(['import', at('carburant.csv'), ...flags])
  expect(bought.code).toBe(2)
  expect(bought.out).toContain(
    '2 new purchases, 0 of them in place of others, 0 known already, 1 not understood',
  )
  expect(bought.err).toContain('carburant.csv, line 4: amount: (empty) is no amount')
  const { out: token } = await runAffluent(['token', '--actor', 'mairie', ...flags])
  const answer = await fetch(`${hub.match[1]}/v1/energy/public-body?year=2022`, {
    headers: { authorization: `Bearer ${token.trim()}` },
  })
  const { sites } = (await answer.json()) as { sites: { site: string; energies: unknown[] }[] }
  expect(sites.find(({ site }) => site === 'college')!.energies).toContainEqual(
    expect.objectContaining({ energy: 'gazole', amount: 75, source: 'purchases', finalEnergy: 750 }),
  )
  await hub.stop('SIGTERM')
})
