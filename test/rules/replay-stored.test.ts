import { expect, test } from 'vitest'
import { DAY_MS } from '../../model/time.ts'
import { conditionOf } from '../../rules/conditions/conditions.ts'
import { replayRule } from '../../rules/replay.ts'
import { replayStored } from '../../rules/replay-stored.ts'
import { FROST, H, MIN, memoryReadings, reading, START, SURFACE, testRegistry } from './territory.ts'

const [from, to] = [START, START + 3 * DAY_MS]
/** Colder and warmer by turns of five hours, with half a day of silence. */
const stored = Array.from({ length: 4 * 1440 }, (_, i) => START - DAY_MS + i * MIN)
  .filter(time => time < START + DAY_MS || time >= START + 1.5 * DAY_MS)
  .map(time => reading(SURFACE, time, Math.floor(time / (5 * H)) % 2 === 0 ? -1 : 4))

async function frost() {
  const registry = await testRegistry([FROST])
  const rule = registry.rules.get('frost')!
  const point = registry.points.get(SURFACE)!
  return { registry, plan: { rule, point, condition: conditionOf(rule, point, registry) } }
}

test('what is stored is replayed in slices as it is in one piece', async () => {
  const { registry, plan } = await frost()
  const { signal } = new AbortController()
  const events = await replayStored({ store: memoryReadings(stored), registry, plan, from, to, signal })
  const recent = stored.filter(({ time }) => time < from)
  const readings = stored.filter(({ time }) => from <= time)
  expect(events.length).toBeGreaterThan(10)
  expect(events).toEqual(replayRule({ registry, ...plan, recent, readings, from, to }))
})

test('whoever asked for a replay may end it', async () => {
  const { registry, plan } = await frost()
  const ending = new AbortController()
  const readings = memoryReadings(stored)
  let asked = 0
  const store = {
    ...readings,
    range: async (...request: Parameters<typeof readings.range>) => {
      asked += 1
      if (asked === 2) ending.abort(new Error('nobody waits for it'))
      return readings.range(...request)
    },
  }
  await expect(replayStored({ store, registry, plan, from, to, signal: ending.signal })).rejects.toThrow(
    'nobody waits for it',
  )
  expect(asked).toBe(2)
})
