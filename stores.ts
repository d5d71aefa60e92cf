import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from './model/clock.ts'
import type { Registry } from './registry/registry.ts'
import type { Settings } from './registry/settings.ts'
import { type EmbeddedStoreOptions, openEmbeddedReadingStore } from './store/embedded/readings.ts'
import { openFigureStore } from './store/figures/figure-store.ts'
import type { FigureStore } from './store/figures.ts'
import { copyConsumption } from './store/influxdb/consumption.ts'
import { openInfluxReadingStore } from './store/influxdb/readings.ts'
import { openPointUnits, type PointUnits } from './store/point-units.ts'
import { openQuarantine } from './store/quarantine/quarantine-store.ts'
import type { Quarantine } from './store/quarantine.ts'
import type { ReadingStore, SharedReadingStore } from './store/readings.ts'
import { openRecordStore } from './store/records/record-store.ts'
import type { RecordStore } from './store/records.ts'

/** The stores of a process, each opened by the first part that needs it. */
export interface Stores {
  readings(): Promise<ReadingStore & Partial<SharedReadingStore>>
  figures(): Promise<FigureStore>
  records(): Promise<RecordStore>
  quarantine(): Promise<Quarantine>
  units(): Promise<PointUnits>
}

/** Opens what the settings name; `keep` sees each store once, when it is open, and closes it in its time. */
export function lazyStores(options: {
  settings: Settings
  registry: Registry
  clock: Clock
  log: Logger
  /** See {@link openInfluxReadingStore}. */
  mayCommit?: () => boolean
  /** Whether retention is at work: in the hub, not in a command. */
  expires?: boolean
  keep<T extends { close(): unknown }>(store: T): T
}): Stores {
  const { settings, registry, clock, log, mayCommit, expires = false, keep } = options
  const { store, data, quarantine } = settings
  const { timeZone } = registry.territory
  const at = (name: string) => join(data, name)
  return {
    readings: lazily<ReadingStore & Partial<SharedReadingStore>>(async () =>
      keep(
        store.kind === 'influxdb'
          ? await openInfluxReadingStore({ ...store, timeZone, log, mayCommit })
          : await openEmbeddedReadingStore({
              file: at('readings.duckdb'),
              timeZone,
              memoryLimit: store.memoryLimit,
              ...keepReadings(expires ? store.retention : undefined, registry, clock),
              log,
            }),
      ),
    ),
    figures: lazily(async () => {
      const own = await openFigureStore({ file: at('figures.duckdb'), log })
      if (store.kind === 'embedded') return keep(own)
      const stepsPerUnit = (meter: string) => registry.meters.get(meter)?.stepsPerUnit ?? 1
      return keep(copyConsumption({ ...store, figures: own, stepsPerUnit }))
    }),
    units: lazily(async () => keep(openPointUnits({ file: at('units.sqlite') }))),
    records: lazily(async () => keep(openRecordStore({ file: at('records.sqlite') }))),
    quarantine: lazily(async () =>
      keep(await openQuarantine({ folder: at('quarantine'), ...quarantine, clock })),
    ),
  }
}

/** Only what is known as no index is ever deleted: not what the registry does not know. */
function keepReadings(
  settings: { measures: number } | undefined,
  registry: Registry,
  clock: Clock,
): Pick<EmbeddedStoreOptions, 'indexes' | 'retention'> {
  const points = [...registry.points.values()]
  const idsOf = (isIndex: boolean) =>
    points.filter(({ quantity }) => (quantity.kind === 'index') === isIndex).map(({ id }) => id)
  return {
    indexes: idsOf(true),
    retention: settings && { keepMs: settings.measures, points: idsOf(false), clock },
  }
}

function lazily<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined
  return () => {
    opened ??= open()
    return opened
  }
}
