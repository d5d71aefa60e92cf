import { quantity } from '../model/quantity.ts'
import type { Draft, DraftPoint, Entry } from './draft.ts'
import type { GatewayPart } from './gateway-part.ts'
import type { MqttSource } from './mqtt-schema.ts'
import type { MqttPointSource, Point, Registry } from './registry.ts'
import { type ModbusConnection, type MqttConnection, stepsPerUnit, type Territory } from './schema.ts'
import { selectPoints } from './select.ts'

type ModbusDevice = ModbusConnection['devices'][number]
type MqttDevice = MqttConnection['devices'][number]

/** The registry as the parts use it. The draft must be whole and checked. */
export function resolveRegistry(draft: Draft, hash: string, parts: readonly GatewayPart[]): Registry {
  const sites = byId(draft.sites)
  const points = new Map(draft.points.map(point => [point.id, resolvePoint(point, draft.territory!)]))
  const all = [...points.values()]
  const meters = draft.meters.map(({ value, path }) => {
    const point = points.get(value.point)!
    const resolved = { ...value, point, unit: point.unit, stepsPerUnit: stepsPerUnit(value.resolution)! }
    return { value: resolved, path }
  })
  const rules = draft.rules.map(({ value: { select, ...rule }, path }) => ({
    value: { ...rule, points: selectPoints(select, all, site => sites.get(site)?.kind) },
    path,
  }))
  return {
    territory: draft.territory!,
    sites,
    gateways: byId(draft.gateways),
    points,
    meters: byId(meters),
    rules: byId(rules),
    channels: byId(draft.channels),
    hash,
    gatewayParts: new Map(draft.gateways.map(({ value: { id } }, i) => [id, parts[i]!])),
  }
}

function resolvePoint(point: DraftPoint, territory: Territory): Point {
  const { id, name, definition, device, connection, gateway } = point
  const { label, quantity: quantityName, unit, interval, heartbeat, min, max } = definition
  return {
    id,
    name,
    site: device.site,
    device: device.id,
    gateway: gateway.id,
    connection: connection.id,
    label: label ?? quantity(quantityName).label,
    quantityName,
    quantity: quantity(quantityName),
    unit,
    interval,
    heartbeat,
    min,
    max,
    source: resolveSource(point, territory),
  }
}

function resolveSource(
  { definition, device, connection }: DraftPoint,
  territory: Territory,
): Point['source'] {
  const { modbus, opcua, mqtt } = definition
  switch (connection.driver) {
    case 'modbus':
      return { driver: 'modbus', unit: (device as ModbusDevice).unit, modbus: modbus! }
    case 'opcua':
      return { driver: 'opcua', opcua: { ...opcua!, node: place(opcua!.node, device.site, device.id) } }
    case 'mqtt':
      return resolveMqttSource(device as MqttDevice, mqtt!, territory)
  }
}

function resolveMqttSource(device: MqttDevice, mqtt: MqttSource, territory: Territory): MqttPointSource {
  const { site, id, format, address = id, timeZone = territory.timeZone } = device
  const placed = (topic: string | undefined) => topic && place(topic, site, address)
  return {
    driver: 'mqtt',
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

function place(name: string, site: string, device: string): string {
  return name.replaceAll('{site}', site).replaceAll('{device}', device)
}

function byId<T extends { id: string }>(entries: readonly Entry<T>[]): Map<string, T> {
  return new Map(entries.map(({ value }) => [value.id, value]))
}
