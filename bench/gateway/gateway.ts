import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { openOutbox } from '../../bus/outbox.ts'
import type { Reading } from '../../model/reading.ts'
import { peerProgram } from '../../test/peers/cache.ts'
import { runPeer } from '../../test/peers/process.ts'
import type { BenchmarkOptions } from '../benchmarks.ts'
import { type Benchmark, formatNumber, quantile } from '../figures.ts'
import { cpuSeconds, peakMegabytes } from '../process-usage.ts'
import { type Subject, startProcess } from '../processes.ts'
import type { Asked } from './devices-process.ts'
import { telegrafConfig } from './telegraf.ts'
import { writeTerritory } from './territory.ts'

interface Size {
  devices: number
  points: number
}

const SIZES: Record<string, Size> = {
  '100x1000': { devices: 100, points: 1000 },
  '1000x30': { devices: 1000, points: 30 },
}
/** Until every connection is made and every cycle runs. */
const WARM_UP_MS = 15_000
const MEASURED_MS = 20_000

interface Outcome {
  /** Of a core. */
  cores: number
  peakMegabytes: number
  registersPerSecond: number
  /** Of the cycles that were due, at each device every second. */
  missedCycles: number
  jitterP99Ms: number
}

type Start = (ports: readonly number[], points: number, folder: string) => Promise<Subject>

/** Modbus devices → our gateway, its journal on, without a hub, against Telegraf's `inputs.modbus`, which keeps nothing. */
export function compareGateways({ profileFolder }: BenchmarkOptions): Benchmark {
  const sides: Record<'affluent' | 'telegraf', Start> = {
    affluent: (ports, points, folder) => startAffluent(ports, points, folder, profileFolder),
    telegraf: startTelegraf,
  }
  return {
    peers: ['telegraf'],
    async round(print) {
      const ratios: Record<string, number> = {}
      const figures: Record<string, number> = {}
      for (const [name, size] of Object.entries(SIZES)) {
        const run = async (side: 'affluent' | 'telegraf') => {
          const outcome = await measure(size, sides[side])
          print(`${side}, ${name}: ${describe(outcome)}`)
          return outcome
        }
        const ours = await run('affluent')
        const theirs = await run('telegraf')
        ratios[`gateway-cpu-${name}`] = theirs.cores / ours.cores
        ratios[`gateway-memory-${name}`] = theirs.peakMegabytes / ours.peakMegabytes
        figures[`gateway-missed-cycles-${name}`] = ours.missedCycles
        figures[`gateway-jitter-p99-ms-${name}`] = ours.jitterP99Ms
      }
      return { figures, ratios }
    },
  }
}

async function measure({ devices, points }: Size, start: Start): Promise<Outcome> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'affluent-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const program = new URL('devices-process.ts', import.meta.url)
  const { child, ready: ports, subject: served } = await startProcess<number[]>(program, { devices })
  stack.defer(served.close)
  const subject = await start(ports, points, folder)
  stack.defer(subject.close)

  await pause(WARM_UP_MS)
  child.send('count')
  const before = cpuSeconds(subject.pid)
  const began = performance.now()
  await pause(MEASURED_MS)
  const seconds = (performance.now() - began) / 1000
  const cores = (cpuSeconds(subject.pid) - before) / seconds
  child.send('report')
  const [asked] = (await once(child, 'message')) as [Asked]
  const peak = peakMegabytes(subject.pid)
  await subject.close()
  const due = Math.floor(seconds) * devices
  const jitters = asked.jitters.sort((a, b) => a - b)
  return {
    cores,
    peakMegabytes: peak,
    registersPerSecond: asked.registers / seconds,
    missedCycles: Math.max(0, due - asked.cycles),
    jitterP99Ms: quantile(jitters, 0.99) ?? Number.NaN,
  }
}

async function startAffluent(
  ports: readonly number[],
  points: number,
  folder: string,
  profileFolder?: string,
): Promise<Subject> {
  const registryFile = await writeTerritory(folder, ports, points)
  const program = new URL('../ingest/gateway-process.ts', import.meta.url)
  const settings = { brokerUrl: 'mqtt://127.0.0.1:1', folder, registryFile, isAlone: true }
  const { subject } = await startProcess(program, settings, profileFolder)
  return {
    pid: subject.pid,
    async close() {
      await subject.close()
      await refuseEmpty(join(folder, 'outbox'))
    },
  }
}

/** The journal must hold what was read. */
async function refuseEmpty(folder: string): Promise<void> {
  const outbox = await openOutbox<Reading>({ folder, stream: 'measures', log: pino({ level: 'silent' }) })
  const { next } = outbox
  await outbox.close()
  if (next === 1) throw new Error('the gateway has journalled nothing')
}

async function startTelegraf(ports: readonly number[], points: number, folder: string): Promise<Subject> {
  const file = join(folder, 'telegraf.conf')
  await writeFile(file, telegrafConfig(ports, points))
  const peer = runPeer(peerProgram('telegraf'), ['--config', file])
  return { pid: peer.child.pid!, close: peer.close }
}

function describe({ cores, peakMegabytes, registersPerSecond, missedCycles, jitterP99Ms }: Outcome): string {
  const [share, memory, rate] = [cores, peakMegabytes, registersPerSecond].map(formatNumber)
  return `${share} cores, peak ${memory} MB, ${rate} registers/s, ${missedCycles} cycles missed, jitter p99 ${formatNumber(jitterP99Ms)} ms`
}
