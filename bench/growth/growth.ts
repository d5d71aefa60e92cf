import type { BenchmarkOptions } from '../benchmarks.ts'
import { type Benchmark, formatNumber } from '../figures.ts'
import { runSide, type Side } from '../ingest/run-side.ts'

const EMBEDDED: Side = { name: 'embedded', by: 'affluent', store: 'embedded', format: 'columns' }
const INFLUXDB: Side = { name: 'influxdb', by: 'affluent', store: 'influxdb', format: 'columns' }

/** By the number of points; the last one of InfluxDB takes minutes, and runs with `--full` only. */
const POINTS = [1_000, 10_000, 100_000, 1_000_000]
const READINGS = 1_000_000

/** What it costs to take in a million readings, by the number of points that they come from. */
export function measureGrowth({ profileFolder, full = false }: BenchmarkOptions): Benchmark {
  return {
    peers: ['mosquitto', 'influxdb'],
    async round(print) {
      const figures: Record<string, number> = {}
      for (const side of [EMBEDDED, INFLUXDB]) {
        for (const series of side === INFLUXDB && !full ? POINTS.slice(0, -1) : POINTS) {
          const size = { series, readings: READINGS, readingsPerMessage: 50 }
          const outcome = await runSide(side, size, profileFolder)
          const name = `growth-${side.name}-${series}`
          figures[name] = outcome.readingsPerSecond
          figures[`${name}-first`] = outcome.firstReadingsPerSecond
          figures[`${name}-cpu`] = outcome.cpuSecondsPerMillion + outcome.influxdbCpuSecondsPerMillion
          figures[`${name}-memory`] = outcome.peakMegabytes
          if (side === EMBEDDED) figures[`${name}-file`] = outcome.fileMegabytes
          const told = Object.entries(outcome).map(([key, value]) => `${key} ${formatNumber(value)}`)
          print(`${side.name}, ${formatNumber(series)} points: ${told.join(', ')}`)
        }
      }
      return { figures, ratios: {} }
    },
  }
}
