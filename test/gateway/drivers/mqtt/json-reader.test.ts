import { describe, expect, it } from 'vitest'
import { createJsonReader } from '../../../../gateway/drivers/mqtt/json-reader.ts'
import { mqttPoint as toMqttPoint } from '../../../../gateway/drivers/mqtt/reader.ts'
import { mqttPoint } from '../../points.ts'
import { fixture, message, readOne } from './messages.ts'

const MEASURED = '2026-11-22T14:03:00.000Z'

describe('json', () => {
  const meter = fixture('json/meter.json')
  const read = (mqtt: Parameters<typeof mqttPoint>[1], payload: Buffer | string = meter, retained = false) =>
    readOne([mqttPoint('p', mqtt)], message('a/topic', payload, { retained }))

  it('leads by JSON Pointers to the value, with scale and offset, and to the time', () => {
    expect(read({ value: '/meter/index/0', scale: 0.001, offset: 5, time: '/ts' })).toEqual({
      said: ['p=128.456789 @2026-11-22T22:00:00.000Z'],
      problems: [],
    })
    expect(read({ value: '/a~1b/m~0n' }).said).toEqual(['p=8'])
  })

  it('takes a plain payload as it is, and text as a number only where it is one', () => {
    expect(read({}, '21.5').said).toEqual(['p=21.5'])
    expect(read({}, '"21.5"').said).toEqual(['p=21.5'])
    expect(read({}, '21,5')).toEqual({
      said: ['p=bad:undecodable'],
      problems: ['has no number at its top'],
    })
    expect(read({}, '').said).toBeUndefined()
  })

  it('takes no whole number that has lost digits', () => {
    expect(read({}, '9007199254740993').said).toEqual(['p=bad:undecodable'])
  })

  it.each([
    ['on', true],
    ['ON', true],
    ['1', true],
    ['true', true],
    ['"Off"', false],
    ['0', false],
    ['false', false],
  ])('takes %s for a boolean', (payload, value) => {
    const point = mqttPoint('p', {}, { quantity: 'fault' })
    expect(readOne([point], message('a/topic', payload)).said).toEqual([`p=${value}`])
  })

  it("takes the device's own words for true and false, and no others", () => {
    const words = { value: '/meter/relay', trueWhen: ['OPEN'], falseWhen: ['CLOSED'] }
    const relay = (payload: string) =>
      readOne([mqttPoint('p', words, { quantity: 'fault' })], message('a/topic', payload)).said
    expect(relay('{"meter":{"relay":"OPEN"}}')).toEqual(['p=true'])
    expect(relay('{"meter":{"relay":"closed"}}')).toEqual(['p=false'])
    expect(relay('{"meter":{"relay":"ON"}}')).toEqual(['p=bad:undecodable'])
  })

  it('maps what the device says of its quality; a bad one has no value', () => {
    const quality = { at: '/status', good: ['ok'], uncertain: ['warming'] }
    const said = (status: string) => read({ value: '/v', quality }, `{"v":7${status}}`).said
    expect(said(',"status":"OK"')).toEqual(['p=7'])
    expect(said(',"status":"warming"')).toEqual(['p=7 uncertain:uncertain-source'])
    expect(said(',"status":"broken"')).toEqual(['p=bad:sensor-fault'])
    expect(said('')).toEqual(['p=bad:sensor-fault'])
    expect(
      read({ value: '/v', quality: { at: '/error', good: [null], uncertain: [] } }, '{"v":7}').said,
    ).toEqual(['p=7'])
  })

  it('takes null for a sensor that has nothing to say: never 0, never the old value (trap 6)', () => {
    expect(read({ value: '/v' }, '{"v":null}').said).toEqual(['p=bad:sensor-fault'])
  })

  it('names what is missing, and leaves the point alone', () => {
    expect(read({ value: '/meter/nothing' })).toEqual({
      said: [],
      problems: ['has nothing at /meter/nothing'],
    })
    expect(read({ value: '/__proto__/x' }).said).toEqual([])
    expect(read({ value: '/meter/index/length' }).said).toEqual([])
    expect(read({ value: '/x' }, '{"x": 1')).toEqual({ said: [], problems: ['is no JSON'] })
    expect(read({}, Buffer.from([0xff, 0xfe]))).toEqual({ said: [], problems: ['is no UTF-8 text'] })
  })

  it('says of a time that cannot be read that the clock is not to be trusted', () => {
    expect(read({ value: '/v', time: '/t' }, '{"v":7,"t":"yesterday"}')).toEqual({
      said: ['p=7 uncertain:clock'],
      problems: ['has no readable time at /t'],
    })
  })

  it('a retained message keeps its own time, and without one it is not taken', () => {
    expect(read({ value: '/meter/index/1', time: '/ts' }, meter, true).said).toEqual([
      'p=12.5 @2026-11-22T22:00:00.000Z late',
    ])
    expect(read({ value: '/meter/index/1' }, meter, true)).toEqual({ said: [], problems: [] })
  })

  it('finds its topics among filters, and takes what is meant for the device only', () => {
    const points = [
      mqttPoint('mine', { topic: 'meters/+/state', value: '/v', where: { '/id': 7 } }),
      mqttPoint('all', { topic: 'meters/#', value: '/v' }),
    ]
    expect(readOne(points, message('meters/a/state', '{"id":"7","v":1}')).said).toEqual(['mine=1', 'all=1'])
    expect(readOne(points, message('meters/a/state', '{"id":8,"v":1}')).said).toEqual(['all=1'])
    expect(readOne(points, message('elsewhere', '{"v":1}')).said).toBeUndefined()
    expect(readOne(points.slice(0, 1), message('meters/a/state', '{"id":8,"v":1}')).problems).toEqual([
      'is of no device of the registry',
    ])
  })
})

describe('zigbee2mqtt', () => {
  const points = [
    mqttPoint('temperature', { format: 'zigbee2mqtt', address: 'cdi/window', value: '/temperature' }),
    mqttPoint(
      'open',
      {
        format: 'zigbee2mqtt',
        address: 'cdi/window',
        value: '/contact',
        trueWhen: [false],
        falseWhen: [true],
      },
      { quantity: 'fault' },
    ),
  ]
  const read = (topic: string, payload: Buffer | string, retained = false) =>
    readOne(points, message(topic, payload, { retained }))

  it('takes the state of a device at the time that it was last seen', () => {
    expect(read('zigbee2mqtt/cdi/window', fixture('zigbee2mqtt/sensor.json')).said).toEqual([
      'temperature=21.34 @2026-11-22T14:03:00.250Z',
      'open=true @2026-11-22T14:03:00.250Z',
    ])
    const plug = mqttPoint(
      'state',
      { format: 'zigbee2mqtt', address: 'plug', value: '/state' },
      { quantity: 'fault' },
    )
    expect(readOne([plug], message('zigbee2mqtt/plug', fixture('zigbee2mqtt/plug.json'))).said).toEqual([
      `state=true @${MEASURED}`,
    ])
  })

  it.each([
    ['zigbee2mqtt/cdi/window/availability', '{"state":"offline"}'],
    ['zigbee2mqtt/cdi/window/availability', 'offline'],
    ['zigbee2mqtt/bridge/state', '{"state":"offline"}'],
  ])('makes its points bad when %s says %s, also where it was kept', (topic, payload) => {
    const gone = ['temperature=bad:disconnected', 'open=bad:disconnected']
    expect(read(topic, payload)).toEqual({ said: gone, problems: [] })
    expect(read(topic, payload, true)).toEqual({ said: gone, problems: [] })
    expect(read(topic, payload.replace('offline', 'online'))).toEqual({ said: [], problems: [] })
    expect(read(topic, 'perhaps').problems).toEqual(['says neither online nor offline'])
  })
})

describe('tasmota', () => {
  const source = { format: 'tasmota', address: 'prise-3' } as const
  const read = (mqtt: Parameters<typeof mqttPoint>[1], name: string, payload: Buffer | string) =>
    readOne([mqttPoint('p', { ...source, ...mqtt })], message(`tele/prise-3/${name}`, payload)).said

  it("takes telemetry at the device's local time", () => {
    expect(read({ value: '/AM2301/Temperature' }, 'SENSOR', fixture('tasmota/sensor.json'))).toEqual([
      `p=19.8 @${MEASURED}`,
    ])
    const zone = { timeZone: '+02:00' }
    expect(read({ ...zone, value: '/ENERGY/Total' }, 'SENSOR', fixture('tasmota/energy.json'))).toEqual([
      'p=412.093 @2026-11-22T13:03:00.000Z',
    ])
  })

  it('makes its points bad when its last will says so', () => {
    expect(read({ value: '/AM2301/Temperature' }, 'LWT', 'Offline')).toEqual(['p=bad:disconnected'])
    expect(read({ value: '/AM2301/Temperature' }, 'LWT', 'Online')).toEqual([])
  })
})

describe('chirpstack-v4', () => {
  const device = { format: 'chirpstack-v4', address: '70B3D5E75E00A1B2' } as const
  const index = mqttPoint(
    'index',
    { ...device, value: '/object/volume_l', scale: 0.001, where: { '/fPort': 2 } },
    { quantity: 'water-index' },
  )
  const strength = mqttPoint('rssi', { ...device, value: '/rxInfo/0/rssi', where: { '/fPort': 2 } })
  const topic = 'application/e1b5d4f7-8a8c-4d8c-b2a0-0a5e5f1d7c22/device/70b3d5e75e00a1b2/event/up'

  it('takes the decoded object of an uplink of its device, at the time of the network', () => {
    expect(readOne([index, strength], message(topic, fixture('chirpstack-v4/water.json'))).said).toEqual([
      'index=12345.678 @2026-11-22T14:02:58.775Z',
      'rssi=-97 @2026-11-22T14:02:58.775Z',
    ])
  })

  it('leaves uplinks on other ports and of other devices alone', () => {
    expect(readOne([index], message(topic, fixture('chirpstack-v4/other-port.json')))).toEqual({
      said: [],
      problems: ['is of no device of the registry'],
    })
    const other = mqttPoint('index', { ...device, address: 'ffffffffffffffff', topic: 'application/#' })
    expect(readOne([other], message(topic, fixture('chirpstack-v4/water.json'))).said).toEqual([])
  })
})

describe('telegraf-json', () => {
  const energy = mqttPoint('energy', {
    format: 'telegraf-json',
    value: '/fields/energy',
    where: { '/name': 'modbus', '/tags/slave_id': '3' },
  })

  it('takes the fields of one metric and of a batch, by name and tags, in seconds or milliseconds', () => {
    expect(
      readOne([energy], message('telegraf/gw1/modbus', fixture('telegraf-json/metric.json'))).said,
    ).toEqual([`energy=123456.5 @${MEASURED}`])
    expect(
      readOne([energy], message('telegraf/gw1/modbus', fixture('telegraf-json/batch.json'))).said,
    ).toEqual(['energy=123457 @2026-11-22T14:03:10.000Z', 'energy=123458 @2026-11-22T14:03:20.000Z'])
  })
})

it('subscribes to the topics of the formats', () => {
  const filters = createJsonReader(
    [
      mqttPoint('a', { format: 'zigbee2mqtt', address: 'lamp' }),
      mqttPoint('b', { format: 'tasmota', address: 'plug', topic: 'tele/plug/STATE' }),
      mqttPoint('c', { format: 'telegraf-json' }),
      mqttPoint('d', { topic: 'd/+', availability: 'd/alive' }),
    ].map(toMqttPoint),
  ).filters
  expect(filters).toEqual([
    'zigbee2mqtt/lamp',
    'zigbee2mqtt/lamp/availability',
    'zigbee2mqtt/bridge/state',
    'tele/plug/STATE',
    'tele/plug/LWT',
    'telegraf/#',
    'd/+',
    'd/alive',
  ])
})
