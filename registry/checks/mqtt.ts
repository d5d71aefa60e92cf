import { quantity } from '../../model/quantity.ts'
import type { Finding } from '../check.ts'
import { type Draft, type DraftPoint, devicesOf } from '../draft.ts'
import type { MqttSource } from '../mqtt-schema.ts'
import type { MqttConnection, PointDefinition } from '../schema.ts'
import type { Path } from '../source.ts'
import { misfitsOfTls } from '../tls-schema.ts'

type MqttDevice = MqttConnection['devices'][number]

/** Connections, devices and points of foreign brokers that their format can serve. */
export function* checkMqtt(draft: Draft): Iterable<Finding> {
  for (const { value: gateway, path } of draft.gateways) {
    for (const [index, connection] of gateway.connections.entries()) {
      if (connection.driver === 'mqtt') yield* checkConnection(connection, [...path, 'connections', index])
    }
  }
  for (const { device, connection, path } of devicesOf(draft)) {
    if (connection.driver === 'mqtt') yield* checkDevice(device as MqttDevice, path)
  }
  for (const point of draft.points) {
    const { mqtt } = point.definition
    if (point.connection.driver !== 'mqtt' || !mqtt) continue
    const message = findMisfit(mqtt, point.device as MqttDevice)
    if (message) yield { path: pathOf(point), message }
  }
}

/** What is wrong with a source whatever the device, beside its own path. */
export function* checkMqttSource(
  source: MqttSource,
  definition: PointDefinition,
): Iterable<{ path: Path; message: string }> {
  const isBoolean = quantity(definition.quantity).value === 'boolean'
  if (source.scale === 0) yield { path: ['scale'], message: 'would make everything 0' }
  if (isBoolean && (source.scale !== 1 || source.offset !== 0))
    yield { path: ['scale'], message: `${definition.quantity} is a boolean and has neither scale nor offset` }
  for (const key of ['trueWhen', 'falseWhen'] as const) {
    if (!isBoolean && source[key]) yield { path: [key], message: `${definition.quantity} is no boolean` }
  }
}

function* checkConnection({ url, tls }: MqttConnection, path: Path): Iterable<Finding> {
  for (const message of tls ? misfitsOfTls(tls, [url]) : []) yield { path: [...path, 'tls'], message }
}

function* checkDevice({ format, address, ...device }: MqttDevice, path: Path): Iterable<Finding> {
  if (format !== 'sparkplug-b') return
  if (!/^[^/]+\/[^/]+(?:\/[^/]+)?$/.test(address ?? ''))
    yield { path: [...path, 'address'], message: 'write <group>/<edge node> or <group>/<edge node>/<device>' }
  for (const key of ['topic', 'availability'] as const) {
    if (device[key] !== undefined)
      yield { path: [...path, key], message: 'sparkplug-b has topics of its own' }
  }
  if (Object.keys(device.where).length > 0)
    yield { path: [...path, 'where'], message: 'sparkplug-b has metrics, not JSON' }
}

function findMisfit(source: MqttSource, device: MqttDevice): string | undefined {
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

function pathOf({ name, device, path }: DraftPoint): Path {
  return name in device.points ? [...path, 'points', name, 'mqtt'] : [...path, 'model']
}
