import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import { connectBus } from '../../bus/client.ts'
import type { Outbox } from '../../bus/contract.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { startSender } from '../../bus/sender.ts'
import type { Clock } from '../../model/clock.ts'
import type { Reading } from '../../model/reading.ts'
import { startMosquitto } from '../../test/peers/mosquitto.ts'
import type { BenchmarkOptions } from '../benchmarks.ts'
import { type Benchmark, formatNumber } from '../figures.ts'
import { startHub } from '../ingest/hub.ts'
import { watchDelays } from './delays.ts'

const clock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }
const log: Logger = pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true }))

const APPENDS = [
  { name: 'single', group: 1, readings: 100_000 },
  { name: '50', group: 50, readings: 500_000 },
  { name: '500', group: 500, readings: 500_000 },
]
const SERIES = 1000
const START = Date.UTC(2026, 10, 1)
/** Live data beside the backlog, 10,000 readings/s: a group every 50 ms. */
const LIVE = { group: 500, everyMs: 50 }
/** What 10,000 readings/s leave in an hour; by default a twentieth of it. */
const HOUR = 36_000_000
const DRAIN_DEADLINE_MS = 120_000

/**
 * Appends with the default durability, and the backlog of an outage that drains through Mosquitto into the
 * embedded store while live data flows.
 */
export function measureOutbox({ profileFolder, full = false }: BenchmarkOptions): Benchmark {
  return {
    peers: ['mosquitto'],
    async round(print) {
      const figures: Record<string, number> = {}
      for (const { name, group, readings } of APPENDS) {
        const rate = await measureAppends(group, readings)
        print(`appends in groups of ${group}: ${formatNumber(rate)} readings/s`)
        figures[`outbox-append-${name}`] = rate
      }
      const backlog = full ? HOUR : HOUR / 20
      const { rate, p50, p99 } = await measureDrain(backlog, profileFolder)
      print(
        `backlog of ${formatNumber(backlog)}: ${formatNumber(rate)} readings/s, ` +
          `live data stored after ${formatNumber(p50)} ms (median), ${formatNumber(p99)} ms (p99)`,
      )
      figures['outbox-drain'] = rate
      figures['outbox-drain-live-p50-ms'] = p50
      figures['outbox-drain-live-p99-ms'] = p99
      return { figures, ratios: {} }
    },
  }
}

async function measureAppends(group: number, readings: number): Promise<number> {
  await using stack = new AsyncDisposableStack()
  const outbox = await openTemporaryOutbox(stack)
  const groups = Array.from({ length: readings / group }, (_, i) => makeReadings(i * group, group))
  const started = performance.now()
  for (const entries of groups) outbox.append(entries)
  return (readings * 1000) / (performance.now() - started)
}

async function measureDrain(backlog: number, profileFolder?: string) {
  await using stack = new AsyncDisposableStack()
  const folder = await temporaryFolder(stack)
  const broker = stack.adopt(await startMosquitto(), peer => peer.close())
  const hub = await startHub({ brokerUrl: broker.url, folder }, profileFolder)
  stack.defer(hub.close)
  const outbox = await openTemporaryOutbox(stack)
  for (let n = 0; n < backlog; n += 500) outbox.append(makeReadings(n, 500))

  const bus = stack.adopt(await connectBus({ url: broker.url, clientId: 'gateway', log }), made =>
    made.close(),
  )
  const watched = watchDelays(outbox, clock)
  const drained = watched.until(backlog)
  const started = clock.elapsed()
  // An hour of this takes more than an outbox has by default.
  const outboxLimits = { maxBytes: Infinity }
  const settings = {
    sender: 'gateway',
    role: 'gateway',
    bus,
    outboxes: [watched.outbox],
    clock,
    log,
    outboxLimits,
  }
  const sender = stack.adopt(startSender(settings), made => made.close())
  let live = backlog
  const timer = setInterval(() => {
    watched.outbox.append(makeReadings(live, LIVE.group))
    live += LIVE.group
  }, LIVE.everyMs)
  stack.defer(() => clearInterval(timer))
  await drained
  const seconds = (clock.elapsed() - started) / 1000
  clearInterval(timer)
  await sender.drained(DRAIN_DEADLINE_MS)
  return { rate: backlog / seconds, ...watched.delays() }
}

async function openTemporaryOutbox(stack: AsyncDisposableStack): Promise<Outbox<Reading>> {
  const folder = await temporaryFolder(stack)
  return stack.adopt(await openOutbox<Reading>({ folder, stream: 'measures', log }), made => made.close())
}

async function temporaryFolder(stack: AsyncDisposableStack): Promise<string> {
  return stack.adopt(await mkdtemp(join(tmpdir(), 'affluent-bench-')), path =>
    rm(path, { recursive: true, force: true }),
  )
}

function makeReadings(first: number, count: number): Reading[] {
  return Array.from({ length: count }, (_, i): Reading => {
    const n = first + i
    const time = START + Math.floor(n / SERIES) * 1000
    const point = `site-${n % 20}/meter-${n % SERIES}/power`
    return { point, time, value: (n % 100_000) / 100, quality: 'good', gatewayTime: time + 20 }
  })
}
