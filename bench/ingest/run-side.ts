import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerProgram } from '../../test/peers/cache.ts'
import { type InfluxdbPeer, startInfluxdb } from '../../test/peers/influxdb.ts'
import { type MosquittoPeer, startMosquitto } from '../../test/peers/mosquitto.ts'
import { runPeer, untilReady } from '../../test/peers/process.ts'
import { publish } from '../load/publisher.ts'
import { type Load, makeLoads, SERIES } from '../load/readings.ts'
import { describeTerritory } from '../load/territory.ts'
import { cpuSeconds, peakMegabytes } from '../process-usage.ts'
import type { Subject } from '../processes.ts'
import { countInFile, countInInfluxdb, untilStored } from './count.ts'
import { startGatewayProcess, startHub } from './hub.ts'
import { telegrafConfig } from './telegraf.ts'

export interface Side {
  name: string
  by: 'affluent' | 'telegraf'
  store: 'influxdb' | 'embedded'
  format: 'columns' | 'objects' | 'lines'
}

export interface Size {
  readings: number
  readingsPerMessage: number
  series?: number
}

/** One run of one side: everything was stored, and what that took. */
export interface Outcome {
  readingsPerSecond: number
  /** While the store meets each series for the first time. */
  firstReadingsPerSecond: number
  /** Of ingest or Telegraf, and of InfluxDB, for a million readings. */
  cpuSecondsPerMillion: number
  influxdbCpuSecondsPerMillion: number
  /** Of ingest or Telegraf, the embedded store included, and the gateway where there is one. */
  peakMegabytes: number
  /** Of the embedded store. */
  fileMegabytes: number
}

/** Everything of a run is new: broker, store and process. */
export async function runSide(side: Side, size: Size, profileFolder?: string): Promise<Outcome> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'affluent-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const broker = stack.adopt(await startMosquitto(), peer => peer.close())
  const influxdb =
    side.store === 'influxdb' ? stack.adopt(await startInfluxdb(), peer => peer.close()) : undefined
  const { subjects, carry } = await startSide(side, size, { broker, influxdb, folder, profileFolder })
  for (const subject of subjects) stack.defer(subject.close)
  // Telegraf says that it is connected just before it subscribes: this takes far longer.
  const { warmUp, measured } = makeLoads({ format: side.format, ...size })
  const met = performance.now()
  await carry(warmUp, warmUp.readings)
  const firstSeconds = (performance.now() - met) / 1000

  const all = warmUp.readings + measured.readings
  const cpu = () => subjects.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0)
  const influxdbCpu = () => (influxdb ? cpuSeconds(influxdb.pid) : 0)
  const before = { own: cpu(), influxdb: influxdbCpu() }
  const started = performance.now()
  await carry(measured, all)
  const seconds = (performance.now() - started) / 1000
  const perMillion = (spent: number) => (spent * 1e6) / measured.readings
  const own = perMillion(cpu() - before.own)
  const ofInfluxdb = perMillion(influxdbCpu() - before.influxdb)
  const peak = subjects.reduce((sum, { pid }) => sum + peakMegabytes(pid), 0)
  for (const subject of subjects) await subject.close()
  const file = join(folder, 'readings.duckdb')
  const stored = influxdb ? await countInInfluxdb(influxdb) : await countInFile(file)
  if (stored !== all) throw new Error(`${side.name}: ${stored} of ${all} readings are stored`)
  return {
    readingsPerSecond: measured.readings / seconds,
    firstReadingsPerSecond: warmUp.readings / firstSeconds,
    cpuSecondsPerMillion: own,
    influxdbCpuSecondsPerMillion: ofInfluxdb,
    peakMegabytes: peak,
    fileMegabytes: influxdb ? 0 : (await stat(file)).size / 1024 ** 2,
  }
}

interface Peers {
  broker: MosquittoPeer
  influxdb?: InfluxdbPeer
  folder: string
  profileFolder?: string
}

interface RunningSide {
  /** The processes that are measured; closed in this order. */
  subjects: Subject[]
  /** Resolves when the load is stored, and with it `stored` readings in all. */
  carry(load: Load, stored: number): Promise<void>
}

async function startSide(side: Side, size: Size, peers: Peers): Promise<RunningSide> {
  const { broker, influxdb, folder, profileFolder } = peers
  const { port, url: brokerUrl } = broker
  if (side.by === 'telegraf') {
    const telegraf = await startTelegraf(broker, influxdb!, folder, side, size.readingsPerMessage)
    return {
      subjects: [telegraf],
      async carry(load, stored) {
        await publish(port, load, false)
        await untilStored(influxdb!, load.last, stored)
      },
    }
  }
  const hub = await startHub(
    { brokerUrl, folder, influxdb, counts: side.format === 'objects' },
    profileFolder,
  )
  if (side.format === 'columns') return { subjects: [hub], carry: load => publish(port, load, true) }
  const registryFile = join(folder, 'territory.yaml')
  await writeFile(registryFile, describeTerritory(brokerUrl, size.series ?? SERIES))
  const gateway = await startGatewayProcess({ brokerUrl, folder, registryFile }, profileFolder)
  return {
    subjects: [gateway, hub],
    async carry(load, stored) {
      await publish(port, load, false)
      await hub.untilStored(stored)
    },
  }
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
