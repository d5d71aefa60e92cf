import { isBitTable } from '../../model/modbus.ts'
import { quantity } from '../../model/quantity.ts'
import { bitCount, kindOf, registerCount } from '../../model/register-values.ts'
import type { Finding } from '../check.ts'
import type { DeviceFiles } from '../device-files.ts'
import { type Draft, devicesOf } from '../draft.ts'
import type { ModbusSource, PointDefinition } from '../schema.ts'
import { checkMeaning } from './meaning.ts'
import { checkMqttSource } from './mqtt.ts'
import { checkOpcuaSource } from './opcua.ts'

/** Points that mean something and can be read where their device is connected. */
export function* checkPoints(draft: Draft, deviceFiles: DeviceFiles): Iterable<Finding> {
  for (const { value, source } of deviceFiles.values()) {
    for (const [name, definition] of Object.entries(value.points))
      for (const { path, message } of checkDefinition(definition))
        yield { source, path: ['points', name, ...path], message }
  }
  for (const { device, path: at } of devicesOf(draft)) {
    for (const [name, definition] of Object.entries(device.points))
      for (const { path, message } of checkDefinition(definition))
        yield { path: [...at, 'points', name, ...path], message }
  }
  for (const { name, definition, device, connection, path } of draft.points) {
    if (definition[connection.driver]) continue
    const own = name in device.points
    yield {
      path: own ? [...path, 'points', name] : [...path, 'model'],
      message: `${own ? 'has' : `the point ${name} of ${device.model} has`} no ${connection.driver}, by which ${connection.id} reads`,
    }
  }
}

function* checkDefinition(point: PointDefinition): Iterable<Finding> {
  const { units, value } = quantity(point.quantity)
  if (!units.includes(point.unit))
    yield { path: ['unit'], message: `${point.quantity} is in ${units.join(' or ')}` }
  if (point.interval <= 0) yield { path: ['interval'], message: 'must be longer than nothing' }
  if (point.heartbeat !== undefined && value === 'number') {
    const message = `${point.quantity} is a number: told only when it changes, its means would be wrong`
    yield { path: ['heartbeat'], message }
  } else if (point.heartbeat !== undefined && point.heartbeat < point.interval)
    yield { path: ['heartbeat'], message: 'is shorter than the interval' }
  if (point.min !== undefined && point.max !== undefined && point.min > point.max)
    yield { path: ['min'], message: 'is greater than max' }
  if (point.mqtt) {
    for (const { path, message } of checkMqttSource(point.mqtt, point))
      yield { path: ['mqtt', ...path], message }
  }
  if (point.opcua) {
    for (const { path, message } of checkOpcuaSource(point.opcua, point))
      yield { path: ['opcua', ...path], message }
  }
  if (!point.modbus) return
  for (const { path, message } of checkModbus(point.modbus)) yield { path: ['modbus', ...path], message }
  if (!kindsOf(point.modbus).has(value))
    yield { path: ['modbus', 'type'], message: `${point.quantity} is a ${value}, which this type is not` }
}

/** What the values of a source are. */
function kindsOf({ type, states }: ModbusSource): ReadonlySet<string> {
  if (states) return new Set(Object.values(states).map(state => typeof state))
  if (type === 'string') return new Set(['string'])
  return new Set([type === 'bool' ? 'boolean' : 'number'])
}

function* checkModbus(source: ModbusSource): Iterable<Finding> {
  const { table, address, type, bit, bits, scale, offset, unavailable } = source
  const inBits = isBitTable(table)
  yield* checkStates(source)
  if (type !== 'bool') {
    if (inBits) yield { path: ['type'], message: `a ${table} is a bool` }
    if (bit !== undefined) yield { path: ['bit'], message: 'only a bool has a bit' }
    if (scale === 0) yield { path: ['scale'], message: 'would make everything 0' }
    if (address + registerCount(source) > 65_536)
      yield { path: ['address'], message: `a ${type} would end behind the last register, 65535` }
  }
  if (type === 'string') return yield* checkString(source)
  if (source.length !== undefined) yield { path: ['length'], message: 'only a string has a length' }
  if (type !== 'bool') {
    const width = bitCount(type)
    if (bits && (width > 32 || !['uint', 'int'].includes(kindOf(type))))
      yield { path: ['bits'], message: 'only integers of 16 or 32 bits are read by some bits' }
    else if (bits && bits.first + bits.count > width)
      yield { path: ['bits'], message: `end beyond the ${width} bits of a ${type}` }
    return
  }
  if (inBits && bit !== undefined) yield { path: ['bit'], message: `a ${table} is one bit by itself` }
  if (!inBits && bit === undefined) yield { path: ['type'], message: 'a bool in a register needs its bit' }
  if (scale !== 1 || offset !== 0) yield { path: ['type'], message: 'a bool has neither scale nor offset' }
  if (bits) yield { path: ['bits'], message: 'a bool has one bit' }
  if (unavailable && inBits) yield { path: ['unavailable'], message: `a ${table} has no room for it` }
}

function* checkString({ length, scale, offset, bits, unavailable }: ModbusSource): Iterable<Finding> {
  if (length === undefined)
    yield { path: ['length'], message: 'how many registers the string has is missing' }
  if (scale !== 1 || offset !== 0) yield { path: ['type'], message: 'a string has neither scale nor offset' }
  if (bits) yield { path: ['bits'], message: 'a string is read whole' }
  if (unavailable)
    yield { path: ['unavailable'], message: 'names numbers; an empty string is none by itself' }
}

function* checkStates(source: ModbusSource): Iterable<Finding> {
  const { type, states } = source
  if (states && !['uint', 'int', 'bcd'].includes(kindOf(type)))
    yield { path: ['states'], message: `name whole numbers, which a ${type} is not` }
  yield* checkMeaning(source)
}
