import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { missingData } from '../../derived/missing-data.ts'
import type { LedgerEntry } from '../../model/ledger.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { silentLog, temporaryFolder } from '../bus/fixtures.ts'
import { bad, H, MIN, reading, START, testClock } from '../rules/territory.ts'
import { twoBuildings } from './territory.ts'

/** A whole hour, two days before which a gateway was heard already. */
const NOW = START
const DAY = 24 * H
const [ECOLE, MAIRIE] = ['ecole/hub/missing-data', 'mairie/hub/missing-data']

/** Readings of a point with from <= time < to, hours before NOW. */
function said(point: string, from: number, to: number, interval: number, say = reading): Reading[] {
  const times = Array.from({ length: ((from - to) * H) / interval }, (_, i) => NOW - from * H + i * interval)
  return times.map(time => say(point, time, 1))
}
const everything = (site: string, from = 72) => [
  ...said(`${site}/meter/index`, from, 0, 10 * MIN),
  ...said(`${site}/meter/power`, from, 0, MIN),
]

async function told(
  readings: Reading[],
  { heardFrom = 72, after = 10 * MIN, last = {} as Record<string, Reading> } = {},
) {
  const file = join(temporaryFolder(), 'readings.duckdb')
  const store = await openEmbeddedReadingStore({ file, timeZone: 'Europe/Paris', log: silentLog })
  onTestFinished(() => store.close())
  const stream = { sender: 'gw', stream: 'measures' } as const
  const ledger = Array.from(
    { length: heardFrom },
    (_, i): LedgerEntry => ({ ...stream, hour: NOW - (i + 1) * H, outcome: 'prompt', count: 1 }),
  )
  const positions = heardFrom > 0 ? [{ ...stream, run: 'r', upTo: heardFrom, ranges: [] }] : []
  await store.write(toColumns(readings), positions, ledger)
  const clock = testClock(NOW + after)
  const deriver = missingData({ registry: await twoBuildings(), readings: store, clock })
  const derived = await deriver.derive(point => last[point])
  return Object.fromEntries(
    derived.map(({ point, time, value }) => [point, `${value} at ${(time - NOW) / H}`]),
  )
}

it('where everything has come nothing is missing, up to the last full hour', async () => {
  const readings = [...everything('ecole'), ...everything('mairie')]
  expect(await told(readings)).toEqual({ [ECOLE]: '0 at 0', [MAIRIE]: '0 at 0' })
  expect(await told(readings, { after: 10 * MIN - 1 })).toEqual({ [ECOLE]: '0 at -1', [MAIRIE]: '0 at -1' })
})

it('each point counts the same: bad readings are missing, a point that is silent is missing whole', async () => {
  const readings = [
    // A quarter of the day is bad.
    ...said('ecole/meter/index', 72, 6, 10 * MIN),
    ...said('ecole/meter/index', 6, 0, 10 * MIN, bad),
    ...said('ecole/meter/power', 72, 0, MIN),
    // One point of two has stopped within the two days, the other before.
    ...said('mairie/meter/power', 72, 30, MIN),
  ]
  const missing = await told(readings)
  expect(Number.parseFloat(missing[ECOLE]!)).toBeCloseTo(12.5, 0)
  expect(missing[MAIRIE]).toBe('100 at 0')
})

it('what came before the gateway was heard, or the point was there, is not missing', async () => {
  // History from elsewhere, an hour apart, and the first hours of the gateway.
  const thin = (point: string) => said(point, 72, 5, H)
  const readings = [thin('ecole/meter/index'), thin('ecole/meter/power'), everything('ecole', 5)].flat()
  expect(await told([...readings, ...everything('mairie', 3)], { heardFrom: 5 })).toEqual({
    [ECOLE]: '0 at 0',
    [MAIRIE]: '0 at 0',
  })
})

it('nothing is told of the first hour, of a gateway that was never heard, and twice', async () => {
  expect(await told(everything('ecole', 1), { heardFrom: 1 })).toEqual({})
  expect(await told([], { heardFrom: 0 })).toEqual({})
  const last = { [ECOLE]: reading(ECOLE, NOW, 7), [MAIRIE]: reading(MAIRIE, NOW - DAY, 7) }
  const readings = [...everything('ecole'), ...everything('mairie')]
  expect(await told(readings, { last })).toEqual({ [MAIRIE]: '0 at 0' })
})
