import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startMosquitto } from '../../test/peers/mosquitto.ts'
import { freePort, type RunningPeer, runPeer, untilReady } from '../../test/peers/process.ts'
import { type Benchmark, formatNumber } from '../figures.ts'
import { peakMegabytes } from '../process-usage.ts'

const AFFLUENT = fileURLToPath(new URL('../../bin/affluent.js', import.meta.url))
const POINTS = 1000
/** Modbus devices of a hundred points each. */
const DEVICES = 10
const MEASURED_MS = 60_000

/**
 * A gateway alone, as an installer starts it, with a thousand points that it reads every ten seconds (Modbus: every
 * second as well), its journal on and a broker without a hub: the most memory that it takes. There is no peer.
 */
export function measureFootprint(): Benchmark {
  return {
    peers: ['mosquitto'],
    async round(print) {
      const figures: Record<string, number> = {}
      const subjects = {
        modbus: () => modbusConnections('10s'),
        'modbus-1s': () => modbusConnections('1s'),
        opcua: () => opcuaConnections('10s'),
      }
      for (const [name, connect] of Object.entries(subjects)) {
        const megabytes = await measure(await connect())
        print(`${name}: ${formatNumber(megabytes)} MB`)
        figures[`footprint-${name}-megabytes`] = megabytes
      }
      return { figures, ratios: {} }
    },
  }
}

async function measure(connections: readonly object[]): Promise<number> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'affluent-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const broker = await startMosquitto()
  stack.defer(broker.close)
  await writeFile(join(folder, 'territory.yaml'), JSON.stringify(territoryOf(connections)))
  const settings = {
    territory: 'territory.yaml',
    roles: ['gateway'],
    data: 'gateway',
    mqtt: { url: broker.url },
  }
  await writeFile(join(folder, 'hub.yaml'), JSON.stringify(settings))
  const start = async (args: string[], ready: RegExp): Promise<RunningPeer> => {
    const process = runPeer(globalThis.process.execPath, ['--max-semi-space-size=4', AFFLUENT, ...args])
    stack.defer(process.close)
    await untilReady(process, async () => ready.exec(process.output()) ?? undefined)
    return process
  }
  const territory = ['--territory', join(folder, 'territory.yaml'), '--data', join(folder, 'simulators')]
  await start(['simulate', ...territory], /127\.0\.0\.1:\d+/)
  const gateway = await start(['start', '--hub', join(folder, 'hub.yaml')], /Affluent is ready/)
  await pause(MEASURED_MS)
  return peakMegabytes(gateway.child.pid!)
}

function territoryOf(connections: readonly object[]) {
  return {
    territory: {
      ...{ id: 'bench', name: 'Bench', timeZone: 'Europe/Paris' },
      publisher: { name: 'Bench', url: 'https://example.org', email: 'bench@example.org' },
    },
    sites: [{ id: 's', name: 'S', kind: 'building', commune: '96001', position: { lat: 48, lon: 3 } }],
    gateways: [{ id: 'gw', name: 'Bench', connections }],
  }
}

const POINT = { quantity: 'active-power', unit: 'kW' }

async function modbusConnections(interval: string): Promise<object[]> {
  const ports = await Promise.all(Array.from({ length: DEVICES }, freePort))
  return ports.map((port, i) => {
    const points = Array.from({ length: POINTS / DEVICES }, (_, p) => [
      `p${p}`,
      { ...POINT, interval, modbus: { table: 'holding', address: 2 * p, type: 'float32' } },
    ])
    const device = { id: `d${i}`, site: 's', unit: 1, points: Object.fromEntries(points) }
    return { id: `c${i}`, driver: 'modbus', host: '127.0.0.1', port, devices: [device] }
  })
}

async function opcuaConnections(interval: string): Promise<object[]> {
  const points = Array.from({ length: POINTS }, (_, p) => [
    `p${p}`,
    { ...POINT, interval, opcua: { node: `ns=1;s=n${p}` } },
  ])
  const device = { id: 'd', site: 's', points: Object.fromEntries(points) }
  const security = { securityMode: 'None', securityPolicy: 'None' }
  const url = `opc.tcp://127.0.0.1:${await freePort()}`
  return [{ id: 'c', driver: 'opcua', url, ...security, devices: [device] }]
}
