import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import type { UnitMap } from '../../simulators/modbus-map.ts'
import { startModbusServer } from '../../simulators/modbus-server.ts'
import { runPeer, untilReady } from '../../test/peers/process.ts'
import { type Receiver, startReceiver } from '../alerts/receiver.ts'
import { changeKey } from '../alerts/traffic.ts'
import type { BenchmarkOptions } from '../benchmarks.ts'
import { type Benchmark, formatNumber, quantile } from '../figures.ts'

const AFFLUENT = fileURLToPath(new URL('../../bin/affluent.js', import.meta.url))
const POINT = 's/d/level'
const INTERVAL_MS = 1000
const [LOW, HIGH] = [0, 100]
const WARM_UP_CHANGES = 10
const CHANGES = 100
/** Beside the last change, so that what it makes the disk do is over. */
const CALM_MS = 500

/** When a change was to be seen and was told, on one clock, ms. */
interface Change {
  changed: number
  /** The first read that had it. */
  read: number
  heard: number
}

/**
 * A register that changes at any moment → the hub as it is started by hand, with all its parts in one process → a
 * webhook. There is no peer.
 */
export function measureAlertPath({ profileFolder }: BenchmarkOptions): Benchmark {
  return {
    peers: [],
    async round(print) {
      const changes = await measure(profileFolder)
      const [whole, path] = [changes.map(c => c.heard - c.changed), changes.map(c => c.heard - c.read)]
      const [p99, pathP50, pathP99] = [at(whole, 0.99), at(path, 0.5), at(path, 0.99)]
      print(
        `${changes.length} changes of a register read every ${INTERVAL_MS} ms: to the webhook p99 ${formatNumber(p99)} ms; ` +
          `from the read that has it p50 ${formatNumber(pathP50)} ms, p99 ${formatNumber(pathP99)} ms`,
      )
      return {
        figures: {
          'register-to-webhook-p99-beyond-the-interval-ms': p99 - INTERVAL_MS,
          'read-to-webhook-p50-ms': pathP50,
          'read-to-webhook-p99-ms': pathP99,
        },
        ratios: {},
      }
    },
  }
}

async function measure(profileFolder: string | undefined): Promise<Change[]> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'affluent-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const receiver = stack.adopt(await startReceiver(), ({ close }) => close())
  const register = openRegister()
  const clock = { now: () => Date.now(), elapsed: () => performance.now() }
  const log = pino({ level: 'warn' })
  const units = new Map([[1, register.unit]])
  const server = await startModbusServer({ host: '127.0.0.1', port: 0, units, clock, log })
  stack.defer(() => server.close())

  await writeFile(
    join(folder, 'territory.yaml'),
    JSON.stringify(describeTerritory(server.port, receiver.url)),
  )
  const settings = {
    ...{ territory: 'territory.yaml', data: 'data', http: { port: 0 }, mqtt: { port: 0 } },
    simulators: { historyMonths: 0 },
    roles: ['broker', 'ingest', 'fluids', 'rules', 'api', 'gateway'],
  }
  await writeFile(join(folder, 'hub.yaml'), JSON.stringify(settings))
  const profile = profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : []
  const start = [AFFLUENT, 'start', '--hub', join(folder, 'hub.yaml')]
  const hub = runPeer(process.execPath, ['--max-semi-space-size=4', ...profile, ...start])
  stack.defer(hub.close)
  await untilReady(hub, async () => /Affluent is ready/.exec(hub.output()) ?? undefined)
  await register.read

  const changes: Change[] = []
  for (let i = 0; i < WARM_UP_CHANGES + CHANGES; i++) {
    await pause(CALM_MS + Math.random() * INTERVAL_MS)
    changes.push(await makeChange(register, i % 2 === 0 ? 'fired' : 'resolved', receiver))
  }
  return changes.slice(WARM_UP_CHANGES)
}

async function makeChange(
  register: ReturnType<typeof openRegister>,
  event: 'fired' | 'resolved',
  receiver: Receiver,
): Promise<Change> {
  const key = changeKey(event, POINT)
  const changed = performance.now()
  const read = register.change(event === 'fired' ? HIGH : LOW)
  const heard = await receiver.untilHeard([key])
  return { changed, read: await read, heard: heard.get(key)! }
}

/** One holding register, which says when a value of it was first read. */
function openRegister() {
  let value = LOW
  let wait = Promise.withResolvers<number>()
  const unit: UnitMap = {
    read(_table, _address, count) {
      wait.resolve(performance.now())
      return Array.from({ length: count }, () => value)
    },
  }
  return {
    unit,
    read: wait.promise,
    change(next: number): Promise<number> {
      value = next
      wait = Promise.withResolvers()
      return wait.promise
    },
  }
}

function describeTerritory(port: number, webhookUrl: string): object {
  const point = {
    ...{ quantity: 'flow-rate', unit: 'm3/h', interval: `${INTERVAL_MS}ms` },
    modbus: { table: 'holding', address: 0, type: 'uint16' },
  }
  const device = { id: 'd', site: 's', unit: 1, points: { level: point } }
  return {
    territory: {
      ...{ id: 'bench', name: 'Bench', timeZone: 'Europe/Paris' },
      publisher: { name: 'Bench', url: 'https://example.org', email: 'bench@example.org' },
    },
    sites: [{ id: 's', name: 'S', kind: 'building', commune: '96001', position: { lat: 48, lon: 3 } }],
    gateways: [
      {
        ...{ id: 'gw', name: 'Bench' },
        connections: [{ id: 'c', driver: 'modbus', host: '127.0.0.1', port, devices: [device] }],
      },
    ],
    rules: [
      {
        ...{ id: 'level', name: 'Level', select: { points: [POINT] }, severity: 'warning' },
        condition: { type: 'threshold', above: (LOW + HIGH) / 2 },
        // It comes and goes all the time, and is not to be held for that.
        flapping: { times: 1_000_000 },
        channels: ['hook'],
      },
    ],
    channels: [{ id: 'hook', type: 'webhook', url: webhookUrl }],
  }
}

function at(values: readonly number[], share: number): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    share,
  )!
}
