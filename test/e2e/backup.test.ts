import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask } from './ask.ts'
import { READY, runAffluent, startAffluent } from './command-line.ts'
import { INDEX, makeSmallTerritory, TEMPERATURE } from './small-territory.ts'
import { until } from './until.ts'

let place: Awaited<ReturnType<typeof makeSmallTerritory>>
beforeAll(async () => {
  place = await makeSmallTerritory({ historyMonths: 1, indexInterval: '5min' })
})
afterAll(() => place.remove())

async function readingsOf(url: string, point: string, from: number, to: number) {
  const period = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`
  return (await ask(`${url}/v1/points/${point}/readings?${period}&limit=10000`)).readings
}
/** Of the days that are over. */
async function consumptionOf(url: string) {
  const { fluids } = await ask(`${url}/v1/sites/college/consumption?by=day`)
  return fluids[0].periods.slice(0, -2)
}

it('brings back a hub elsewhere, from a backup that was made while it ran', {
  timeout: 180_000,
}, async () => {
  const { at, flags, startFlags, data } = place
  const hub = await startAffluent(['start', ...startFlags], READY)
  const url = hub.match[1]!
  const now = Date.now()
  const live = await until(
    () => readingsOf(url, TEMPERATURE, now, now + 60_000),
    found => found.length > 5,
  )
  const made = await runAffluent(['backup', at('backup'), ...flags])
  expect(made).toMatchObject({ code: 0 })
  expect(made.out).toMatch(/^Backed up \d+ files, [\d.]+ MiB, as of 20/)
  const history = await readingsOf(url, INDEX, now - 5 * 86_400_000, now)
  const consumption = await consumptionOf(url)
  const overRunning = await runAffluent(['restore', at('backup'), '--replace', ...flags])
  expect(overRunning).toMatchObject({ code: 2, err: `a hub runs on ${data}: stop it first\n` })
  await hub.stop('SIGKILL')

  const elsewhere = ['--hub', at('hub.yaml'), '--data', at('elsewhere')]
  const restored = await runAffluent(['restore', at('backup'), ...elsewhere])
  expect(restored).toMatchObject({ code: 0 })
  expect(restored.out).toContain('Restored')
  const again = await startAffluent(['start', ...elsewhere, '--http-port', '0', '--mqtt-port', '0'], READY)
  expect(again.out()).not.toContain('history')
  expect(history.length).toBeGreaterThan(1000)
  expect(await readingsOf(again.match[1]!, INDEX, now - 5 * 86_400_000, now)).toEqual(history)
  expect((await readingsOf(again.match[1]!, TEMPERATURE, now, now + 60_000)).slice(0, live.length)).toEqual(
    live,
  )
  expect(consumption.length).toBeGreaterThan(20)
  expect(await consumptionOf(again.match[1]!)).toEqual(consumption)
  const { streams } = await ask(`${again.match[1]}/v1/completeness?by=day`)
  expect(streams.length).toBeGreaterThan(2)
  for (const { missing } of streams) expect(missing).toBe(0)
  await again.stop('SIGTERM')
})
