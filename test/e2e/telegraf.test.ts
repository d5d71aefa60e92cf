import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connectBus } from '../../bus/client.ts'
import { decodeReadingBatch } from '../../bus/codec.ts'
import { topics } from '../../bus/topics.ts'
import { startGateway } from '../../gateway/gateway.ts'
import { type Reading, readingAt } from '../../model/reading.ts'
import { encodeRegisters } from '../../model/register-values.ts'
import { loadRegistry } from '../../registry/load.ts'
import { closeLater } from '../close-later.ts'
import { findPeer } from '../peers/cache.ts'
import { startMosquitto } from '../peers/mosquitto.ts'
import { startPymodbus } from '../peers/python.ts'
import { startTelegraf } from '../peers/telegraf.ts'
import { until } from './until.ts'

const log = pino({ level: 'silent' })
const clock = { now: () => Date.now(), elapsed: () => performance.now() }
const big = { wordOrder: 'big', byteOrder: 'big' } as const

const territory = (broker: string) => `
territory:
  id: essai
  name: Essai
  timeZone: Europe/Paris
  publisher: { name: Essai, url: "https://example.org", email: essai@example.org }
sites:
  - { id: college, name: Collège, kind: building, position: { lat: 48, lon: 3 }, commune: "96001" }
gateways:
  - id: gw
    name: Passerelle
    connections:
      - id: telegraf
        driver: mqtt
        url: ${broker}
        devices:
          - id: meter
            site: college
            format: telegraf-json
            where: { /name: modbus, /tags/host: local-gateway, /tags/name: meter }
            points:
              index: { quantity: electricity-index, unit: kW.h, interval: 1s, mqtt: { value: /fields/energy, scale: 0.001 } }
              power: { quantity: active-power, unit: kW, interval: 1s, mqtt: { value: /fields/power } }
`

const telegraf = (modbusPort: number, broker: string, batched: boolean) => `
[agent]
  interval = "200ms"
  flush_interval = "200ms"
  hostname = "local-gateway"
[[inputs.modbus]]
  name = "meter"
  slave_id = 1
  controller = "tcp://127.0.0.1:${modbusPort}"
  holding_registers = [
    { name = "energy", byte_order = "ABCD", data_type = "UINT32", scale = 1.0, address = [0, 1] },
    { name = "power", byte_order = "ABCD", data_type = "FLOAT32", scale = 1.0, address = [2, 3] },
  ]
[[outputs.mqtt]]
  servers = ["${broker}"]
  topic = "telegraf/{{ .Hostname }}/{{ .PluginName }}"
  qos = 1
  layout = "${batched ? 'batch' : 'non-batch'}"
  data_format = "json"
  json_timestamp_units = "1ms"
`

describe.runIf(findPeer('telegraf') && findPeer('mosquitto') && findPeer('python'))('Telegraf', () => {
  it.each([
    ['one metric a message', false],
    ['batches', true],
  ])('what it reads and publishes as JSON, %s, comes out of the outbox as readings', async (_, batched) => {
    const broker = closeLater(await startMosquitto())
    const energy = encodeRegisters({ type: 'uint32', ...big }, 123_456_789)
    const power = encodeRegisters({ type: 'float32', ...big }, 21.25)
    const modbus = closeLater(await startPymodbus({ 1: { holding: { 0: [...energy, ...power] } } }))
    const folder = await mkdtemp(join(tmpdir(), 'affluent-e2e-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
    const file = join(folder, 'territory.yaml')
    await writeFile(file, territory(broker.url))
    const registry = await loadRegistry(file)

    const hub = closeLater(await connectBus({ url: broker.url, clientId: 'hub', log }))
    const heard: (Reading & { stream: string })[] = []
    await hub.subscribe(topics.readings('gw'), (_topic, payload) => {
      const decoded = decodeReadingBatch(payload)
      if (!('batch' in decoded)) throw new Error(JSON.stringify(decoded))
      const { readings, stream } = decoded.batch
      for (const i of readings.points.keys()) heard.push({ ...readingAt(readings, i), stream })
    })
    const bus = closeLater(await connectBus({ url: broker.url, clientId: 'gw', log }))
    const gateway = registry.gateways.get('gw')!
    closeLater(await startGateway({ registry, gateway, bus, outboxFolder: folder, clock, log }))
    const begin = Date.now()
    const peer = closeLater(await startTelegraf(telegraf(modbus.port, broker.url, batched)))

    const good = (point: string) =>
      heard.filter(reading => reading.point === `college/meter/${point}` && reading.quality === 'good')
    await until(
      () => ({ index: good('index').length, power: good('power').length, telegraf: peer.output() }),
      ({ index, power }) => index >= 3 && power >= 3,
    )
    for (const { value, time, stream } of good('index')) {
      expect([value, stream]).toEqual([123_456.789, 'indexes'])
      expect(time).toBeGreaterThanOrEqual(begin - 1000)
    }
    expect(good('power').every(({ value, stream }) => value === 21.25 && stream === 'measures')).toBe(true)
    // Telegraf's own times, which no two of its readings share.
    expect(new Set(good('index').map(({ time }) => time)).size).toBe(good('index').length)
  })
})
