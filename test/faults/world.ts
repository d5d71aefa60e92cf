import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startInfluxdb } from '../peers/influxdb.ts'
import { startMosquitto } from '../peers/mosquitto.ts'
import { freePort, type RunningPeer, runPeer, untilReady } from '../peers/process.ts'
import { type CountingDevice, startCountingDevice } from './counting-device.ts'
import type { Stage } from './plan.ts'
import { type Link, startProxy } from './proxy.ts'
import { territoryYaml } from './territory.ts'

/** A process of a world that can be killed and started again. */
export interface Part {
  kill(): Promise<void>
  start(): Promise<void>
}

/** When something stood between the device and the journal of the gateway, ms UTC. */
export interface Disturbance {
  from: number
  to: number
}

/** Processes of a hub, joined by proxies, that live over many rounds. */
export interface World extends Stage {
  parts: readonly string[]
  links: ReadonlyMap<string, Link & { mqtt: boolean }>
  part(name: string): Part
  device: CountingDevice
  /** Of all rounds so far. */
  disturbances: Disturbance[]
  /** The journals of the gateway are in it, by stream. */
  outboxFolder: string
  /** Where the broker itself listens, and the API. */
  brokerPort: number
  url(): string
  /** What a process has written on its standard error. */
  log(part: string): string
  close(): Promise<void>
}

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url))
const READY = /^Affluent is ready(?:: (\S+))?$/m
const START_LIMIT_MS = 120_000

/** A process of ours. */
class Affluent implements Part {
  readonly #args: readonly string[]
  #running: RunningPeer | undefined

  constructor(args: readonly string[]) {
    this.#args = args
  }

  async start(): Promise<void> {
    const peer = runPeer(process.execPath, [MAIN, 'start', ...this.#args])
    this.#running = peer
    await untilReady(peer, async () => READY.exec(peer.output()) ?? undefined, START_LIMIT_MS)
  }

  async kill(): Promise<void> {
    await this.#running?.kill()
  }

  output(): string {
    return this.#running?.output() ?? ''
  }

  url(): string {
    return READY.exec(this.output())![1]!
  }
}

/**
 * A gateway, a broker and a hub with the embedded store, one process each, with a proxy between gateway and
 * device, gateway and broker, hub and broker.
 */
export async function startEmbeddedWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack()
  const { at, device, link, links, process } = await begin(stack)
  const brokerPort = await freePort()
  const uplink = await link('gateway-broker', { to: brokerPort, mqtt: true })
  const downlink = await link('hub-broker', { to: brokerPort, mqtt: true })
  const parts = {
    broker: process('broker', ['--roles', 'broker', '--mqtt-port', String(brokerPort)]),
    hub: process(
      'hub',
      ['--roles', 'ingest,fluids,rules,api', '--http-port', '0'],
      `mqtt: { url: "${downlink}" }`,
    ),
    gateway: process('gateway', ['--roles', 'gateway'], `mqtt: { url: "${uplink}" }`),
  }
  return await finish(stack, {
    device,
    brokerPort,
    links,
    parts,
    outboxFolder: at('gateway', 'gateways', 'gw'),
    url: () => parts.hub.url(),
  })
}

/**
 * The same with Mosquitto, InfluxDB 2.7, and a process for each of ingest, rules, and fluids with the api; with
 * further proxies between ingest and the broker, and between ingest and InfluxDB.
 */
export async function startInfluxWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack()
  const { at, device, link, links, process } = await begin(stack)
  const mosquitto = stack.adopt(await startMosquitto(), peer => peer.close())
  const influxdb = stack.adopt(await startInfluxdb(), peer => peer.close())
  const { port: brokerPort } = mosquitto
  const uplink = await link('gateway-broker', { to: brokerPort, mqtt: true })
  const downlink = await link('ingest-broker', { to: brokerPort, mqtt: true })
  const storage = await link('ingest-influxdb', { to: Number(new URL(influxdb.url).port), mqtt: false })
  const store = (url: string) =>
    `store: { kind: influxdb, url: "${url}", org: ${influxdb.org}, bucket: ${influxdb.bucket}, token: ${influxdb.token} }`
  const direct = `mqtt: { url: "${mosquitto.url}" }\n${store(influxdb.url)}`
  const storageUrl = `http://127.0.0.1:${new URL(storage).port}`
  const parts = {
    broker: mosquitto,
    influxdb,
    ingest: process('ingest', ['--roles', 'ingest'], `mqtt: { url: "${downlink}" }\n${store(storageUrl)}`),
    rules: process('rules', ['--roles', 'rules'], direct),
    api: process('api', ['--roles', 'fluids,api', '--http-port', '0'], direct),
    gateway: process('gateway', ['--roles', 'gateway'], `mqtt: { url: "${uplink}" }`),
  }
  return await finish(stack, {
    device,
    brokerPort,
    links,
    parts,
    outboxFolder: at('gateway', 'gateways', 'gw'),
    url: () => parts.api.url(),
  })
}

async function begin(stack: AsyncDisposableStack) {
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'affluent-faults-')), made =>
    rm(made, { recursive: true, force: true }),
  )
  const at = (...names: string[]) => join(folder, ...names)
  const device = stack.adopt(await startCountingDevice(), made => made.close())
  const links = new Map<string, Link & { mqtt: boolean }>()
  const link = async (name: string, options: { to: number; mqtt: boolean }) => {
    const proxy = stack.adopt(await startProxy(options), made => made.close())
    links.set(name, Object.assign(proxy, { mqtt: options.mqtt }))
    return `mqtt://127.0.0.1:${proxy.port}`
  }
  await link('gateway-device', { to: device.port, mqtt: false })
  await writeFile(at('territory.yaml'), territoryYaml(links.get('gateway-device')!.port))
  const settings: Promise<void>[] = []
  const process = (name: string, args: readonly string[], more = '') => {
    const file = at(`${name}.yaml`)
    settings.push(writeFile(file, `territory: territory.yaml\nsimulators: { historyMonths: 0 }\n${more}\n`))
    const part = new Affluent(['--hub', file, '--data', at(name), ...args])
    stack.defer(() => part.kill())
    return part
  }
  return { at, device, links, link, process }
}

async function finish(
  stack: AsyncDisposableStack,
  made: Omit<World, 'parts' | 'part' | 'log' | 'disturbances' | 'close'> & { parts: Record<string, Part> },
): Promise<World> {
  const { parts } = made
  await Promise.all(Object.values(parts).map(part => (part instanceof Affluent ? part.start() : undefined)))
  const running = stack.move()
  return {
    ...made,
    disturbances: [],
    parts: Object.keys(parts),
    part: name => parts[name]!,
    log: name => {
      const part = parts[name]
      return part instanceof Affluent ? part.output() : ''
    },
    close: () => running.disposeAsync(),
  }
}
