import { join } from 'node:path'
import { pino } from 'pino'
import { startIngest } from '../../ingest/ingest.ts'
import { createPublication } from '../../publication/publication.ts'
import { openPublished } from '../../publication/published.ts'
import { createPublisher } from '../../publication/publisher.ts'
import { createQueries } from '../../publication/query/queries.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { openFigureStore } from '../../store/figures/figure-store.ts'
import { openRecordStore } from '../../store/records/record-store.ts'
import { startHub } from '../../test/api/hub.ts'
import { peakMegabytes } from '../process-usage.ts'
import { daysOf, fillFigures, type Size, TIME_ZONE, territoryOf } from './territory.ts'

/** What the process is started with: an empty folder, and how much it publishes. */
export interface HubSettings {
  folder: string
  size: Size
}

/** Publishes one day after the other from then on, until it is to stop; each is answered with how many readings are stored. */
export type HubMessage = 'publish' | 'stop' | 'stored'

export interface HubReady {
  url: string
  brokerUrl: string
  /** How long the first publication took, and that of one more day, s. */
  fullSeconds: number
  dailySeconds: number
  /** The most memory that the process has held by then, MB. */
  megabytes: number
  rows: number
}

const { folder, size } = JSON.parse(process.argv[2]!) as HubSettings
const log = pino({ level: 'warn' })
const registry = territoryOf(size)
const { history, next } = daysOf(size)
const figures = await openFigureStore({ file: join(folder, 'figures.duckdb'), log })
await fillFigures(figures, registry, history)
// Of roads there is nothing.
const readings = await openEmbeddedReadingStore({
  ...{ file: join(folder, 'readings.duckdb'), timeZone: TIME_ZONE, log },
})
const records = openRecordStore({ file: join(folder, 'records.sqlite') })

let now = history.at(-1)!.end
const clock = { now: () => now, elapsed: () => performance.now() }
const publications = join(folder, 'publication')
const published = openPublished(publications)
const publisher = createPublisher({
  ...{ folder: publications, published, registry, software: '0.0.0', clock },
  sources: {
    figures,
    excluded: figures,
    readings,
    records,
    climate: { officialStation: async () => undefined },
  },
  positions: () => readings.positions(),
})
const publish = async () => {
  const before = performance.now()
  for (const { error } of await publisher.publish()) if (error) throw new Error(error)
  return (performance.now() - before) / 1000
}
const publishDay = async () => {
  const day = next.next().value!
  await fillFigures(figures, registry, [day])
  now = day.end
  return publish()
}
const fullSeconds = await publish()
const dailySeconds = await publishDay()
const megabytes = peakMegabytes(process.pid)

const queries = createQueries()
let url = ''
const publication = createPublication({
  ...{ registry, published, folder: publications, queries },
  baseUrl: () => url,
  dueAt: () => undefined,
})
const wallClock = { now: () => Date.now(), elapsed: () => performance.now() }
const hub = await startHub({ publication, clock: wallClock })
url = hub.url
const ingest = await startIngest({
  ...{ bus: hub.peer, store: readings, quarantine: hub.quarantine, log },
  clock: wallClock,
})
let stored = 0
ingest.onStored(({ times }) => {
  stored += times.length
})
let publishing = false
let underWay: Promise<unknown> = Promise.resolve()
process.on('message', async (message: HubMessage) => {
  if (message !== 'stored') {
    publishing = message === 'publish'
    if (publishing) underWay = publishOn()
    else await underWay
  }
  process.send!(stored)
})
async function publishOn() {
  while (publishing) await publishDay()
}

const { rows } = published.latest('fluides-jour')!.version
const { brokerUrl } = hub
process.send!({ url, brokerUrl, fullSeconds, dailySeconds, megabytes, rows } satisfies HubReady)
process.on('SIGTERM', async () => {
  await ingest.close()
  await hub.close()
  await publisher.close()
  await Promise.all([figures.close(), queries.close(), readings.close(), records.close()])
  process.exit()
})
