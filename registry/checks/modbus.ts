import { isBitTable } from '../../model/modbus.ts'
import { quantity } from '../../model/quantity.ts'
import { bitCount, kindOf, registerCount } from '../../model/register-values.ts'
import type { Misfit } from '../driver-declaration.ts'
import type { ModbusSource } from '../modbus-schema.ts'
import type { PointDefinition } from '../schema.ts'
import { checkMeaning } from './meaning.ts'

/** What is wrong with a source whatever the device, beside its own path. */
export function* checkModbusSource(source: ModbusSource, definition: PointDefinition): Iterable<Misfit> {
  const { value } = quantity(definition.quantity)
  yield* checkLayout(source)
  if (!kindsOf(source).has(value))
    yield { path: ['type'], message: `${definition.quantity} is a ${value}, which this type is not` }
}

/** What the values of a source are. */
function kindsOf({ type, states }: ModbusSource): ReadonlySet<string> {
  if (states) return new Set(Object.values(states).map(state => typeof state))
  if (type === 'string') return new Set(['string'])
  return new Set([type === 'bool' ? 'boolean' : 'number'])
}

function* checkLayout(source: ModbusSource): Iterable<Misfit> {
  const { table, address, type, wordOrder, bit, bits, scale, offset, unavailable } = source
  const inBits = isBitTable(table)
  yield* checkStates(source)
  if (wordOrder.includes('-') && (type === 'string' || registerCount(source) !== 4))
    yield { path: ['wordOrder'], message: `${wordOrder} is an order of four words, 64 bits` }
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

function* checkString({ length, scale, offset, bits, unavailable }: ModbusSource): Iterable<Misfit> {
  if (length === undefined)
    yield { path: ['length'], message: 'how many registers the string has is missing' }
  if (scale !== 1 || offset !== 0) yield { path: ['type'], message: 'a string has neither scale nor offset' }
  if (bits) yield { path: ['bits'], message: 'a string is read whole' }
  if (unavailable)
    yield { path: ['unavailable'], message: 'names numbers; an empty string is none by itself' }
}

function* checkStates(source: ModbusSource): Iterable<Misfit> {
  const { type, states } = source
  if (states && !['uint', 'int', 'bcd'].includes(kindOf(type)))
    yield { path: ['states'], message: `name whole numbers, which a ${type} is not` }
  yield* checkMeaning(source)
}
