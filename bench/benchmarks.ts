import type { Benchmark } from './figures.ts'
import { compareIngest } from './ingest/ingest.ts'
import { measureOutbox } from './outbox/outbox.ts'

export interface BenchmarkOptions {
  /** Where the profiles of our processes go (`node --cpu-prof`). */
  profileFolder?: string
}

export const BENCHMARKS: Record<string, (options: BenchmarkOptions) => Benchmark> = {
  ingest: compareIngest,
  outbox: measureOutbox,
}
