import { quantity } from '../model/quantity.ts'
import type { Draft, DraftPoint, Entry } from './draft.ts'
import type { Point, Registry } from './registry.ts'
import { type ModbusConnection, stepsPerUnit } from './schema.ts'
import { selectPoints } from './select.ts'

type ModbusDevice = ModbusConnection['devices'][number]

/** The registry as the parts use it. The draft must be whole and checked. */
export function resolveRegistry(draft: Draft, hash: string): Registry {
  const sites = byId(draft.sites)
  const points = new Map(draft.points.map(point => [point.id, resolvePoint(point)]))
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
  }
}

function resolvePoint({ id, name, definition, device, connection, gateway }: DraftPoint): Point {
  const { label, quantity: quantityName, unit, interval, min, max, modbus, opcua } = definition
  const source: Point['source'] =
    connection.driver === 'modbus'
      ? { driver: 'modbus', unit: (device as ModbusDevice).unit, modbus: modbus! }
      : { driver: 'opcua', opcua: { node: placeNode(opcua!.node, device.site, device.id) } }
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
    min,
    max,
    source,
  }
}

function placeNode(node: string, site: string, device: string): string {
  return node.replaceAll('{site}', site).replaceAll('{device}', device)
}

function byId<T extends { id: string }>(entries: readonly Entry<T>[]): Map<string, T> {
  return new Map(entries.map(({ value }) => [value.id, value]))
}
