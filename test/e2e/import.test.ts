import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask } from './ask.ts'
import { READY, ROOT, runAffluent, startAffluent } from './command-line.ts'
import { INDEX, makeSmallTerritory } from './small-territory.ts'

let place: Awaited<ReturnType<typeof makeSmallTerritory>>
beforeAll(async () => {
  place = await makeSmallTerritory({ indexInterval: '10min' })
})
afterAll(() => place.remove())

const ROWS = 100_000
const DAY_ROWS = 144

/** An index that grows by one every ten minutes, as a spreadsheet saves it. */
function history(point: string): string {
  const start = Date.UTC(2023, 0)
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const time = new Date(start + i * 600_000).toISOString()
    return `${point};${time.slice(0, 19)}Z;${i},5`
  })
  return `point;time;value\r\n${rows.join('\r\n')}\r\n`
}

it('takes the history of a spreadsheet, goes on after a kill, and the figures follow', async () => {
  const { at, flags, startFlags } = place
  await writeFile(at('history.csv'), history(INDEX))
  await writeFile(at('other.csv'), history('college/gaz/index').slice(0, 2000))
  const { stop } = await startAffluent(['start', ...startFlags], READY)
  await stop('SIGTERM')

  const killed = spawn(process.execPath, [`${ROOT}main.ts`, 'import', at('history.csv'), ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  for await (const printed of killed.stderr!) if (/Importing .* [2-9]\d %/.test(String(printed))) break
  killed.kill('SIGKILL')
  await once(killed, 'close')

  const hub = await startAffluent(['start', ...startFlags], READY)
  const again = await runAffluent(['import', at('history.csv'), ...flags])
  expect(again).toMatchObject({ code: 0 })
  const [, written, known] = /: 100000 rows, (\d+) new readings, (\d+) known already, 0 quarantined/.exec(
    again.out,
  )!
  expect(Number(written) + Number(known)).toBe(ROWS)
  expect(Number(known)).toBeGreaterThanOrEqual(20_000)

  const consumption = async () => {
    const { meters } = await ask(
      `${hub.match[1]}/v1/consumption?site=college&by=day&from=2023-01-02T00:00:00Z&to=2024-11-25T00:00:00Z`,
    )
    return meters[0].periods as { amount: number | null }[]
  }
  await expect.poll(async () => (await consumption()).at(-2)?.amount, { timeout: 30_000 }).toBe(DAY_ROWS)
  const amounts = new Set((await consumption()).map(({ amount }) => amount))
  // Days of 23 and 25 hours.
  expect([...amounts].sort()).toEqual([138, 144, 150])

  const other = await runAffluent(['import', at('other.csv'), ...flags])
  expect(other.code).toBe(2)
  expect(other.err).toMatch(
    /not in the registry; nothing was imported:\n {2}college\/gaz\/index \(\d+ rows\)/,
  )
  await hub.stop('SIGTERM')
})
