import { DataType, DataValue, makeEUInformation, StatusCodes, Variant, VariantArrayType } from 'node-opcua'
import { describe, expect, it } from 'vitest'
import { decodeDataValue } from '../../../../gateway/drivers/opcua/data-values.ts'
import { Memory } from '../../../../gateway/drivers/opcua/memory.ts'
import { opcuaPoint } from '../../points.ts'

const NOW = 1_800_000_000_000

function decode(dataType: DataType, value: unknown, statusCode = StatusCodes.Good) {
  const arrayType = value instanceof Float64Array ? VariantArrayType.Array : VariantArrayType.Scalar
  const decoded = decodeDataValue(
    new DataValue({ value: new Variant({ dataType, arrayType, value }), statusCode }),
  )
  return [decoded.quality, decoded.value]
}

describe('an OPC-UA value', () => {
  it.each([
    [DataType.Double, -3.25, -3.25],
    [DataType.Float, Math.fround(21.3), 21.3],
    [DataType.UInt32, 4_000_000_000, 4_000_000_000],
    [DataType.Int64, [0xffff_ffff, 0xffff_fffe], -2],
    [DataType.UInt64, [1, 0], 4_294_967_296],
    [DataType.Boolean, false, false],
    [DataType.String, 'humide', 'humide'],
  ])('of type %s is taken as it is', (type, raw, value) => {
    expect(decode(type, raw)).toEqual(['good', value])
  })

  it.each([
    [DataType.UInt64, [0x0020_0000, 1]],
    [DataType.DateTime, new Date(NOW)],
    [DataType.Double, new Float64Array([1, 2])],
    [DataType.Null, null],
  ])('of type %s that no reading can carry is bad', (type, raw) => {
    expect(decode(type, raw)).toEqual(['bad:undecodable', null])
  })

  it.each([
    ['GoodLocalOverride', 'good', 1],
    ['UncertainSensorNotAccurate', 'uncertain:uncertain-source', 1],
    ['BadSensorFailure', 'bad:sensor-fault', null],
    ['BadDeviceFailure', 'bad:sensor-fault', null],
    ['BadNotConnected', 'bad:disconnected', null],
    ['BadNoCommunication', 'bad:disconnected', null],
    ['BadTimeout', 'bad:timeout', null],
    ['BadNodeIdUnknown', 'bad:exception', null],
  ] as const)('of status %s is %s', (status, quality, value) => {
    expect(decode(DataType.Double, 1, StatusCodes[status])).toEqual([quality, value])
  })
})

describe('what comes with an OPC-UA value', () => {
  const value = new Variant({ dataType: DataType.Double, value: 1 })
  const [source, server] = [new Date(NOW - 5000), new Date(NOW)]

  it.each([
    ['of its source', { sourceTimestamp: source, serverTimestamp: server }, source.getTime()],
    ['of the server where the source gave none', { serverTimestamp: server }, server.getTime()],
    ['of nobody', {}, undefined],
  ])('is the time %s', (_, times, time) => {
    expect(decodeDataValue(new DataValue({ value, ...times })).time).toBe(time)
  })

  it.each([
    ['Good', undefined],
    ['UncertainSensorNotAccurate', 'the server says UncertainSensorNotAccurate'],
    ['BadSensorFailure', 'the server says BadSensorFailure'],
  ] as const)('is the name of its status, where that is not good: %s', (status, fault) => {
    const decoded = decodeDataValue(new DataValue({ value, statusCode: StatusCodes[status] }))
    expect(decoded.fault).toBe(fault)
  })

  it('is why a structure is no reading', () => {
    const structure = makeEUInformation('CEL', '°C', 'degree Celsius')
    const dataType = DataType.ExtensionObject
    const one = new DataValue({ value: new Variant({ dataType, value: structure }) })
    const many = new DataValue({
      value: new Variant({ dataType, arrayType: VariantArrayType.Array, value: [structure] }),
    })
    const words = 'it is a structure: choose one of the nodes below it'
    expect(decodeDataValue(one)).toMatchObject({ value: null, quality: 'bad:undecodable', fault: words })
    expect(decodeDataValue(many)).toMatchObject({
      value: null,
      quality: 'bad:undecodable',
      fault: 'it is an array of ExtensionObject: say which element of it',
    })
    expect(decodeDataValue(many, { scale: 1, offset: 0, element: 0 })).toMatchObject({ fault: words })
  })
})

describe('what a server says again', () => {
  const point = opcuaPoint('p', 'ns=1;s=P', { interval: 10_000 })
  const said = (time: number, value = 1) => ({ time: NOW + time, value, quality: 'good' as const })

  it('is told once by itself, and confirmed at the time of the answer when asked for', () => {
    const memory = new Memory()
    expect(memory.notification(point, said(-100), NOW)).toMatchObject({ time: NOW - 100, value: 1 })
    expect(memory.notification(point, said(-100), NOW)).toBeUndefined()
    expect(memory.answer(point, said(-100), NOW).sample.time).toBeUndefined()
  })

  it('is news with another time or another value, at its own time, however old', () => {
    const memory = new Memory()
    memory.answer(point, said(-100), NOW)
    expect(memory.notification(point, said(-3_600_000), NOW)).toMatchObject({ time: NOW - 3_600_000 })
    expect(memory.notification(point, said(-3_600_000, 2), NOW)).toMatchObject({
      time: NOW - 3_600_000,
      value: 2,
    })
  })

  it('may have been told before a restart: an old time is confirmed, a new one kept', () => {
    expect(new Memory().notification(point, said(-10_001), NOW)).toMatchObject({ time: undefined, value: 1 })
    expect(new Memory().notification(point, said(-10_000), NOW)).toMatchObject({ time: NOW - 10_000 })
    const bad = { time: NOW, value: null, quality: 'bad:sensor-fault' as const }
    expect(new Memory().notification(point, bad, NOW)).toMatchObject({ time: undefined, value: null })
  })

  it('without a time is always told', () => {
    const memory = new Memory()
    const timeless = { time: undefined, value: 1, quality: 'good' as const }
    expect(memory.notification(point, timeless, NOW)).toBeDefined()
    expect(memory.notification(point, timeless, NOW)).toBeDefined()
  })
})
