import { join } from 'node:path'
import { pino } from 'pino'
import { startFluids } from '../../fluids/fluids.ts'
import type { Clock } from '../../model/clock.ts'
import { DAY_MS } from '../../model/time.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { openFigureStore } from '../../store/figures/figure-store.ts'
import { openRevisionStore } from '../../store/revisions.ts'
import { openStatementStore } from '../../store/statements/statement-store.ts'
import { peakMegabytes } from '../process-usage.ts'
import { boundsOf, readingsOf } from './readings.ts'
import { type SideOutcome, type SideSettings, TIME_ZONE, territoryOf } from './territory.ts'

/** Closes the history with startFluids and the two stores, as the hub does, then the new day. */
const { size, folder }: SideSettings = JSON.parse(process.argv[2]!)
const log = pino({ level: 'error' })
const { newDay, end } = boundsOf(size)
const clock: Clock = { now: () => end, elapsed: () => performance.now() }
const registry = territoryOf(size)
const readings = await openEmbeddedReadingStore({
  file: join(folder, 'readings.duckdb'),
  timeZone: TIME_ZONE,
  log,
})
const figures = await openFigureStore({ file: join(folder, 'figures.duckdb'), log })
const statements = openStatementStore({ file: join(folder, 'statements.sqlite') })
const revisions = openRevisionStore({ file: join(folder, 'revisions.sqlite') })
const closeAfter = 10 * DAY_MS

const started = performance.now()
const fluids = await startFluids({
  registry,
  readings,
  figures,
  statements,
  revisions,
  closeAfter,
  clock,
  log,
})
await fluids.settled()
const full = (performance.now() - started) / 1000

for (const columns of readingsOf(registry, size, newDay, end)) await readings.write(columns, [])
const stored = performance.now()
for (const { point } of registry.meters.values()) fluids.changed(point!.id, newDay, end - 1)
await fluids.settled()
const increment = (performance.now() - stored) / 1000

await fluids.close()
await readings.close()
await figures.close()
statements.close()
revisions.close()
process.once('SIGTERM', () => process.exit())
process.send!({ full, increment, megabytes: peakMegabytes(process.pid) } satisfies SideOutcome)
