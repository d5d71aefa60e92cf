import { afterEach, describe, expect, it } from 'vitest'
import { topics } from '../../bus/topics.ts'
import { openInfluxReadingStore } from '../../store/influxdb/readings.ts'
import { silentLog } from '../bus/fixtures.ts'
import { ask } from '../e2e/ask.ts'
import { until } from '../e2e/until.ts'
import { findPeer } from '../peers/cache.ts'
import { startInfluxdb } from '../peers/influxdb.ts'
import { startNatsCluster } from '../peers/nats.ts'
import { startReceiver } from '../rules/webhook-receiver.ts'
import { openWitness, processesOf } from './processes.ts'
import { startSenders } from './senders.ts'
import { makeTerritory, pointOf } from './territory.ts'

const schools = ['aulne', 'bouleau', 'charme', 'douglas', 'erable', 'frene']
/** A cluster that chooses new leaders on a busy machine takes its time. */
const PATIENCE_MS = 90_000
const everyone = { length: schools.length }

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
const later = <T extends { close(): unknown }>(part: T): T => {
  closing.push(() => part.close())
  return part
}

describe.runIf(findPeer('influxdb') && findPeer('nats'))(
  'a cluster of brokers, two ingest and two rules processes',
  () => {
    it('whichever of them dies or freezes, no reading is lost or counted twice, no alert lost, repeated or told twice', async () => {
      const [influxdb, cluster, people] = await Promise.all([
        startInfluxdb(),
        startNatsCluster(),
        startReceiver(),
      ])
      for (const part of [influxdb, cluster, people]) later(part)
      const place = await makeTerritory(schools, people.url)
      closing.push(place.remove)
      const processes = later(processesOf(place, influxdb, cluster.urls))
      const witness = later(await openWitness(cluster.urls))
      const senders = later(await startSenders(schools, cluster.urls, place.at('outboxes')))
      const retained = () => [...witness.live.values()]
      const areAll = (state: string) => (alerts: { state: string }[]) =>
        alerts.length === schools.length && alerts.every(alert => alert.state === state)
      let hub: Awaited<ReturnType<typeof processes.start>>
      const startHub = async () => (hub = await processes.start('hub', 'fluids, api'))
      const alerts = async (state: string) => (await ask(`${hub.match[1]}/v1/alerts?state=${state}`)).alerts
      const are = (state: string, { length }: { length: number }) =>
        until(
          () => alerts(state),
          found => found.length === length,
          PATIENCE_MS,
        )
      const node = Math.floor(Math.random() * cluster.urls.length)
      const begun = performance.now()
      /** How far it is, for whoever reads of a timeout. */
      const say = (what: string) =>
        console.log(`${Math.round((performance.now() - begun) / 1000)} s: ${what}`)
      say(`node ${node} of the cluster is the one to be killed`)

      const [, i1, , a, b] = await Promise.all([
        startHub(),
        processes.start('i1', 'ingest'),
        processes.start('i2', 'ingest'),
        processes.start('a', 'rules'),
        processes.start('b', 'rules'),
      ])
      await witness.agree('ingest-i1', 'ingest-i2')
      await witness.agree('rules-a', 'rules-b')

      // The records are away: what the rules have to say waits in their outboxes, and one of these dies.
      await hub!.stop('SIGKILL')
      say('the records are away, alerts begin')
      senders.say(() => 60)
      const firing = await until(retained, areAll('firing'), PATIENCE_MS)
      say('rules, ingest and a broker die')
      await Promise.all([a.stop('SIGKILL'), i1.stop('SIGKILL'), cluster.kill(node)])
      await witness.agree('rules-b')
      await witness.agree('ingest-i2')
      say('the records are back')
      await startHub()
      const active = await are('active', everyone)
      expect(active.map(({ id }: { id: string }) => id).sort()).toEqual(firing.map(({ id }) => id).sort())

      // Whoever looks after an alert takes the command, and nobody else does.
      say('a person acknowledges')
      for (const { id } of firing) {
        const command = { id: `c-${id}`, action: 'acknowledge', alert: id, actor: 'nadia', time: Date.now() }
        await witness.bus.publish(topics.alertCommands, JSON.stringify(command))
      }
      await until(retained, areAll('acknowledged'), PATIENCE_MS)

      // Those that died come back, the rules with what they had not sent.
      say('those that died come back')
      const [again] = await Promise.all([
        processes.start('a', 'rules'),
        processes.start('i1', 'ingest'),
        cluster.start(node),
      ])
      await witness.agree('rules-a', 'rules-b')
      await witness.agree('ingest-i1', 'ingest-i2')

      // The records are away again, and alerts end; who has ended them freezes with what it had not sent.
      say('the records are away again, alerts end')
      await hub!.stop('SIGKILL')
      senders.say(() => 20)
      await until(retained, areAll('resolved'), PATIENCE_MS)
      say('rules freeze')
      b.signal('SIGSTOP')
      await witness.agree('rules-a')
      say('the records are back again')
      await startHub()
      await are('active', { length: 0 })
      await until(retained, ({ length }) => length === 0, PATIENCE_MS)

      // Something happens meanwhile, and it wakes up: others have gone on without it.
      say('something happens meanwhile')
      senders.say(() => 60)
      await are('active', everyone)
      say('the rules wake up')
      b.signal('SIGCONT')
      await witness.agree('rules-a', 'rules-b')
      // One that ends in order.
      say('other rules end in order')
      await again.stop('SIGTERM')
      await witness.agree('rules-b')
      senders.say(() => 20)
      await are('active', { length: 0 })
      await until(retained, ({ length }) => length === 0, PATIENCE_MS)

      say('everything is compared')
      const resolved = await alerts('resolved')
      expect(resolved).toHaveLength(2 * schools.length)
      for (const { id, acknowledgedBy } of resolved) {
        const { events } = await ask(`${hub!.match[1]}/v1/alerts/${id}`)
        const types = events.map(({ type }: { type: string }) => type)
        expect(types).toEqual(acknowledgedBy ? ['fired', 'acknowledged', 'resolved'] : ['fired', 'resolved'])
      }
      const told = await until(
        () => people.received.map(({ body }) => `${body.alert.id} ${body.event}`),
        ({ length }) => length >= 5 * schools.length,
      )
      expect(told).toHaveLength(5 * schools.length)
      expect(new Set(told).size).toBe(told.length)

      senders.stop()
      await senders.drained(PATIENCE_MS)
      const store = later(
        await openInfluxReadingStore({ ...influxdb, timeZone: 'Europe/Paris', log: silentLog }),
      )
      const ledger = await store.ledger(0, Number.MAX_SAFE_INTEGER)
      for (const school of schools) {
        const sent = senders.sent.get(school)!.map(({ time, value }) => ({ time, value }))
        const stored = await store.range(pointOf(school), 0, Infinity)
        expect(stored.map(({ time, value }) => ({ time, value }))).toEqual(sent)
        const counts = ledger.filter(({ sender }) => sender === `gw-${school}`)
        expect(counts.reduce((sum, entry) => sum + entry.count, 0)).toBe(sent.length)
      }
      const { gateways } = await ask(`${hub!.match[1]}/v1/gateways`)
      expect(gateways.every(({ online }: { online: boolean }) => online)).toBe(true)
    }, 400_000)
  },
)
