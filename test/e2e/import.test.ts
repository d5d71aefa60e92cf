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
  await expect.poll(async () => (await consumption()).at(-2)?.amount, { timeout: 60_000 }).toBe(DAY_ROWS)
  const amounts = new Set((await consumption()).map(({ amount }) => amount))
  // One day has 23 hours.
  expect([...amounts].sort()).toEqual([138, 144])
  await hub.stop('SIGTERM')
})
