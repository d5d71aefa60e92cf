import { connectBus } from '../../bus/client.ts'
import { filters, senderOf } from '../../bus/topics.ts'
import type { Alert } from '../../model/alert.ts'
import { silentLog } from '../bus/fixtures.ts'
import { READY, type Running, startAffluent } from '../e2e/command-line.ts'
import { until } from '../e2e/until.ts'
import type { InfluxdbPeer } from '../peers/influxdb.ts'
import type { makeTerritory } from './territory.ts'

/** Starts processes of the hub that share a broker and an InfluxDB, each with data of its own. */
export function processesOf(
  place: Awaited<ReturnType<typeof makeTerritory>>,
  { url, token, org, bucket }: InfluxdbPeer,
  brokers: readonly string[],
) {
  const shared =
    `mqtt: { url: ${JSON.stringify(brokers)} }\nhttp: { port: 0 }\n` +
    `store: { kind: influxdb, url: "${url}", org: ${org}, bucket: ${bucket}, token: "${token}" }\n`
  const started = new Set<Running>()
  const flags = (name: string, roles: string) =>
    place.settings(name, `roles: [${roles}]\ninstance: ${name}\n${shared}`)
  return {
    flags,
    async start(name: string, roles: string) {
      const process = await startAffluent(await flags(name, roles), READY)
      started.add(process)
      return process
    },
    close: () => Promise.all([...started].map(process => process.stop('SIGKILL'))),
  }
}

/** Hears on the bus who holds to which division of the work, and which alerts are retained. */
export async function openWitness(url: string | readonly string[]) {
  const bus = await connectBus({ url, clientId: 'witness', log: silentLog })
  const members = new Map<string, { online: boolean; holds: string[] }>()
  const live = new Map<string, Alert>()
  await bus.subscribe(filters.allStatuses, (topic, payload) => {
    const { online, share } = JSON.parse(payload.toString())
    if (share || !online) members.set(senderOf(topic), { online, holds: share?.members ?? [] })
  })
  await bus.subscribe(filters.allLiveAlerts, (topic, payload) => {
    const id = topic.slice(topic.lastIndexOf('/') + 1)
    if (payload.length === 0) live.delete(id)
    else live.set(id, JSON.parse(payload.toString()))
  })
  return {
    bus,
    live,
    /** Resolves once these members of a role hold to the division among them alone. */
    agree: (...names: string[]) =>
      until(
        () => Object.fromEntries(members),
        all => names.every(name => all[name]?.online && all[name].holds.join() === names.join()),
        90_000,
      ),
    close: () => bus.close(),
  }
}
