import { afterEach, describe, expect, it } from 'vitest'
import { topics } from '../../bus/topics.ts'
import { ask } from '../e2e/ask.ts'
import { until } from '../e2e/until.ts'
import { findPeer } from '../peers/cache.ts'
import { startInfluxdb } from '../peers/influxdb.ts'
import { startMosquitto } from '../peers/mosquitto.ts'
import { startReceiver } from '../rules/webhook-receiver.ts'
import { openWitness, processesOf } from './processes.ts'
import { startSenders } from './senders.ts'
import { makeTerritory } from './territory.ts'

const schools = ['aulne', 'bouleau', 'charme', 'douglas', 'erable', 'frene']

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
const later = <T extends { close(): unknown }>(part: T): T => {
  closing.push(() => part.close())
  return part
}

describe.runIf(findPeer('influxdb') && findPeer('mosquitto'))('two rules processes', () => {
  it('share the sites: whichever is killed or frozen, no alert is lost, repeated or told twice', async () => {
    const [influxdb, broker, people] = [
      later(await startInfluxdb()),
      later(await startMosquitto()),
      later(await startReceiver()),
    ]
    const place = await makeTerritory(schools, people.url)
    closing.push(place.remove)
    const processes = later(processesOf(place, influxdb, [broker.url]))
    const witness = later(await openWitness(broker.url))
    const senders = later(await startSenders(schools, broker.url, place.at('outboxes')))

    const startHub = () => processes.start('hub', 'ingest, fluids, api')
    const [firstHub, a, b] = await Promise.all([
      startHub(),
      processes.start('a', 'rules'),
      processes.start('b', 'rules'),
    ])
    await witness.agree('rules-a', 'rules-b')

    // The records are away: what the rules have to say waits in their outboxes, and one of these dies.
    await firstHub.stop('SIGKILL')
    senders.say(() => 60)
    const firing = await until(
      () => [...witness.live.values()],
      ({ length }) => length === schools.length,
    )
    await a.stop('SIGKILL')
    await witness.agree('rules-b')
    let hub = await startHub()
    const alerts = async (state: string) => (await ask(`${hub.match[1]}/v1/alerts?state=${state}`)).alerts
    const active = await until(
      () => alerts('active'),
      ({ length }) => length === schools.length,
    )
    expect(active.map(({ id }: { id: string }) => id).sort()).toEqual(firing.map(({ id }) => id).sort())

    // Whoever looks after an alert takes the command, and nobody else does.
    for (const { id } of firing) {
      const command = { id: `c-${id}`, action: 'acknowledge', alert: id, actor: 'nadia', time: Date.now() }
      await witness.bus.publish(topics.alertCommands, JSON.stringify(command))
    }
    await until(
      () => [...witness.live.values()],
      all => all.every(({ state }) => state === 'acknowledged'),
    )

    // The one that died comes back with what it had not sent.
    const again = await processes.start('a', 'rules')
    await witness.agree('rules-a', 'rules-b')

    // The records are away again, and alerts end; who ended them dies as well.
    await hub.stop('SIGKILL')
    senders.say(() => 20)
    await until(
      () => [...witness.live.values()],
      all => all.every(({ state }) => state === 'resolved'),
    )
    await b.stop('SIGKILL')
    await witness.agree('rules-a')
    hub = await startHub()
    await until(
      () => alerts('active'),
      ({ length }) => length === 0,
    )
    await until(
      () => witness.live.size,
      size => size === 0,
    )

    // Frozen while something happens, and awake again: others have gone on without it.
    const thawed = await processes.start('b', 'rules')
    await witness.agree('rules-a', 'rules-b')
    thawed.signal('SIGSTOP')
    senders.say(() => 60)
    await until(
      () => alerts('active'),
      ({ length }) => length === schools.length,
    )
    thawed.signal('SIGCONT')
    await witness.agree('rules-a', 'rules-b')
    // One that ends in order.
    await again.stop('SIGTERM')
    await witness.agree('rules-b')
    senders.say(() => 20)
    await until(
      () => alerts('active'),
      ({ length }) => length === 0,
    )

    const resolved = await alerts('resolved')
    expect(resolved).toHaveLength(2 * schools.length)
    for (const { id, acknowledgedBy } of resolved) {
      const { events } = await ask(`${hub.match[1]}/v1/alerts/${id}`)
      const types = events.map(({ type }: { type: string }) => type)
      expect(types).toEqual(acknowledgedBy ? ['fired', 'acknowledged', 'resolved'] : ['fired', 'resolved'])
    }
    const told = await until(
      () => people.received.map(({ body }) => `${body.alert.id} ${body.event}`),
      ({ length }) => length >= 5 * schools.length,
    )
    expect(new Set(told).size).toBe(told.length)
    expect(told).toHaveLength(5 * schools.length)
    await until(
      () => witness.live.size,
      size => size === 0,
    )
    const { gateways } = await ask(`${hub.match[1]}/v1/gateways`)
    expect(gateways.map(({ online }: { online: boolean }) => online)).toEqual(schools.map(() => true))
  }, 150_000)
})
