import { afterEach, describe, expect, it } from 'vitest'
import { openInfluxReadingStore } from '../../store/influxdb/readings.ts'
import { silentLog } from '../bus/fixtures.ts'
import { READY, runAffluent, startAffluent } from '../e2e/command-line.ts'
import { until } from '../e2e/until.ts'
import { findPeer } from '../peers/cache.ts'
import { startInfluxdb } from '../peers/influxdb.ts'
import { startMosquitto } from '../peers/mosquitto.ts'
import { openWitness, processesOf } from './processes.ts'
import { startSenders } from './senders.ts'
import { makeTerritory, pointOf } from './territory.ts'

const schools = ['aulne', 'bouleau', 'charme', 'douglas', 'erable', 'frene']

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
const later = <T extends { close(): unknown }>(part: T): T => {
  closing.push(() => part.close())
  return part
}

describe.runIf(findPeer('influxdb') && findPeer('mosquitto'))('two ingest processes', () => {
  it('share the senders: one is killed, comes back, another is frozen, and each reading is stored and counted once', async () => {
    const [influxdb, broker] = [later(await startInfluxdb()), later(await startMosquitto())]
    const place = await makeTerritory(schools)
    closing.push(place.remove)
    const processes = later(processesOf(place, influxdb, [broker.url]))
    const start = (name: string) => processes.start(name, 'ingest')
    const members = later(await openWitness(broker.url))
    const senders = later(await startSenders(schools, broker.url, place.at('outboxes')))
    const store = later(
      await openInfluxReadingStore({ ...influxdb, timeZone: 'Europe/Paris', log: silentLog }),
    )
    const count = async () =>
      (await Promise.all(schools.map(school => store.range(pointOf(school), 0, Infinity)))).flat().length
    const grow = async () => {
      const before = [...senders.sent.values()].flat().length
      await until(count, stored => stored >= before)
    }

    const [a, b] = await Promise.all([start('a'), start('b')])
    await members.agree('ingest-a', 'ingest-b')
    await grow()

    await a.stop('SIGKILL')
    await members.agree('ingest-b')
    await grow()

    const again = await start('a')
    await members.agree('ingest-a', 'ingest-b')
    await grow()

    // Frozen: nothing says goodbye, and when it wakes it must not go on where it was.
    b.signal('SIGSTOP')
    await grow()
    b.signal('SIGCONT')
    await members.agree('ingest-a', 'ingest-b')
    await grow()

    // One that ends in order hands over at once.
    await again.stop('SIGTERM')
    await members.agree('ingest-b')
    senders.stop()
    await senders.drained(30_000)

    for (const school of schools) {
      const sent = senders.sent.get(school)!.map(({ time, value }) => ({ time, value }))
      const stored = await store.range(pointOf(school), 0, Infinity)
      expect(stored.map(({ time, value }) => ({ time, value }))).toEqual(sent)
    }
    const ledger = await store.ledger(0, Number.MAX_SAFE_INTEGER)
    for (const school of schools) {
      const counts = ledger.filter(({ sender }) => sender === `gw-${school}`)
      expect(counts.reduce((sum, entry) => sum + entry.count, 0)).toBe(senders.sent.get(school)!.length)
      expect(new Set(counts.map(({ outcome }) => outcome))).toEqual(new Set(['prompt']))
    }
    const positions = await store.positions()
    expect(positions.map(({ upTo, ranges }) => [upTo, ranges])).toEqual(
      positions.map(({ sender }) => [senders.sent.get(sender.slice(3))!.length, []]),
    )
    expect(positions).toHaveLength(schools.length)
    // What the store says by the hour, after several have rolled it up.
    for (const school of schools) {
      const hours = await store.aggregate(pointOf(school), 'hour', 0, Date.now() + 3_600_000)
      expect(hours.reduce((sum, hour) => sum + hour.count, 0)).toBe(senders.sent.get(school)!.length)
    }
  })

  it('of one data folder are refused', async () => {
    const [influxdb, broker] = [later(await startInfluxdb()), later(await startMosquitto())]
    const place = await makeTerritory(schools)
    closing.push(place.remove)
    const processes = later(processesOf(place, influxdb, [broker.url]))
    await processes.start('a', 'ingest')
    const { code, err } = await runAffluent(await processes.flags('a', 'ingest'))
    expect(code).toBe(2)
    expect(err).toContain('in use by another process')
  })

  it('with the embedded store are refused, and the first one goes on', async () => {
    const broker = later(await startMosquitto())
    const place = await makeTerritory(schools)
    closing.push(place.remove)
    const flags = async (name: string) => [
      ...(await place.settings(
        name,
        `roles: [ingest, fluids, rules, api]\ninstance: ${name}\nmqtt: { url: "${broker.url}" }\n`,
      )),
      '--http-port',
      '0',
    ]
    const members = later(await openWitness(broker.url))
    const first = await startAffluent(await flags('a'), READY)
    closing.push(() => first.stop('SIGKILL'))
    await members.agree('ingest-a')
    const { code, err } = await runAffluent(await flags('b'))
    expect(code).toBe(2)
    expect(err).toContain('ingest-a takes the readings of this broker already')
    await members.agree('ingest-a')
  })
})
