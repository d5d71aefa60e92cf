import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { openOutbox } from '../../bus/outbox.ts'
import type { Reading } from '../../model/reading.ts'
import { peerProgram } from '../../test/peers/cache.ts'
import { freePort, runPeer } from '../../test/peers/process.ts'
import type { BenchmarkOptions } from '../benchmarks.ts'
import { type Benchmark, formatNumber, quantile } from '../figures.ts'
import { cpuSeconds, peakMegabytes } from '../process-usage.ts'
import { type Subject, startProcess } from '../processes.ts'
import { countNotifications } from './notifications.ts'
import { telegrafConfig } from './telegraf.ts'
import { NODES, writeTerritory } from './territory.ts'

/** Until every variable is watched. */
const WARM_UP_MS = 30_000
const MEASURED_MS = 20_000

interface Side extends Subject {
  /** How late the values came that were journalled between two instants, ms UTC; called after the end. */
  delays?(from: number, to: number): Promise<number[]>
}

interface Outcome {
  /** Of a core. */
  cores: number
  peakMegabytes: number
  missedValues: number
  delayP99Ms?: number
}

type Start = (place: { folder: string; registryFile: string; port: number }) => Promise<Side>

/** An OPC-UA server → our gateway, its journal on, without a hub, against Telegraf's `opcua_listener`, which keeps nothing. */
export function compareOpcua({ profileFolder }: BenchmarkOptions): Benchmark {
  const sides: Record<'affluent' | 'telegraf', Start> = {
    affluent: place => startAffluent(place, profileFolder),
    telegraf: startTelegraf,
  }
  return {
    peers: ['telegraf'],
    async round(print) {
      const run = async (side: 'affluent' | 'telegraf') => {
        const outcome = await measure(sides[side])
        print(`${side}: ${describe(outcome)}`)
        return outcome
      }
      const ours = await run('affluent')
      const theirs = await run('telegraf')
      return {
        figures: {
          'opcua-missed-values': ours.missedValues,
          'opcua-missed-values-telegraf': theirs.missedValues,
          'opcua-delay-p99-ms': ours.delayP99Ms!,
        },
        ratios: {
          'opcua-cpu': theirs.cores / ours.cores,
          'opcua-memory': theirs.peakMegabytes / ours.peakMegabytes,
        },
      }
    },
  }
}

async function measure(start: Start): Promise<Outcome> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'affluent-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  const registryFile = await writeTerritory(folder, port)
  const program = new URL('server-process.ts', import.meta.url)
  const server = await startProcess(program, { folder: join(folder, 'pki'), registryFile, port })
  stack.defer(server.subject.close)
  const side = await start({ folder, registryFile, port })
  stack.defer(side.close)

  await pause(WARM_UP_MS)
  const sentBefore = await countNotifications(port)
  const before = cpuSeconds(side.pid)
  const from = Date.now()
  await pause(MEASURED_MS)
  const to = Date.now()
  const cores = ((cpuSeconds(side.pid) - before) * 1000) / (to - from)
  const sent = (await countNotifications(port)) - sentBefore
  const peak = peakMegabytes(side.pid)
  await side.close()
  const delays = await side.delays?.(from, to)
  const due = Math.floor((to - from) / 1000) * NODES
  return {
    cores,
    peakMegabytes: peak,
    missedValues: Math.max(0, due - (delays?.length ?? sent)),
    delayP99Ms: delays && quantile(delays, 0.99),
  }
}

async function startAffluent(
  { folder, registryFile }: Parameters<Start>[0],
  profileFolder?: string,
): Promise<Side> {
  const program = new URL('../ingest/gateway-process.ts', import.meta.url)
  const settings = { brokerUrl: 'mqtt://127.0.0.1:1', folder, registryFile, isAlone: true }
  const { subject } = await startProcess(program, settings, profileFolder)
  return {
    ...subject,
    async delays(from, to) {
      const outbox = await openOutbox<Reading>({
        folder: join(folder, 'outbox'),
        stream: 'measures',
        log: pino({ level: 'silent' }),
      })
      const delays: number[] = []
      for (let next = 1; ; ) {
        const slice = outbox.read(next, 10_000)
        if (!slice) break
        for (const { gatewayTime, time, quality } of slice.entries)
          if (quality === 'good' && gatewayTime >= from && gatewayTime < to) delays.push(gatewayTime - time)
        next = slice.first + slice.entries.length
      }
      await outbox.close()
      return delays.sort((a, b) => a - b)
    },
  }
}

async function startTelegraf({ folder, port }: Parameters<Start>[0]): Promise<Side> {
  const file = join(folder, 'telegraf.conf')
  await writeFile(file, telegrafConfig(port))
  const peer = runPeer(peerProgram('telegraf'), ['--config', file])
  return { pid: peer.child.pid!, close: peer.close }
}

function describe({ cores, peakMegabytes, missedValues, delayP99Ms }: Outcome): string {
  const [share, memory] = [cores, peakMegabytes].map(formatNumber)
  const delay = delayP99Ms === undefined ? '' : `, delay p99 ${formatNumber(delayP99Ms)} ms`
  return `${share} cores, peak ${memory} MB, ${missedValues} values missed${delay}`
}
