import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Outbox } from '../../bus/contract.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { topics } from '../../bus/topics.ts'
import type { Alert, AlertEvent } from '../../model/alert.ts'
import { startAnnouncer } from '../../rules/announcer.ts'
import { type LiveSet, openLiveSet, recoverAlerts } from '../../rules/live-set.ts'
import { type Hub, startHub } from './hub.ts'
import { START, SURFACE, temporaryFolder, until } from './territory.ts'

let hub: Hub
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let outbox: Outbox<AlertEvent>
let liveSet: LiveSet

beforeEach(async () => {
  hub = await startHub()
  folder = await temporaryFolder()
  outbox = await openOutbox<AlertEvent>({ folder: folder.path, stream: 'alerts', log: hub.log.log })
  liveSet = openLiveSet(folder.path)
})

afterEach(async () => {
  liveSet.close()
  await outbox.close()
  await hub.close()
  await folder.remove()
})

function event(type: 'fired' | 'acknowledged' | 'resolved', id = 'frost-1'): AlertEvent {
  const alert: Alert = {
    id,
    rule: 'frost',
    point: SURFACE,
    site: 'col-du-loup',
    severity: 'critical',
    state: type === 'fired' ? 'firing' : type,
    since: START,
    firedAt: START,
    value: -1,
    lastValue: -1,
    message: { fr: 'Gel', en: 'Frost' },
  }
  return { type, time: START, actor: 'rules', alert }
}

const announcer = (set = liveSet, box = outbox, onJournalled = (_: readonly AlertEvent[]) => {}) =>
  startAnnouncer({
    ...{ alerts: new Map(), outbox: box, liveSet: set, bus: hub.bus, log: hub.log.log },
    onJournalled,
  })

test('an event is on disk before anybody hears of it: a disk that refuses keeps it for the next time', async () => {
  let full = true
  const box: typeof outbox = Object.assign(Object.create(outbox), {
    append(events: AlertEvent[]) {
      if (full) throw new Error('no space left on device')
      return outbox.append(events)
    },
  })
  const told: [number, string[]][] = []
  const rules = await announcer(liveSet, box, events => {
    told.push([outbox.next, events.map(({ alert }) => alert.id)])
    throw new Error('this listener fails')
  })
  rules.add(event('fired'))
  rules.flush()
  rules.flush()
  expect(rules.live.size).toBe(0)
  expect(told).toEqual([])
  expect(hub.log.lines.filter(({ msg }) => String(msg).startsWith('alert events cannot'))).toHaveLength(1)
  full = false
  rules.flush()
  await until(() => expect(hub.live()).toHaveLength(1))
  expect(outbox.next).toBe(2)
  rules.flush()
  expect(told).toEqual([[2, ['frost-1']]])
  rules.close()
})

test('an event is told although the live set cannot be written, and stays in the journal until it is', async () => {
  let full = true
  const set: LiveSet = {
    ...liveSet,
    save(alerts, journal) {
      if (full) throw new Error('no space left on device')
      liveSet.save(alerts, journal)
    },
  }
  let keep = () => true
  const reopen = async () => {
    await outbox.close()
    const place = { folder: folder.path, stream: 'alerts' as const, log: hub.log.log }
    outbox = await openOutbox<AlertEvent>({ ...place, segmentBytes: 1, mayForget: () => keep() })
  }
  await reopen()
  const rules = await announcer(set)
  keep = rules.keep
  for (const id of ['frost-1', 'frost-2']) {
    rules.add(event('fired', id))
    rules.flush()
  }
  rules.keep()
  await until(() => expect(hub.live()).toHaveLength(2))
  outbox.acknowledge(2, [])
  expect(hub.log.lines.filter(({ msg }) => String(msg).startsWith('the live alerts cannot'))).toHaveLength(1)
  await reopen()
  expect(outbox.read(1, 10)?.entries).toEqual([event('fired', 'frost-1')])
  full = false
  outbox.acknowledge(2, [])
  expect(liveSet.load()).toMatchObject({
    alerts: [{ id: 'frost-1' }, { id: 'frost-2' }],
    journal: { next: 3 },
  })
  await reopen()
  expect(outbox.read(1, 10)).toBeUndefined()
  rules.close()
})

test('the live set waits for the disk before the journal forgets, and not before: what a cut takes the journal has', async () => {
  const saved: (boolean | undefined)[] = []
  const set: LiveSet = {
    ...liveSet,
    save(alerts, journal, lasting) {
      saved.push(lasting)
      liveSet.save(alerts, journal, lasting)
    },
  }
  let forgets = () => true
  await outbox.close()
  const place = { folder: folder.path, stream: 'alerts' as const, log: hub.log.log }
  outbox = await openOutbox<AlertEvent>({ ...place, segmentBytes: 1, mayForget: () => forgets() })
  const rules = await announcer(set)
  forgets = () => rules.keep(true)
  rules.add(event('fired', 'frost-1'))
  rules.flush()
  for (const _ of [1, 2]) rules.keep()
  expect(saved).toEqual([false])

  const cut = await temporaryFolder()
  // What was not brought to the disk stands in the log beside it.
  await copyFile(join(folder.path, 'live-alerts.sqlite'), join(cut.path, 'live-alerts.sqlite'))
  const left = openLiveSet(cut.path)
  expect([...recoverAlerts(left, outbox).keys()]).toEqual(['frost-1'])
  left.close()
  await cut.remove()

  rules.add(event('fired', 'frost-2'))
  rules.flush()
  rules.keep()
  outbox.acknowledge(1, [])
  expect(saved).toEqual([false, false, true])
  rules.keep(true)
  expect(saved).toHaveLength(3)
  rules.close()
})

test('a live alert that somebody has written over is retained again as it is', async () => {
  const rules = await announcer()
  const states: string[] = []
  const topic = topics.liveAlert('frost-1')
  await hub.bus.subscribe(topic, (_, payload) => void states.push(JSON.parse(payload.toString()).state))
  rules.add(event('fired'))
  rules.flush()
  await until(() => expect(states).toEqual(['firing']))
  await hub.bus.publish(topic, '{"state":"nothing"}', { retain: true })
  await until(() => expect(states).toEqual(['firing', 'nothing', 'firing']))
  await until(() => expect(hub.live()).toEqual([event('fired').alert]))
  rules.close()
})

test('the live set goes on with what was journalled after it, and with nothing from before', async () => {
  outbox.append([event('fired', 'a'), event('resolved', 'a'), event('fired', 'b'), event('fired', 'c')])
  liveSet.save([event('fired', 'b').alert], { run: outbox.run, next: 4 })
  // The other end has the end of `a` already, but not its beginning.
  outbox.acknowledge(0, [[2, 2]])
  outbox.append([event('acknowledged', 'b'), event('resolved', 'c')])
  const states = [...recoverAlerts(liveSet, outbox)].map(([id, { state }]) => [id, state])
  expect(states).toEqual([['b', 'acknowledged']])
})

test('what a start has found in the journal the next one finds, whatever is noted in between', async () => {
  liveSet.save([event('fired', 'a').alert], { run: outbox.run, next: 1 })
  outbox.append([event('resolved', 'a'), event('fired', 'b')])
  const rules = await startAnnouncer({
    ...{ alerts: recoverAlerts(liveSet, outbox), outbox, liveSet, bus: hub.bus, log: hub.log.log },
  })
  rules.add(event('fired', 'c'))
  rules.flush()
  rules.close()
  expect([...recoverAlerts(liveSet, outbox).keys()]).toEqual(['b', 'c'])
})

test('a new outbox is read from its beginning', async () => {
  liveSet.save([event('fired', 'a').alert], { run: 'another', next: 100 })
  outbox.append([event('fired', 'b')])
  expect([...recoverAlerts(liveSet, outbox).keys()]).toEqual(['a', 'b'])
})

test('the folder of a version that did not note when alerts fired is gone on with', async () => {
  liveSet.save([event('fired').alert], { run: outbox.run, next: 2 })
  liveSet.close()
  const file = new DatabaseSync(join(folder.path, 'live-alerts.sqlite'))
  file.exec('DROP TABLE firing; PRAGMA user_version = 1')
  file.close()
  liveSet = openLiveSet(folder.path)
  expect(liveSet.load().alerts).toEqual([event('fired').alert])
  liveSet.save([event('resolved').alert], { run: outbox.run, next: 3 })
  expect(liveSet.firings('frost', SURFACE)).toEqual([START])
})
