import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DataType,
  DataValue,
  HistoryData,
  HistoryReadResult,
  type Message,
  MessageSecurityMode,
  type MonitoredItem,
  MonitoringMode,
  makeAccessLevelFlag,
  OPCUACertificateManager,
  OPCUAServer,
  type ReadRawModifiedDetails,
  SecurityPolicy,
  type ServerSecureChannelLayer,
  ServiceFault,
  type StatusCode,
  StatusCodes,
  type Subscription,
  type UAVariable,
  Variant,
} from 'node-opcua'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startConnection } from '../../../../gateway/connection.ts'
import type { Driver } from '../../../../gateway/driver.ts'
import { createDriver } from '../../../../gateway/drivers/opcua/opcua.ts'
import type { ConnectionStatus } from '../../../../model/delivery.ts'
import { MINUTE_MS } from '../../../../model/time.ts'
import type { Point } from '../../../../registry/registry.ts'
import type { OpcuaConnection } from '../../../../registry/schema.ts'
import { closeLater } from '../../../close-later.ts'
import { findPeer } from '../../../peers/cache.ts'
import { type OpcuaNodeValue, startAsyncua } from '../../../peers/python.ts'
import { Collector, clock, handClock, log, told } from '../../collector.ts'
import { opcuaPoint } from '../../points.ts'

/** The folders of one gateway and one server for all tests: making their keys takes a while. */
let gatewayFolder: string
let serverFolder: string
beforeAll(async () => {
  gatewayFolder = await mkdtemp(join(tmpdir(), 'affluent-opcua-gateway-'))
  serverFolder = await mkdtemp(join(tmpdir(), 'affluent-opcua-server-'))
})
afterAll(async () => {
  for (const folder of [gatewayFolder, serverFolder])
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

function driverFor(url: string, security: Partial<OpcuaConnection> = {}, logger = log, time = clock) {
  return createDriver({
    connection: {
      id: 'a-connection',
      driver: 'opcua',
      url,
      securityMode: 'None',
      securityPolicy: 'None',
      devices: [],
      ...security,
    },
    folder: gatewayFolder,
    clock: time,
    log: logger,
  })
}

function startReading(driver: Driver, points: readonly Point[]) {
  const samples = new Collector()
  const statuses = new Collector<ConnectionStatus>()
  closeLater(
    startConnection({
      driver,
      points,
      clock,
      log,
      deliver: samples.deliver,
      onStatus: status => statuses.deliver([status]),
    }),
  )
  return { samples, statuses }
}

const temperature = opcuaPoint('temperature', 'ns=2;s=Temperature', { interval: 1000 })
const index = opcuaPoint('index', 'ns=2;s=Index', { interval: 1000, quantity: 'electricity-index' })
const START: Record<string, OpcuaNodeValue> = {
  'ns=2;s=Temperature': { value: 1.5 },
  'ns=2;s=Index': { value: 4711, type: 'Int64' },
}

describe.runIf(findPeer('python'))('reading an asyncua server', () => {
  it('gives values at once, changes at their source time, and repeats what does not change', async () => {
    const peer = closeLater(await startAsyncua(START))
    const { samples } = startReading(driverFor(peer.url), [temperature, index])
    await samples.next(sample => sample.point === temperature && sample.value === 1.5)
    await samples.next(sample => sample.point === index && sample.value === 4711)
    const time = new Date(clock.now() - 60_000)
    await peer.set('ns=2;s=Temperature', { value: -3.25, time: time.toISOString() })
    const change = await samples.next(sample => sample.value === -3.25)
    expect([change.quality, change.time]).toEqual(['good', time.getTime()])
    // Coverage needs an index at each interval, and a source time only once.
    const from = samples.all.length
    const repeated = await samples.next(sample => sample.point === index, from)
    expect([repeated.value, repeated.time]).toEqual([4711, undefined])
    const confirmed = await samples.next(sample => sample.value === -3.25 && sample !== change)
    expect(confirmed.time).toBeUndefined()
  })

  it('trap 6: a bad status is a reading without a value, and its reason', async () => {
    const peer = closeLater(await startAsyncua(START))
    const { samples } = startReading(driverFor(peer.url), [temperature, index])
    await samples.next(sample => sample.value === 1.5)
    await peer.set('ns=2;s=Temperature', { value: null, status: 'BadSensorFailure' })
    // On a busy machine an interval may pass before the connection stands.
    const bad = await samples.next(
      ({ point, quality }) => point === temperature && quality !== 'good' && quality !== 'bad:disconnected',
    )
    expect([bad.value, bad.quality]).toEqual([null, 'bad:sensor-fault'])
    await peer.set('ns=2;s=Temperature', { value: 9, status: 'UncertainSensorNotAccurate' })
    expect(await samples.next(sample => sample.value === 9)).toMatchObject({
      quality: 'uncertain:uncertain-source',
    })
  })

  it('trap 8: a bad node is bad alone, at each interval, and never stops the others', async () => {
    const peer = closeLater(await startAsyncua(START))
    const missing = opcuaPoint('missing', 'ns=2;s=Missing', { interval: 500 })
    const { samples } = startReading(driverFor(peer.url), [missing, temperature])
    await samples.next(sample => sample.value === 1.5)
    const first = await samples.next(sample => sample.point === missing, samples.all.length)
    expect(told([first])).toEqual(['missing=bad:exception'])
    await samples.next(sample => sample.point === missing && sample !== first)
  })

  it('trap 8: the server restarts: bad readings in between, then values and changes again', async () => {
    const peer = await startAsyncua(START)
    const { samples, statuses } = startReading(driverFor(peer.url), [temperature, index])
    await samples.next(sample => sample.value === 1.5)
    // What the subscription has told is what the library asks for again afterwards.
    await peer.set('ns=2;s=Temperature', { value: 1.75 })
    await samples.next(sample => sample.value === 1.75)
    await peer.close()
    // At each interval: the library by itself would hold a read until the server is back.
    for (let from = samples.all.length, bad = 0; bad < 3; bad++) {
      const reading = await samples.next(({ point }) => point === temperature, from)
      expect([reading.quality, reading.value]).toEqual(['bad:disconnected', null])
      from = samples.all.indexOf(reading) + 1
    }
    await statuses.next(status => status.state === 'failed')
    const again = closeLater(
      await startAsyncua({ ...START, 'ns=2;s=Temperature': { value: 2.5 } }, peer.port),
    )
    await samples.next(sample => sample.value === 2.5)
    await statuses.next(
      status => status.state === 'connected',
      statuses.all.findIndex(s => s.state === 'failed'),
    )
    await again.set('ns=2;s=Temperature', { value: 3.5, time: new Date(clock.now()).toISOString() })
    await samples.next(sample => sample.value === 3.5)
  })
})

describe.runIf(findPeer('python'))('what of a node a point is', () => {
  const scaled = opcuaPoint('scaled', 'ns=2;s=Tenths', { interval: 1000 }, { scale: 0.1, offset: -5 })
  const third = opcuaPoint('third', 'ns=2;s=List', { interval: 1000 }, { element: 2 })
  const whole = opcuaPoint('whole', 'ns=2;s=List', { interval: 1000 })
  const ninth = opcuaPoint('ninth', 'ns=2;s=List', { interval: 1000 }, { element: 9 })
  const mode = opcuaPoint(
    'mode',
    'ns=2;s=Mode',
    { interval: 1000, quantity: 'operating-mode' },
    { states: { 0: 'off', 1: 'heating' } },
  )
  const absent = opcuaPoint('absent', 'ns=2;s=Absent', { interval: 1000 })

  it('is scaled, one of an array, the name of a number; what cannot be is said once, with its node', async () => {
    const peer = closeLater(
      await startAsyncua({
        'ns=2;s=Tenths': { value: 215, type: 'Int16' },
        'ns=2;s=List': { value: [1.5, 2.5, 3.5] },
        'ns=2;s=Mode': { value: 1, type: 'Int32' },
      }),
    )
    const lines: string[] = []
    const session = closeLater(
      await driverFor(peer.url, {}, pino({ base: null }, { write: line => void lines.push(line) })).connect(),
    )
    const samples = new Collector()
    const points = [scaled, third, whole, ninth, mode, absent]
    await session.read(points, samples.deliver)
    await session.read(points, samples.deliver)
    expect(told(samples.all).slice(6)).toEqual([
      'scaled=16.5',
      'third=3.5',
      'whole=bad:undecodable',
      'ninth=bad:undecodable',
      'mode=heating',
      'absent=bad:exception',
    ])
    expect(lines.map(line => JSON.parse(line).msg).filter(message => message.includes('node ns='))).toEqual([
      'a-site/a-device/whole, node ns=2;s=List: it is an array of Double: say which element of it',
      'a-site/a-device/ninth, node ns=2;s=List: it is an array without an element 9',
      'a-site/a-device/absent, node ns=2;s=Absent: the server says BadNodeIdUnknown',
    ])
    await peer.set('ns=2;s=Mode', { value: 7, type: 'Int32' })
    await session.read([mode], samples.deliver)
    expect(told(samples.all).at(-1)).toBe('mode=bad:undecodable')
  })
})

describe('a deadband', () => {
  it('keeps small changes from being told, and no watchdog takes that for silence', async () => {
    const server = await startServer()
    const power = server.engine.addressSpace!.findNode('ns=1;s=Power') as UAVariable
    const set = (value: number) => power.setValueFromSource({ dataType: DataType.Double, value })
    const time = handClock()
    const session = closeLater(await driverFor(urlOf(server), {}, log, time).connect())
    const samples = new Collector()
    const point = opcuaPoint('power', 'ns=1;s=Power', { interval: 1000 }, { sampling: 50, deadband: 5 })
    await session.subscribe!([point], samples.deliver)
    await samples.next(({ value }) => value === 12.5)
    for (const value of [13, 14, 20, 21, 30]) {
      set(value)
      if (value === 20 || value === 30) await samples.next(sample => sample.value === value)
      else {
        time.advance(10_000)
        await session.read([point], () => {})
      }
    }
    const held = new Promise(resolve => setImmediate(resolve, 'held'))
    expect(await Promise.race([session.lost, held])).toBe('held')
    expect(samples.all.map(({ value }) => value)).toEqual([12.5, 20, 30])
  })

  it('that a server refuses is said, and every change is told', async () => {
    const server = await startServer()
    const lines: string[] = []
    const log = pino({ base: null }, { write: line => void lines.push(line) })
    const session = closeLater(await driverFor(urlOf(server), {}, log).connect())
    const samples = new Collector()
    // The node has no range of which a share could be taken.
    const point = opcuaPoint('power', 'ns=1;s=Power', { interval: 1000 }, { sampling: 50, deadband: '5%' })
    await session.subscribe!([point], samples.deliver)
    await samples.next(({ value }) => value === 12.5)
    expect(lines.join()).toMatch(/the server refuses the deadband \(Bad\w+\) and tells every change/)
  })

  it('in percent is of the range of its node', async () => {
    const server = await startServer()
    const space = server.engine.addressSpace!
    const level = space.getOwnNamespace().addAnalogDataItem({
      organizedBy: space.rootFolder.objects,
      browseName: 'Level',
      nodeId: 's=Level',
      dataType: 'Double',
      engineeringUnitsRange: { low: 0, high: 200 },
      value: { dataType: DataType.Double, value: 50 },
    }) as unknown as UAVariable
    const lines: string[] = []
    const logger = pino({ base: null, level: 'warn' }, { write: line => void lines.push(line) })
    const session = closeLater(await driverFor(urlOf(server), {}, logger).connect())
    const samples = new Collector()
    const settings = { sampling: 50, deadband: '5%' }
    // Beside it, what is told of each change shows that the server has looked in between.
    const all = opcuaPoint('all', 'ns=1;s=Level', { interval: 1000 }, { sampling: 50 })
    const wide = opcuaPoint('wide', 'ns=1;s=Level', { interval: 1000 }, settings)
    await session.subscribe!([all, wide], samples.deliver)
    for (const value of [50, 59, 61, 70, 72]) {
      level.setValueFromSource({ dataType: DataType.Double, value })
      await samples.next(sample => sample.point === all && sample.value === value)
    }
    await samples.next(sample => sample.point === wide && sample.value === 72)
    expect(samples.all.filter(({ point }) => point === wide).map(({ value }) => value)).toEqual([50, 61, 72])
    expect(lines.join()).not.toContain('deadband')
  })
})

describe('more nodes than a server monitors in one request', () => {
  const many = Array.from({ length: 150 }, (_, index) =>
    opcuaPoint(`p${index}`, 'ns=1;s=Power', { interval: 200 }),
  )

  it('are monitored in several', async () => {
    const server = await startServer()
    server.engine.serverCapabilities.operationLimits.maxMonitoredItemsPerCall = 100
    const session = closeLater(await driverFor(urlOf(server)).connect())
    const samples = new Collector()
    await session.subscribe!(many, samples.deliver)
    for (const point of many) await samples.next(sample => sample.point === point && sample.value === 12.5)
  })

  it('are read where the server takes still less: there is nothing to be had by connecting again', async () => {
    const server = await startServer()
    server.engine.serverCapabilities.operationLimits.maxMonitoredItemsPerCall = 10
    const lines: string[] = []
    const logger = pino({ level: 'warn' }, { write: line => void lines.push(JSON.parse(line).msg) })
    const session = closeLater(await driverFor(urlOf(server), {}, logger).connect())
    await session.subscribe!(many, () => {})
    expect(lines.filter(line => line.includes('subscription'))).toEqual([
      'the server gives no subscription (BadTooManyOperations): its points are read at each interval',
    ])
    expect(server.engine.currentSubscriptionCount).toBe(0)
  })

  it('are no matter of a session that the server has forgotten: that is made anew', async () => {
    const server = await startServer()
    Object.assign(server, { _on_CreateMonitoredItemsRequest: refuseWith(StatusCodes.BadSessionNotActivated) })
    const session = closeLater(await driverFor(urlOf(server)).connect())
    await expect(session.subscribe!(many, () => {})).rejects.toThrow('BadSessionNotActivated')
  })
})

describe('how often a server looks, and how much it keeps', () => {
  it.each([
    ['of a point that says nothing of it', {}, { sampling: 1000, queue: 601 }],
    ['of a point that does', { sampling: 250, queue: 7 }, { sampling: 250, queue: 7 }],
  ])('%s', async (_, settings, expected) => {
    const server = await startServer()
    const items: MonitoredItem[] = []
    onMonitoredItem(server, item => items.push(item))
    const session = closeLater(await driverFor(urlOf(server)).connect())
    await session.subscribe!([opcuaPoint('power', 'ns=1;s=Power', { interval: 1000 }, settings)], () => {})
    expect(items.map(({ samplingInterval: sampling, queueSize: queue }) => ({ sampling, queue }))).toEqual([
      expected,
    ])
  })
})

describe('a node that a server does not have yet', () => {
  it('is bad until then, alone, and has its values from then on (trap 8)', async () => {
    const server = await startServer()
    const late = opcuaPoint('late', 'ns=1;s=Late', { interval: 200 })
    const power = opcuaPoint('power', 'ns=1;s=Power', { interval: 200 })
    const lines = new Collector<string>()
    const logger = pino({ level: 'warn' }, { write: line => lines.deliver([line]) })
    const { samples, statuses } = startReading(driverFor(urlOf(server), {}, logger), [late, power])
    await samples.next(sample => sample.point === late && sample.quality === 'bad:exception')
    await lines.next(line => line.includes('the server does not monitor it (BadNodeIdUnknown)'))
    const said = await statuses.next(({ error }) => error !== undefined)
    expect(said).toEqual({
      state: 'connected',
      error: 'a-site/a-device/late: the server says BadNodeIdUnknown',
    })
    addVariable(server, 'Late', 4711)
    await samples.next(sample => sample.point === late && sample.value === 4711)
    await statuses.next(({ error }) => error === undefined, statuses.all.indexOf(said))
    expect(samples.all.filter(({ point }) => point === power).every(({ value }) => value === 12.5)).toBe(true)
  })
})

describe('a server that gives no subscription', () => {
  it.each([
    ['because it has no such service', { _on_CreateSubscriptionRequest: undefined }, 'BadServiceUnsupported'],
    [
      'that anything could be monitored in',
      { _on_CreateMonitoredItemsRequest: undefined },
      'BadServiceUnsupported',
    ],
    ['because others have them all', {}, 'BadTooManySubscriptions'],
  ])('%s: that is said once, and its points are read at each interval', async (_, without, status) => {
    const server = await startServer()
    Object.assign(server, without)
    if (status === 'BadTooManySubscriptions') server.engine.serverCapabilities.maxSubscriptions = 0
    const lines: string[] = []
    const logger = pino(
      { base: null, level: 'warn' },
      { write: line => void lines.push(JSON.parse(line).msg) },
    )
    const driver = driverFor(urlOf(server), {}, logger)
    const { samples, statuses } = startReading(driver, [
      opcuaPoint('power', 'ns=1;s=Power', { interval: 100 }),
    ])
    for (let from = 0, good = 0; good < 10; good++) {
      const reading = await samples.next(({ quality }) => quality === 'good', from)
      from = samples.all.indexOf(reading) + 1
    }
    const words = `the server gives no subscription (${status}): its points are read at each interval`
    await statuses.next(({ error }) => error === words)
    expect(new Set(statuses.all.map(({ state }) => state))).toEqual(new Set(['connecting', 'connected']))
    expect(
      await driver
        .connect()
        .then(closeLater)
        .then(s => s.subscribe!([temperature], () => {})),
    ).toBeUndefined()
    expect(lines.filter(line => line.includes('subscription'))).toEqual([words])
  })

  it('for now is asked for one again when it has dropped those of before, in the same session', async () => {
    const server = await startServer()
    const { serverCapabilities } = server.engine
    const { maxSubscriptions } = serverCapabilities
    serverCapabilities.maxSubscriptions = 0
    const time = handClock()
    const session = closeLater(await driverFor(urlOf(server), {}, log, time).connect())
    const samples = new Collector()
    const power = opcuaPoint('power', 'ns=1;s=Power', { interval: 100 })
    await session.subscribe!([power], samples.deliver)
    expect(session.trouble).toMatch(/BadTooManySubscriptions/)
    let asked = 0
    server.on('request', ({ schema }) => {
      if (schema.name === 'CreateSubscriptionRequest') asked++
    })
    time.advance(10 * MINUTE_MS - 1)
    for (let read = 0; read < 3; read++) await session.read([power], () => {})
    expect(asked).toBe(0)
    time.advance(1)
    while (asked < 1) await session.read([power], () => {})
    time.advance(10 * MINUTE_MS)
    while (asked < 2) await session.read([power], () => {})
    expect(session.trouble).toMatch(/BadTooManySubscriptions/)
    serverCapabilities.maxSubscriptions = maxSubscriptions
    time.advance(10 * MINUTE_MS)
    while (session.trouble !== undefined) await session.read([power], () => {})
    const node = server.engine.addressSpace!.findNode('ns=1;s=Power') as UAVariable
    node.setValueFromSource({ dataType: DataType.Double, value: 99 })
    await samples.next(({ value }) => value === 99)
    expect(asked).toBe(3)
  })

  it('for some points is told which, and these alone are read', async () => {
    const server = await startServer()
    server.engine.serverCapabilities.maxMonitoredItemsPerSubscription = 1
    const lines: string[] = []
    const logger = pino(
      { base: null, level: 'warn' },
      { write: line => void lines.push(JSON.parse(line).msg) },
    )
    const [power, again] = ['power', 'again'].map(name => opcuaPoint(name, 'ns=1;s=Power', { interval: 100 }))
    const { samples, statuses } = startReading(driverFor(urlOf(server), {}, logger), [power!, again!])
    for (let from = 0, good = 0; good < 10; good++) {
      const reading = await samples.next(({ point, value }) => point === again && value === 12.5, from)
      from = samples.all.indexOf(reading) + 1
    }
    expect(statuses.all.map(({ state }) => state)).toEqual(['connecting', 'connected'])
    expect(lines.filter(line => line.includes('monitor'))).toEqual([
      'a-site/a-device/again, node ns=1;s=Power: the server does not monitor it (BadTooManyMonitoredItems): it is read at each interval',
    ])
  })
})

describe.runIf(findPeer('python'))('what a server kept while there was no connection', () => {
  it('is read from its history: once, with its own times, beside what is live', async () => {
    const node = 'ns=2;s=Kept'
    const start = Math.floor(clock.now() / 1000) * 1000 - 60_000
    const at = (second: number) => new Date(start + second * 1000).toISOString()
    const peer = closeLater(
      await startAsyncua({ [node]: { value: 0, time: at(0) }, 'ns=2;s=Lost': { value: 0, time: at(0) } }, 0, {
        history: [node],
      }),
    )
    const kept = opcuaPoint('kept', node, { interval: 60_000 })
    const lost = opcuaPoint('lost', 'ns=2;s=Lost', { interval: 60_000 })
    const driver = driverFor(peer.url)
    const samples = new Collector()
    const first = await driver.connect()
    await first.subscribe!([kept, lost], samples.deliver)
    await peer.set(node, { value: 1, time: at(1) })
    await samples.next(({ value }) => value === 1)
    await first.close()

    for (let second = 2; second <= 1102; second++)
      await peer.set(node, { value: second, time: new Date(start + second * 10).toISOString() })
    await peer.set('ns=2;s=Lost', { value: 5, time: at(2) })
    // A session that ends before it has caught up leaves that to the next one.
    const again = new Collector()
    const between = await driver.connect()
    await between.read([kept], () => {})
    await between.close()
    const second = closeLater(await driver.connect())
    await second.read([kept], again.deliver)
    await second.subscribe!([kept, lost], again.deliver)
    await again.next(({ point, value }) => point === lost && value === 5)
    await again.next(({ point, value }) => point === kept && value === 1102)
    const values = again.all.filter(({ point }) => point === kept)
    expect(values.map(({ value }) => value).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 1002 }, (_, index) => index + 101),
    )
    expect(values.filter(({ late }) => late).length).toBeGreaterThan(1000)
    expect(values.find(({ value }) => value === 500)).toMatchObject({ time: start + 5000, quality: 'good' })
  })
})

describe('a history of values that have no time but that of the server', () => {
  it('is read to its end without continuation points, and told once where the subscription says it again', async () => {
    const server = await startServer()
    const items: MonitoredItem[] = []
    onMonitoredItem(server, item => items.push(item))
    const power = keepHistory(server)
    const samples = new Collector()
    const point = opcuaPoint('power', 'ns=1;s=Power', { interval: 100 })
    const driver = driverFor(urlOf(server))
    const first = await driver.connect()
    await first.subscribe!([point], samples.deliver)
    await samples.next(({ value }) => value === 12.5)
    await first.close()

    const start = clock.now()
    const said = (value: number) =>
      new DataValue({
        value: new Variant({ dataType: DataType.Double, value }),
        serverTimestamp: new Date(start + value),
      })
    const kept = Array.from({ length: 1500 }, (_, index) => said(index + 1000))
    power.setValueFromSource({ dataType: DataType.Double, value: 50 })
    power.historyRead = async (_context, details) => {
      await samples.next(({ value }) => value === 50)
      const { startTime } = details as ReadRawModifiedDetails
      const dataValues = kept.filter(({ serverTimestamp }) => serverTimestamp! >= startTime!).slice(0, 1000)
      return new HistoryReadResult({ historyData: new HistoryData({ dataValues }) })
    }
    const second = closeLater(await driver.connect())
    await second.subscribe!([point], samples.deliver)
    const late = samples.all.filter(sample => sample.late)
    expect(late.map(({ value, time }) => [value, time])).toEqual(
      kept.map(({ value, serverTimestamp }) => [value.value, serverTimestamp!.getTime()]),
    )
    for (const value of [2499, 3000]) items.at(-1)!.recordValue(said(value), true)
    await samples.next(({ value }) => value === 3000)
    expect(samples.all.filter(({ value }) => value === 2499)).toHaveLength(1)
  })
})

describe('a history that is promised and not given', () => {
  /** A session after another one, on a server that says that it keeps a history of its node. */
  async function takeUp(onHistoryRead: (() => void) | undefined) {
    const server = await startServer()
    const power = keepHistory(server)
    Object.assign(server, { _on_HistoryReadRequest: onHistoryRead })
    const point = opcuaPoint('power', 'ns=1;s=Power', { interval: 100 })
    const said: string[] = []
    const logger = pino({ level: 'warn' }, { write: line => said.push(JSON.parse(line).msg) })
    const driver = driverFor(urlOf(server), {}, logger)
    const samples = new Collector()
    const first = await driver.connect()
    await first.subscribe!([point], samples.deliver)
    await samples.next(() => true)
    await first.close()
    const second = closeLater(await driver.connect())
    const from = samples.all.length
    await second.subscribe!([point], samples.deliver)
    power.setValueFromSource({ dataType: DataType.Double, value: 99 })
    await samples.next(({ value }) => value === 99, from)
    return said.filter(line => line.includes('history'))
  }

  it('as a service is said, and what is live goes on', async () => {
    expect(await takeUp(undefined)).toEqual([
      'a-site/a-device/power, node ns=1;s=Power: the server refuses its history (BadServiceUnsupported)',
    ])
  })

  it('in time is asked for again later, and what is live goes on', async () => {
    expect(await takeUp(() => {})).toEqual([
      'the server does not answer for its history in time: what was missed is asked for at the next connection',
    ])
  }, 20_000)
})

describe('trap 8: connected but silent', () => {
  it('a subscription that says nothing of a value that changes is begun anew', async () => {
    const server = await startServer()
    const items: MonitoredItem[] = []
    onMonitoredItem(server, item => items.push(item))
    const power = server.engine.addressSpace!.findNode('ns=1;s=Power') as UAVariable
    let value = 0
    const changing = setInterval(
      () => power.setValueFromSource({ dataType: DataType.Double, value: value++ }),
      20,
    )
    onTestFinished(async () => clearInterval(changing))
    const { samples, statuses } = startReading(driverFor(urlOf(server)), [
      opcuaPoint('power', 'ns=1;s=Power', { interval: 100 }),
    ])
    // Only a subscription tells several changes between two instants of the grid.
    await samples.next(() => samples.all.length > 10)
    for (const item of items.splice(0)) item.setMonitoringMode(MonitoringMode.Disabled)
    const lost = await statuses.next(
      status => status.error?.includes('says nothing of a-site/a-device/power') ?? false,
    )
    await statuses.next(status => status.state === 'connected', statuses.all.indexOf(lost))
    const from = samples.all.length
    await samples.next(sample => sample.quality === 'good', from)
  })
})

describe('closing while it subscribes', () => {
  it('throws nothing, neither here nor behind', async () => {
    const server = await startServer()
    const session = await driverFor(urlOf(server)).connect()
    const subscribing = session.subscribe!([opcuaPoint('power', 'ns=1;s=Power')], () => {})
    await session.close()
    await Promise.allSettled([subscribing])
    await expect(session.lost).resolves.toBeInstanceOf(Error)
  })
})

describe('an address where nobody listens', () => {
  it('may be tried for ever: an attempt leaves nothing open behind', async () => {
    const driver = driverFor('opc.tcp://127.0.0.1:9')
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(driver.connect()).rejects.toThrow('127.0.0.1:9')
    const { libuv } = process.report.getReport() as unknown as {
      libuv: { type: string; filename?: string }[]
    }
    const watched = libuv.filter(({ type }) => type === 'fs_event').map(({ filename }) => filename)
    expect(watched.filter(name => name?.startsWith(gatewayFolder))).toEqual([])
  })

  it('is named, and closing is quick', async () => {
    const driver = driverFor('opc.tcp://127.0.0.1:1')
    await expect(driver.connect()).rejects.toThrow('cannot connect to opc.tcp://127.0.0.1:1')
  })
})

async function startServer(): Promise<OPCUAServer> {
  const server = new OPCUAServer({
    port: 0,
    host: '127.0.0.1',
    hostname: '127.0.0.1',
    securityModes: [MessageSecurityMode.None],
    securityPolicies: [SecurityPolicy.None],
    serverCertificateManager: new OPCUACertificateManager({
      rootFolder: serverFolder,
      automaticallyAcceptUnknownCertificate: true,
      disableFileWatchers: true,
    }),
  })
  await server.initialize()
  addVariable(server, 'Power', 12.5)
  await server.start()
  onTestFinished(() => server.shutdown(0))
  return server
}

function onMonitoredItem(server: OPCUAServer, listener: (item: MonitoredItem) => void): void {
  server.on('create_session', session => {
    session.on('new_subscription', (subscription: Subscription) => {
      subscription.on('monitoredItem', listener)
    })
  })
}

/** A node of which the server says that it keeps a history. */
function keepHistory(server: OPCUAServer): UAVariable {
  const power = server.engine.addressSpace!.findNode('ns=1;s=Power') as UAVariable
  const level = makeAccessLevelFlag('CurrentRead | HistoryRead')
  return Object.assign(power, { accessLevel: level, userAccessLevel: level })
}

/** Answers a request as a server does that refuses it as a whole. */
function refuseWith(serviceResult: StatusCode) {
  return (message: Message, channel: ServerSecureChannelLayer) =>
    channel.send_response('MSG', new ServiceFault({ responseHeader: { serviceResult } }), message)
}

function addVariable(server: OPCUAServer, name: string, value: number): void {
  const space = server.engine.addressSpace!
  space.getOwnNamespace().addVariable({
    organizedBy: space.rootFolder.objects,
    browseName: name,
    nodeId: `s=${name}`,
    dataType: 'Double',
    value: { dataType: DataType.Double, value },
  })
}

function urlOf(server: OPCUAServer): string {
  return `opc.tcp://127.0.0.1:${server.endpoints[0]!.port}`
}
