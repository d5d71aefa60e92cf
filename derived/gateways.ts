import type { Bus } from '../bus/contract.ts'
import { parseStatus } from '../bus/status.ts'
import { filters, senderOf } from '../bus/topics.ts'
import type { Clock } from '../model/clock.ts'
import type { SenderStatus } from '../model/delivery.ts'
import type { Reading } from '../model/reading.ts'
import { HOUR_MS, MINUTE_MS } from '../model/time.ts'
import type { GatewayQuantityName } from '../registry/derived/gateways.ts'
import type { Registry } from '../registry/registry.ts'
import type { DerivedReading, Deriver } from './deriver.ts'

/** Three statuses that did not come. */
const SILENT_MS = 90_000
/** So long after the hub begins to listen, or listens again, silence proves nothing: gateways are connecting, too. */
const SETTLE_MS = 2 * MINUTE_MS

/**
 * What the hub notices of its gateways: how long each has been silent, how full its outbox is, how long that suffices,
 * and for how long it has run another registry. While the hub hears nobody, nothing is known of anybody; and what was
 * so when it stopped has gone on meanwhile.
 */
export async function watchGateways(options: {
  registry: Pick<Registry, 'points' | 'gatewayParts'>
  bus: Pick<Bus, 'connected' | 'subscribe' | 'onConnect'>
  clock: Clock
}): Promise<Deriver[]> {
  const { registry, bus, clock } = options
  const statuses = new Map<string, SenderStatus>()
  /** When each was last heard and since when the hub listens, by the monotonic clock. */
  const heard = new Map<string, number>()
  const began = clock.elapsed()
  let listening = began
  /** Since when a gateway has run another registry, ms UTC. */
  const differing = new Map<string, number>()

  bus.onConnect(() => {
    listening = clock.elapsed()
  })
  await bus.subscribe(filters.allStatuses, (topic, payload) => {
    const sender = senderOf(topic)
    if (!registry.gatewayParts.has(sender)) return
    const status = parseStatus(topic, payload)
    statuses.set(sender, status)
    if (status.online) heard.set(sender, clock.elapsed())
  })
  await bus.subscribe(filters.allAcknowledgements, topic => {
    const sender = senderOf(topic)
    if (registry.gatewayParts.has(sender)) heard.set(sender, clock.elapsed())
  })

  const hasSettled = () => bus.connected && clock.elapsed() - listening >= SETTLE_MS

  /** How long nothing was heard of a gateway, ms; undefined while that is not known. */
  function silenceOf(gateway: string, last: Reading | undefined): number | undefined {
    const [now, at] = [clock.elapsed(), heard.get(gateway)]
    if (!bus.connected || !(hasSettled() || (at !== undefined && at >= listening))) return undefined
    if (at !== undefined) return now - at
    return typeof last?.value === 'number' ? age(last) + last.value * MINUTE_MS : now - began
  }

  /** What a gateway that is there says of itself. */
  function said(gateway: string): SenderStatus | undefined {
    const status = statuses.get(gateway)
    const isThere = status?.online && clock.elapsed() - heard.get(gateway)! < SILENT_MS
    return bus.connected && isThere ? status : undefined
  }

  const age = ({ time }: Reading) => Math.max(0, clock.now() - time)

  function timeLeft(gateway: string, last: Reading | undefined): Said | undefined {
    const outbox = said(gateway)?.outbox
    if (outbox) {
      const left = Object.values(outbox.streams).flatMap(({ timeLeftMs = [] }) => timeLeftMs)
      return left.length > 0 ? { value: Math.min(...left) / HOUR_MS } : undefined
    }
    if (said(gateway) || !hasSettled() || typeof last?.value !== 'number') return undefined
    // It cannot be asked, and its outbox fills.
    return { value: Math.max(0, last.value - age(last) / HOUR_MS), quality: 'uncertain' }
  }

  function registryLag(gateway: string, last: Reading | undefined): Said | undefined {
    const status = said(gateway)
    if (!status) return undefined
    if (status.registry === registry.gatewayParts.get(gateway)!.hash) {
      differing.delete(gateway)
      return { value: 0 }
    }
    const lag = typeof last?.value === 'number' && last.value > 0 ? age(last) + last.value * HOUR_MS : 0
    const since = differing.get(gateway) ?? clock.now() - lag
    differing.set(gateway, since)
    return { value: Math.max(0, clock.now() - since) / HOUR_MS }
  }

  const NOTICED: Record<GatewayQuantityName, Notice> = {
    'gateway-silence'(gateway, last) {
      const silence = silenceOf(gateway, last)
      return silence === undefined ? undefined : { value: silence / MINUTE_MS }
    },
    'outbox-fill'(gateway) {
      const outbox = said(gateway)?.outbox
      return outbox && { value: outbox.share * 100 }
    },
    'outbox-time-left': timeLeft,
    'registry-lag': registryLag,
  }

  return Object.entries(NOTICED).map(([quantityName, notice]): Deriver => {
    const points = [...registry.points.values()].flatMap(({ id, source, interval, ...point }) =>
      point.quantityName === quantityName && source.driver === 'derived'
        ? { id, interval, gateway: source.gateway! }
        : [],
    )
    return {
      intervalMs: points[0]?.interval ?? HOUR_MS,
      derive: last =>
        points.flatMap(({ id, gateway }): DerivedReading[] => {
          const said = notice(gateway, last(id))
          if (!said) return []
          return [{ ...said, point: id, time: clock.now(), value: Math.round(said.value * 100) / 100 }]
        }),
    }
  })
}

type Said = Pick<DerivedReading, 'quality'> & { value: number }
type Notice = (gateway: string, last: Reading | undefined) => Said | undefined
