import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { encodeAcknowledgement } from '../../bus/acknowledgement.ts'
import { startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import { decodeReadingBatch } from '../../bus/codec.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { openOutboxRuns } from '../../bus/outbox-runs.ts'
import { topics } from '../../bus/topics.ts'
import { startGateway } from '../../gateway/gateway.ts'
import type { ReadingBatch, SenderStatus } from '../../model/delivery.ts'
import { type Reading, readingAt } from '../../model/reading.ts'
import { encodeRegisters } from '../../model/register-values.ts'
import { loadRegistry } from '../../registry/load.ts'
import { closeLater } from '../close-later.ts'
import { findPeer } from '../peers/cache.ts'
import { startAsyncua, startPymodbus } from '../peers/python.ts'
import { Collector, clock, log } from './collector.ts'
import { registers, startDevice } from './drivers/modbus/device.ts'

const big = { wordOrder: 'big', byteOrder: 'big' } as const
const METER = {
  1: {
    holding: {
      0: [
        ...encodeRegisters({ type: 'uint32', ...big }, 123_456),
        ...encodeRegisters({ type: 'float32', ...big }, 21.3),
      ],
    },
  },
}

async function startHub() {
  const broker = closeLater(await startBroker({ host: '127.0.0.1', port: 0, log }))
  const bus = closeLater(await connectBus({ url: broker.url, clientId: 'hub', log }))
  const batches = new Collector<ReadingBatch>()
  const readings = new Collector<Reading & { stream: string }>()
  const statuses = new Collector<SenderStatus>()
  await bus.subscribe(topics.readings('gateway-1'), (_topic, payload) => {
    const decoded = decodeReadingBatch(payload)
    if (!('batch' in decoded)) throw new Error(JSON.stringify(decoded))
    const { batch } = decoded
    batches.deliver([batch])
    const { stream } = batch
    readings.deliver(batch.readings.points.map((_, i) => ({ stream, ...readingAt(batch.readings, i) })))
    const upTo = batch.first + batch.readings.points.length - 1
    const { run } = batch
    const answer = encodeAcknowledgement({
      version: 1,
      stream,
      run,
      upTo,
      ranges: [],
      window: 1000,
      time: clock.now(),
    })
    // The last batch may come while the test closes its bus: then nobody is left to answer.
    bus.publish(topics.acknowledgements('gateway-1'), answer).catch(() => {})
  })
  await bus.subscribe(topics.status('gateway-1'), (_topic, payload) =>
    statuses.deliver([JSON.parse(String(payload))]),
  )
  return { url: broker.url, batches, readings, statuses }
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-gateway-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

async function start(
  url: string,
  addresses: Record<string, number>,
  options: { folder?: string; isClockTrusted?: boolean } = {},
) {
  const registry = await loadRegistry(join(import.meta.dirname, 'testdata', 'territory.yaml'))
  const folder = options.folder ?? (await makeFolder())
  const bus = closeLater(await connectBus({ url, clientId: 'gateway-1', log }))
  const gateway = await startGateway({
    registry,
    gateway: registry.gateways.get('gateway-1')!,
    bus,
    outboxFolder: folder,
    addresses: new Map(Object.entries(addresses).map(([id, port]) => [id, { host: '127.0.0.1', port }])),
    isClockTrusted: options.isClockTrusted,
    clock,
    log,
  })
  return { gateway, registry, folder }
}

describe.runIf(findPeer('python'))('a gateway', () => {
  it('carries what pymodbus and asyncua say to the bus, indexes and measures in their streams', async () => {
    const hub = await startHub()
    const modbus = closeLater(await startPymodbus(METER))
    const opcua = closeLater(await startAsyncua({ 'ns=2;s=Heat': { value: 815.25 } }))
    const { gateway, registry } = await start(hub.url, { modbus: modbus.port, opcua: opcua.port })
    const good = (point: string) =>
      hub.readings.next(reading => reading.point === point && reading.quality === 'good')
    expect(await good('college/meter/energy')).toMatchObject({ value: 12_345.6, stream: 'indexes' })
    expect(await good('college/meter/power')).toMatchObject({ value: 21.3, stream: 'measures' })
    expect(await good('college/controller/heat')).toMatchObject({ value: 815.25, stream: 'indexes' })
    const status = await hub.statuses.next(({ connections }) =>
      ['modbus', 'opcua'].every(id => connections?.[id]?.state === 'connected'),
    )
    expect(status).toMatchObject({
      online: true,
      role: 'gateway',
      registry: registry.gatewayParts.get('gateway-1')!.hash,
    })
    await gateway.close()
    await hub.statuses.next(({ online }) => !online)
  })

  it('one connection that cannot be made stops no other, and the status says which', async () => {
    const hub = await startHub()
    const modbus = closeLater(await startPymodbus(METER))
    const { gateway } = await start(hub.url, { modbus: modbus.port, opcua: 1 })
    closeLater(gateway)
    await hub.readings.next(({ point, value }) => point === 'college/meter/energy' && value === 12_345.6)
    const missing = await hub.readings.next(({ point }) => point === 'college/controller/heat')
    expect([missing.value, missing.quality]).toEqual([null, 'bad:disconnected'])
    await hub.statuses.next(
      ({ connections }) =>
        connections?.modbus?.state === 'connected' &&
        connections.opcua?.error?.startsWith('cannot connect to opc.tcp://127.0.0.1:1') === true,
    )
  })

  it('gives every point a reading at each interval, changed or not, no source time twice', async () => {
    const hub = await startHub()
    const modbus = closeLater(await startPymodbus(METER))
    closeLater((await start(hub.url, { modbus: modbus.port, opcua: 1 })).gateway)
    const energy = () =>
      hub.readings.all.filter(({ point, value }) => point === 'college/meter/energy' && value !== null)
    await hub.readings.next(() => energy().length >= 6)
    const times = energy().map(({ time }) => time)
    expect(new Set(times).size).toBe(times.length)
  })

  it('journals without a broker, and closes within 2 s', async () => {
    const device = closeLater(
      await startDevice((request, reply) => reply(registers(request, METER[1].holding[0]))),
    )
    const { gateway, folder } = await start('mqtt://127.0.0.1:1', { modbus: device.port, opcua: 1 })
    // One request at a time: with the third one, the answers to two were taken.
    await expect.poll(() => device.requests.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(3)
    const begin = performance.now()
    await gateway.close()
    expect(performance.now() - begin).toBeLessThan(2000)
    const outbox = closeLater(await openOutbox<Reading>({ folder, stream: 'indexes', log }))
    expect(outbox.read(1, 1)?.entries[0]).toMatchObject({ point: 'college/meter/energy', value: 12_345.6 })
  })

  it('sends what a registry that is gone had it journal, though no point of it is left', async () => {
    const folder = await makeFolder()
    const before = await openOutboxRuns<Reading>({ folder, stream: 'indexes', log })
    const point = 'college/meter-that-was/energy'
    before.current.append([{ point, time: 1000, value: 7, quality: 'good', gatewayTime: 1020 }])
    await before.close()

    const hub = await startHub()
    const registry = await loadRegistry(join(import.meta.dirname, 'testdata', 'territory.yaml'))
    const bus = closeLater(await connectBus({ url: hub.url, clientId: 'gateway-1', log }))
    closeLater(
      await startGateway({
        registry: { ...registry, points: new Map(), hash: 'another' },
        gateway: { ...registry.gateways.get('gateway-1')!, connections: [] },
        bus,
        outboxFolder: folder,
        clock,
        log,
      }),
    )
    expect(await hub.readings.next(() => true)).toMatchObject({ stream: 'indexes', point, value: 7 })
    expect(hub.batches.all[0]).toMatchObject({ run: before.current.run, first: 1 })
  })
})

describe('a gateway that does not know the time', () => {
  it('keeps what it reads until it does, over a restart, and sends each reading once with its time', async () => {
    let asked = 0
    const device = closeLater(
      await startDevice((request, reply) =>
        reply(
          registers(request, encodeRegisters({ type: 'uint32', ...big }, 10 * ++asked).concat(0x41a8, 0)),
        ),
      ),
    )
    const folder = await makeFolder()
    const addresses = { modbus: device.port, opcua: 1 }
    const options = { folder, isClockTrusted: false }
    const began = clock.now()
    const first = await start('mqtt://127.0.0.1:1', addresses, options)
    await expect.poll(() => asked, { timeout: 10_000 }).toBeGreaterThanOrEqual(4)
    await first.gateway.close()
    const ofFirst = asked

    const hub = await startHub()
    closeLater((await start(hub.url, addresses, options)).gateway)
    const energy = () =>
      hub.readings.all.filter(({ point, value }) => point.endsWith('energy') && value !== null)
    await hub.readings.next(() => energy().length > ofFirst + 4)
    const sorted = energy().sort((a, b) => (a.value as number) - (b.value as number))
    // The last answer before the close may have come too late for it.
    const kept = sorted.findIndex(({ quality }) => quality === 'good')
    expect([ofFirst - 1, ofFirst]).toContain(kept)
    expect(sorted.slice(0, kept).map(({ quality }) => quality)).toEqual(Array(kept).fill('uncertain:clock'))
    expect(sorted.slice(0, kept).map(({ value }) => value)).toEqual(
      Array.from({ length: kept }, (_, i) => i + 1),
    )
    const good = sorted.slice(kept)
    expect(good.map(({ quality }) => quality)).toEqual(Array(good.length).fill('good'))
    expect(good.map(({ value }) => value)).toEqual(good.map((_, i) => (good[0]!.value as number) + i))
    const times = sorted.map(({ time }) => time)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times[0]).toBeGreaterThanOrEqual(began)
    expect(times.at(-1)).toBeLessThanOrEqual(clock.now())
  })
})
