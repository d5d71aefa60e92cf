import { type QuantityName, quantity } from '../../model/quantity.ts'
import type { MqttSource } from '../../registry/mqtt-schema.ts'
import type { MqttPointSource, Point, PointSources } from '../../registry/registry.ts'
import type { ModbusConnection, ModbusSource, OpcuaSource } from '../../registry/schema.ts'

type Options = Partial<Pick<Point, 'interval' | 'heartbeat' | 'min' | 'max'>> & { quantity?: QuantityName }

/** A point of device `a-site/a-device`, read from unit 1, holding register 0, unless told otherwise. */
export function modbusPoint(
  name: string,
  { unit = 1, ...source }: Partial<ModbusSource> & { unit?: number } = {},
  options: Options = {},
): Point {
  return point(name, options, {
    driver: 'modbus',
    unit,
    modbus: {
      table: 'holding',
      address: 0,
      type: 'uint16',
      wordOrder: 'big',
      byteOrder: 'big',
      scale: 1,
      offset: 0,
      ...source,
    },
  })
}

/** A connection to this machine, without devices. */
export function modbusConnection(fields: Partial<ModbusConnection>): ModbusConnection {
  return {
    id: 'a-connection',
    driver: 'modbus',
    host: '127.0.0.1',
    port: 502,
    framing: 'tcp',
    timeout: 200,
    pause: 0,
    slowShare: 0.5,
    devices: [],
    ...fields,
  }
}

export function opcuaPoint(
  name: string,
  node: string,
  options: Options = {},
  source: Partial<OpcuaSource> = {},
): Point {
  return point(name, options, { driver: 'opcua', opcua: { node, scale: 1, offset: 0, ...source } })
}

/** A point in the document at `path`, by default that of the url itself. */
export function httpPoint(
  name: string,
  { path = '', ...http }: Partial<PointSources['http']['http']>,
  options: Options = {},
): Point {
  return point(name, options, {
    driver: 'http',
    path,
    timeZone: 'Europe/Paris',
    http: { value: '', scale: 1, offset: 0, ...http },
  })
}

/** A point of device `a-device`, format json, topic `a/topic`, unless told otherwise. */
export function mqttPoint(
  name: string,
  {
    format = 'json',
    address = 'a-device',
    availability,
    timeZone = 'Europe/Paris',
    ...mqtt
  }: Partial<MqttSource> & Partial<Omit<MqttPointSource, 'driver' | 'mqtt'>>,
  options: Options = {},
): Point {
  const topic = format === 'json' ? 'a/topic' : undefined
  return point(name, options, {
    driver: 'mqtt',
    format,
    address,
    availability,
    timeZone,
    mqtt: { topic, value: '', where: {}, scale: 1, offset: 0, ...mqtt },
  })
}

function point(
  name: string,
  { quantity: quantityName = 'active-power', interval = 1000, heartbeat, ...rest }: Options,
  source: Point['source'],
): Point {
  return {
    id: `a-site/a-device/${name}`,
    name,
    site: 'a-site',
    device: 'a-device',
    gateway: 'a-gateway',
    connection: 'a-connection',
    label: { fr: name, en: name },
    quantityName,
    quantity: quantity(quantityName),
    unit: 'kW',
    interval,
    heartbeat,
    dueWithin: heartbeat ?? interval,
    ...rest,
    source,
  }
}
