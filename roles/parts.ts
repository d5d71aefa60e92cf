import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { connectBus } from '../bus/client.ts'
import type { Bus } from '../bus/contract.ts'
import { readInstance } from '../bus/instance.ts'
import { statusWill } from '../bus/sender.ts'
import { openShare, type Share } from '../bus/share.ts'
import type { Role } from '../registry/roles.ts'
import type { HubOptions } from '../start.ts'
import type { Stores } from '../stores.ts'

/** Has a part closed in its turn, after those that were started after it; throws where the start was ended. */
export type Keep = <T extends { close(): unknown }>(part: T) => T

/** What every role is made of. */
export interface HubParts extends HubOptions {
  stores: Stores
  keep: Keep
  /** A file or folder of the data folder. */
  at(...names: string[]): string
  plays(...roles: Role[]): boolean
  /** A connection of its own for a part, which its name says. */
  connect(name: string, will?: Will): Promise<Bus>
  /**
   * The connection on which the parts of this process hear readings, each message once for all of them, and on which
   * nothing is said: a broker that gathers small packets (Nagle's algorithm, which Mosquitto leaves on) would hold
   * what follows its receipt for up to 40 ms.
   */
  hearReadings(): Promise<Bus>
  /** The same, for the part to close. */
  dial(name: string, will?: Will): Promise<Bus>
  /** What the broker says of a sender that is gone; of a gateway, which has only its part of the registry, with that part. */
  willOf(sender: string, role: string, part?: { hash: string }): Will
  /** Of this process, in what several of a role share. */
  instance: string
  /** Whether several processes of a role may share the work: the store is one that they can all reach. */
  shared: boolean
  openShareOf(role: Role, bus: Bus): Share
  /** Where browsers reach the hub; with port 0 known once the API listens. */
  address: { baseUrl: string }
}

type Will = ReturnType<typeof statusWill>

export function createParts(
  options: HubOptions,
  { stores, keep, brokerUrl }: { stores: Stores; keep: Keep; brokerUrl: string | undefined },
): HubParts {
  const { settings, registry, clock, log } = options
  const shared = settings.store.kind === 'influxdb'
  const instance = settings.instance ?? readInstance(settings.data)
  async function dial(name: string, will?: Will): Promise<Bus> {
    const { url = brokerUrl!, username, password, tls } = settings.mqtt
    const clientId = `affluent-${name}-${randomUUID().slice(0, 8)}`
    return connectBus({ url, clientId, username, password, tls, will, log })
  }
  const connect: HubParts['connect'] = async (name, will) => keep(await dial(name, will))
  let readings: Promise<Bus> | undefined
  return {
    ...options,
    stores,
    keep,
    shared,
    instance,
    address: { baseUrl: settings.publicBaseUrl },
    at: (...names) => join(settings.data, ...names),
    plays: (...roles) => roles.some(role => settings.roles.has(role)),
    dial,
    connect,
    hearReadings: () => (readings ??= connect('readings')),
    willOf: (sender, role, { hash } = registry) =>
      statusWill({ sender, role, registry: hash, time: clock.now() }),
    openShareOf(role, bus) {
      // Whoever is at our own broker comes after us.
      const timing = { ...(!shared && brokerUrl && { listenMs: 0, settleMs: 0 }) }
      return openShare({ bus, role, member: `${role}-${instance}`, exclusive: !shared, clock, log, timing })
    },
  }
}
