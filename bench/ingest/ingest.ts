import type { BenchmarkOptions } from '../benchmarks.ts'
import { type Benchmark, formatNumber } from '../figures.ts'
import { type Outcome, runSide, type Side } from './run-side.ts'

const OURS_INFLUXDB: Side = {
  name: 'affluent → InfluxDB',
  by: 'affluent',
  store: 'influxdb',
  format: 'columns',
}
const OURS_EMBEDDED: Side = {
  name: 'affluent, embedded',
  by: 'affluent',
  store: 'embedded',
  format: 'columns',
}
const OURS_OBJECTS: Side = {
  name: 'affluent → InfluxDB, JSON through a mapping',
  by: 'affluent',
  store: 'influxdb',
  format: 'objects',
}
const OURS_EMBEDDED_OBJECTS: Side = {
  name: 'affluent, embedded, JSON through a mapping',
  by: 'affluent',
  store: 'embedded',
  format: 'objects',
}
const OBJECTS: Side = { name: 'telegraf, JSON', by: 'telegraf', store: 'influxdb', format: 'objects' }
const LINES: Side = { name: 'telegraf, line protocol', by: 'telegraf', store: 'influxdb', format: 'lines' }

const BATCHES = { readings: 1_000_000, readingsPerMessage: 50 }
/** Of JSON through a mapping, which two of our processes share in. */
const MAPPED = { readings: 500_000, readingsPerMessage: 50 }
const SINGLE = { readings: 200_000, readingsPerMessage: 1 }

/** Mosquitto → our ingest → InfluxDB or the embedded store, against Mosquitto → Telegraf → InfluxDB. */
export function compareIngest({ profileFolder }: BenchmarkOptions): Benchmark {
  return {
    peers: ['mosquitto', 'influxdb', 'telegraf'],
    async round(print) {
      const run = async (side: Side, size: typeof BATCHES): Promise<Outcome> => {
        const outcome = await runSide(side, size, profileFolder)
        print(`${side.name}, ${size.readingsPerMessage} a message: ${describe(outcome)}`)
        return outcome
      }
      const influxdb = await run(OURS_INFLUXDB, BATCHES)
      const objects = await run(OBJECTS, BATCHES)
      const embedded = await run(OURS_EMBEDDED, BATCHES)
      const lines = await run(LINES, BATCHES)
      const single = await run(OURS_EMBEDDED, SINGLE)
      const singleObjects = await run(OBJECTS, SINGLE)
      const mapped = await run(OURS_OBJECTS, MAPPED)
      const embeddedMapped = await run(OURS_EMBEDDED_OBJECTS, MAPPED)
      return {
        figures: {},
        ratios: {
          'ingest-influxdb': influxdb.readingsPerSecond / objects.readingsPerSecond,
          'ingest-influxdb-lines': influxdb.readingsPerSecond / lines.readingsPerSecond,
          'ingest-influxdb-objects': mapped.readingsPerSecond / objects.readingsPerSecond,
          'ingest-influxdb-cpu': allCpu(objects) / allCpu(influxdb),
          'ingest-influxdb-memory': objects.peakMegabytes / influxdb.peakMegabytes,
          'ingest-embedded': embedded.readingsPerSecond / objects.readingsPerSecond,
          'ingest-embedded-lines': embedded.readingsPerSecond / lines.readingsPerSecond,
          'ingest-embedded-objects': embeddedMapped.readingsPerSecond / objects.readingsPerSecond,
          'ingest-embedded-cpu': allCpu(objects) / allCpu(embedded),
          'ingest-single': single.readingsPerSecond / singleObjects.readingsPerSecond,
          'ingest-single-cpu': allCpu(singleObjects) / allCpu(single),
        },
      }
    },
  }
}

function allCpu({ cpuSecondsPerMillion, influxdbCpuSecondsPerMillion }: Outcome): number {
  return cpuSecondsPerMillion + influxdbCpuSecondsPerMillion
}

function describe(outcome: Outcome): string {
  const { readingsPerSecond, cpuSecondsPerMillion, influxdbCpuSecondsPerMillion, peakMegabytes } = outcome
  const influxdb =
    influxdbCpuSecondsPerMillion > 0 ? ` + InfluxDB ${formatNumber(influxdbCpuSecondsPerMillion)}` : ''
  return (
    `${formatNumber(readingsPerSecond)} readings/s, ` +
    `${formatNumber(cpuSecondsPerMillion)}${influxdb} CPU s a million, peak ${formatNumber(peakMegabytes)} MB`
  )
}
