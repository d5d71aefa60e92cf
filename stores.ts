import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from './model/clock.ts'
import type { Registry } from './registry/registry.ts'
import type { Settings } from './registry/settings.ts'
import type { EmbeddedStoreOptions } from './store/embedded/readings.ts'
import type { FigureStore } from './store/figures.ts'
import type { ForecastStore } from './store/forecasts.ts'
import type { PointUnits } from './store/point-units.ts'
import type { PurchaseStore } from './store/purchases.ts'
import type { Quarantine } from './store/quarantine.ts'
import type { ReadingStore, SharedReadingStore } from './store/readings.ts'
import type { RecordStore } from './store/records.ts'
import type { RevisionStore } from './store/revisions.ts'
import type { StatementStore } from './store/statements.ts'

/** The stores of a process, each loaded and opened by the first part that needs it. */
export interface Stores {
  readings(): Promise<ReadingStore & Partial<SharedReadingStore>>
  figures(): Promise<FigureStore>
  records(): Promise<RecordStore>
  statements(): Promise<StatementStore>
  revisions(): Promise<RevisionStore>
  purchases(): Promise<PurchaseStore>
  forecasts(): Promise<ForecastStore>
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
    readings: lazily<ReadingStore & Partial<SharedReadingStore>>(async () => {
      if (store.kind === 'influxdb') {
        const { openInfluxReadingStore } = await import('./store/influxdb/readings.ts')
        return keep(await openInfluxReadingStore({ ...store, timeZone, log, mayCommit }))
      }
      const { openEmbeddedReadingStore } = await import('./store/embedded/readings.ts')
      return keep(
        await openEmbeddedReadingStore({
          file: at('readings.duckdb'),
          timeZone,
          memoryLimit: store.memoryLimit,
          ...keepReadings(expires ? store.retention : undefined, registry, clock),
          log,
        }),
      )
    }),
    figures: lazily(async () => {
      const { openFigureStore } = await import('./store/figures/figure-store.ts')
      const own = await openFigureStore({ file: at('figures.duckdb'), log })
      if (store.kind === 'embedded') return keep(own)
      const { copyConsumption } = await import('./store/influxdb/consumption.ts')
      const stepsPerUnit = (meter: string) => registry.meters.get(meter)?.stepsPerUnit ?? 1
      return keep(copyConsumption({ ...store, figures: own, stepsPerUnit }))
    }),
    units: lazily(async () => {
      const { openPointUnits } = await import('./store/point-units.ts')
      return keep(openPointUnits({ file: at('units.sqlite') }))
    }),
    records: lazily(async () => {
      const { openRecordStore } = await import('./store/records/record-store.ts')
      return keep(openRecordStore({ file: at('records.sqlite') }))
    }),
    statements: lazily(async () => {
      const { openStatementStore } = await import('./store/statements/statement-store.ts')
      return keep(openStatementStore({ file: at('statements.sqlite') }))
    }),
    revisions: lazily(async () => {
      const { openRevisionStore } = await import('./store/revisions.ts')
      return keep(openRevisionStore({ file: at('revisions.sqlite') }))
    }),
    purchases: lazily(async () => {
      const { openPurchaseStore } = await import('./store/purchases.ts')
      return keep(openPurchaseStore({ file: at('purchases.sqlite') }))
    }),
    forecasts: lazily(async () => {
      const { openForecastStore } = await import('./store/forecasts.ts')
      return keep(openForecastStore({ file: at('forecasts.sqlite') }))
    }),
    quarantine: lazily(async () => {
      const { openQuarantine } = await import('./store/quarantine/quarantine-store.ts')
      return keep(await openQuarantine({ folder: at('quarantine'), ...quarantine, clock }))
    }),
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
