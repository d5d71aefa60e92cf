import { measureAlertPath } from './alert-path/alert-path.ts'
import { compareAlerts } from './alerts/alerts.ts'
import { measureCharts } from './charts/charts.ts'
import type { Benchmark } from './figures.ts'
import { compareFluids } from './fluids/fluids.ts'
import { measureFootprint } from './footprint/footprint.ts'
import { compareGateways } from './gateway/gateway.ts'
import { measureGrowth } from './growth/growth.ts'
import { compareIngest } from './ingest/ingest.ts'
import { compareOpcua } from './opcua/opcua.ts'
import { compareOpenData } from './open-data/open-data.ts'
import { measureOutbox } from './outbox/outbox.ts'

export interface BenchmarkOptions {
  /** Where the profiles of our processes go (`node --cpu-prof`). */
  profileFolder?: string
  /** Not the scaled-down size that suits a trial. */
  full?: boolean
}

export const BENCHMARKS: Record<string, (options: BenchmarkOptions) => Benchmark> = {
  'alert-path': measureAlertPath,
  alerts: compareAlerts,
  charts: measureCharts,
  fluids: compareFluids,
  footprint: measureFootprint,
  gateway: compareGateways,
  ingest: compareIngest,
  growth: measureGrowth,
  'open-data': compareOpenData,
  opcua: compareOpcua,
  outbox: measureOutbox,
}
