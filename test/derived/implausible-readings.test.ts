import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { implausibleReadings } from '../../derived/implausible-readings.ts'
import { startFluids } from '../../fluids/fluids.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { DAY_MS } from '../../model/time.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { openFigureStore } from '../../store/figures/figure-store.ts'
import { openRevisionStore } from '../../store/revisions.ts'
import { openStatementStore } from '../../store/statements/statement-store.ts'
import { silentLog, temporaryFolder } from '../bus/fixtures.ts'
import { H, MIN, reading, START, testClock } from '../rules/territory.ts'
import { oneSchool } from './territory.ts'

/** Three meters of one building. */
const METERS = ['a', 'b', 'c']
const point = (name: string) => `ecole/compteurs/${name}`
const derived = (meter: string) => `ecole/hub/${meter}-implausible-readings`

const index = (i: number) =>
  `{ quantity: water-index, unit: m3, interval: 10min, modbus: { table: input, address: ${2 * i}, type: float32 } }`
const territory = () =>
  oneSchool(
    Object.fromEntries(METERS.map((name, i) => [name, index(i)])),
    `meters:\n${METERS.map(name => `  - { id: ${name}, point: ${point(name)}, fluid: eau, resolution: 0.001 }\n`).join('')}`,
  )

/** An index every ten minutes over the last 30 hours, but 0 at some ten minutes of them. */
function indexes(name: string, spurious: readonly number[]): Reading[] {
  return Array.from({ length: 30 * 6 }, (_, i) =>
    reading(point(name), START - 30 * H + i * 10 * MIN, spurious.includes(i) ? 0 : 100 + i / 1000),
  )
}

it('counts what the consumption of the last day leaves out, once an hour, and says nothing of a silent meter', async () => {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder, name)
  const log = silentLog
  const readings = await openEmbeddedReadingStore({
    file: at('readings.duckdb'),
    timeZone: 'Europe/Paris',
    log,
  })
  const figures = await openFigureStore({ file: at('figures.duckdb'), log })
  const statements = openStatementStore({ file: at('statements.sqlite') })
  const revisions = openRevisionStore({ file: at('revisions.sqlite') })
  const clock = testClock(START + 10 * MIN)
  const registry = await territory()
  // Of `a` one before the day and two in it; `c` has said nothing since.
  const said = [...indexes('a', [3, 100, 150]), ...indexes('b', []), ...indexes('c', []).slice(0, 20)]
  await readings.write(toColumns(said), [])
  const stores = { readings, figures, statements, revisions }
  const fluids = await startFluids({ registry, ...stores, closeAfter: 10 * DAY_MS, clock, log })
  onTestFinished(async () => {
    await fluids.close()
    await Promise.all([readings.close(), figures.close()])
    statements.close()
    revisions.close()
  })

  const asked: string[] = []
  const watched = Object.assign(Object.create(readings) as typeof readings, {
    aggregate(...[id, ...rest]: Parameters<typeof readings.aggregate>) {
      asked.push(id)
      return readings.aggregate(id, ...rest)
    },
  })
  const { exclusions } = fluids
  const { derive } = implausibleReadings({ registry, readings: watched, exclusions, clock })
  const last = new Map<string, Reading>()
  const told = async () => {
    const news = await derive(id => last.get(id))
    for (const { point, time, value } of news) last.set(point, reading(point, time, value as number))
    return Object.fromEntries(
      news.map(({ point, time, value }) => [point, `${value} at ${(time - START) / H}`]),
    )
  }
  expect(await told()).toEqual({ [derived('a')]: '2 at 0', [derived('b')]: '0 at 0' })
  expect(await told()).toEqual({})
  // Whoever is silent has had its turn.
  expect(asked).toEqual(METERS.map(point))
  // The first of the two is a day old.
  clock.advance(11 * H)
  expect(await told()).toEqual({ [derived('a')]: '1 at 11', [derived('b')]: '0 at 11' })
})
