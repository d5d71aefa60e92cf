import type { Misfit, ResolveContext } from '../../../registry/driver-declaration.ts'
import type { MqttFormat, MqttSource } from '../../../registry/mqtt-schema.ts'
import { place } from '../../../registry/place.ts'
import type { MqttConnection } from '../../../registry/schema.ts'
import { misfitsOfTls } from '../../../registry/tls-schema.ts'

export { checkDocumentValue as checkSource } from '../../../registry/checks/document-value.ts'
export {
  mqttConnectionFields as connection,
  mqttDeviceFields as device,
  mqttSourceSchema as source,
} from '../../../registry/mqtt-schema.ts'

type MqttDevice = MqttConnection['devices'][number]

/** Topics are placed, and what the device says for all its points is in the source of each. */
interface ResolvedSource {
  format: MqttFormat
  address: string
  availability?: string
  /** IANA name or offset, for times that have none. */
  timeZone: string
  mqtt: MqttSource
}

export function resolve(mqtt: MqttSource, device: MqttDevice, territory: ResolveContext): ResolvedSource {
  const { site, id, format, address = id, timeZone = territory.timeZone } = device
  const placed = (topic: string | undefined) => topic && place(topic, site, address)
  return {
    format,
    address,
    availability: placed(device.availability),
    timeZone,
    mqtt: {
      ...mqtt,
      topic: placed(mqtt.topic ?? device.topic),
      where: { ...device.where, ...mqtt.where },
    },
  }
}

export function* checkConnection({ url, tls }: MqttConnection): Iterable<Misfit> {
  for (const message of tls ? misfitsOfTls(tls, [url]) : []) yield { path: ['tls'], message }
}

export function* checkDevice({ format, address, ...device }: MqttDevice): Iterable<Misfit> {
  if (format !== 'sparkplug-b') return
  if (!/^[^/]+\/[^/]+(?:\/[^/]+)?$/.test(address ?? ''))
    yield { path: ['address'], message: 'write <group>/<edge node> or <group>/<edge node>/<device>' }
  for (const key of ['topic', 'availability'] as const) {
    if (device[key] !== undefined) yield { path: [key], message: 'sparkplug-b has topics of its own' }
  }
  if (Object.keys(device.where).length > 0)
    yield { path: ['where'], message: 'sparkplug-b has metrics, not JSON' }
}

export function whyUnfit(source: MqttSource, device: MqttDevice): string | undefined {
  if (device.format !== 'sparkplug-b') {
    if (source.metric !== undefined) return `${device.format} has no metric; give a value`
    if (device.format === 'json' && source.topic === undefined && device.topic === undefined)
      return 'json needs a topic, here or in the device'
    return undefined
  }
  if (source.metric === undefined) return 'sparkplug-b needs the name of the metric'
  const { topic, value, time, quality, where } = source
  if (topic !== undefined || value || time !== undefined || quality || Object.keys(where).length > 0)
    return 'beside its metric, sparkplug-b takes scale, offset, trueWhen and falseWhen only'
  return undefined
}
