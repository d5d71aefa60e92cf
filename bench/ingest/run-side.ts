import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerProgram } from '../../test/peers/cache.ts'
import { type InfluxdbPeer, startInfluxdb } from '../../test/peers/influxdb.ts'
import { type MosquittoPeer, startMosquitto } from '../../test/peers/mosquitto.ts'
import { runPeer, untilReady } from '../../test/peers/process.ts'
import { publish } from '../load/publisher.ts'
import { type Load, makeLoads } from '../load/readings.ts'
import { cpuSeconds, peakMegabytes } from '../process-usage.ts'
import { countInFile, countInInfluxdb, untilStored } from './count.ts'
import { type Subject, startHub } from './hub.ts'
import { telegrafConfig } from './telegraf.ts'

export interface Side {
  name: string
  by: 'affluent' | 'telegraf'
  store: 'influxdb' | 'embedded'
  format: 'columns' | 'objects' | 'lines'
}

/** One run of one side: everything was stored, and what that took. */
export interface Outcome {
  readingsPerSecond: number
  /** While the store meets each series for the first time. */
  firstReadingsPerSecond: number
  /** Of ingest or Telegraf, and of InfluxDB, for a million readings. */
  cpuSecondsPerMillion: number
  influxdbCpuSecondsPerMillion: number
  /** Of ingest or Telegraf, the embedded store included. */
  peakMegabytes: number
  /** Of the embedded store. */
  fileMegabytes: number
}

/** Everything of a run is new: broker, store and process. */
export async function runSide(
  side: Side,
  size: { readings: number; readingsPerMessage: number; series?: number },
  profileFolder?: string,
): Promise<Outcome> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'affluent-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const broker = stack.adopt(await startMosquitto(), peer => peer.close())
  const influxdb =
    side.store === 'influxdb' ? stack.adopt(await startInfluxdb(), peer => peer.close()) : undefined
  const subject =
    side.by === 'affluent'
      ? await startHub({ brokerUrl: broker.url, folder, influxdb }, profileFolder)
      : await startTelegraf(broker, influxdb!, folder, side, size.readingsPerMessage)
  stack.defer(subject.close)
  // Telegraf says that it is connected just before it subscribes: this takes far longer.
  const { warmUp, measured } = makeLoads({ format: side.format, ...size })
  const met = performance.now()
  await carry(side, warmUp, broker, warmUp.readings, influxdb)
  const firstSeconds = (performance.now() - met) / 1000

  const all = warmUp.readings + measured.readings
  const pids = [subject.pid, ...(influxdb ? [influxdb.pid] : [])]
  const before = pids.map(cpuSeconds)
  const started = performance.now()
  await carry(side, measured, broker, all, influxdb)
  const seconds = (performance.now() - started) / 1000
  const spent = pids.map((pid, i) => ((cpuSeconds(pid) - before[i]!) * 1e6) / measured.readings)
  const peak = peakMegabytes(subject.pid)
  await subject.close()
  const file = join(folder, 'readings.duckdb')
  const stored = influxdb ? await countInInfluxdb(influxdb) : await countInFile(file)
  if (stored !== all) throw new Error(`${side.name}: ${stored} of ${all} readings are stored`)
  return {
    readingsPerSecond: measured.readings / seconds,
    firstReadingsPerSecond: warmUp.readings / firstSeconds,
    cpuSecondsPerMillion: spent[0]!,
    influxdbCpuSecondsPerMillion: spent[1] ?? 0,
    peakMegabytes: peak,
    fileMegabytes: influxdb ? 0 : (await stat(file)).size / 1024 ** 2,
  }
}

/** Resolves when the load is stored, and with it `stored` readings in all. */
async function carry(
  side: Side,
  load: Load,
  broker: MosquittoPeer,
  stored: number,
  influxdb?: InfluxdbPeer,
): Promise<void> {
  if (side.by === 'affluent') return publish(broker.port, load, true)
  await publish(broker.port, load, false)
  await untilStored(influxdb!, load.last, stored)
}

async function startTelegraf(
  broker: MosquittoPeer,
  influxdb: InfluxdbPeer,
  folder: string,
  { format }: Side,
  readingsPerMessage: number,
): Promise<Subject> {
  const file = join(folder, 'telegraf.conf')
  const settings = { brokerUrl: broker.url, influxdb, readingsPerMessage }
  await writeFile(file, telegrafConfig({ ...settings, format: format === 'lines' ? 'lines' : 'objects' }))
  const peer = runPeer(peerProgram('telegraf'), ['--config', file])
  await untilReady(peer, async () => (peer.output().includes('Connected') ? true : undefined))
  return { pid: peer.child.pid!, close: peer.close }
}
