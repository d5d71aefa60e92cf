import { afterEach, beforeEach, expect, test } from 'vitest'
import { filters, topics } from '../../bus/topics.ts'
import type { Alert } from '../../model/alert.ts'
import { openRetainedSet } from '../../rules/retained-set.ts'
import { type Hub, startHub } from './hub.ts'
import { START, SURFACE, until } from './territory.ts'

let hub: Hub
beforeEach(async () => {
  hub = await startHub()
})
afterEach(() => hub.close())

function alert(id: string, state: Alert['state'], site = 'col-du-loup'): Alert {
  return {
    ...{ id, rule: 'frost', point: SURFACE, site, severity: 'critical', state },
    ...{ since: START, firedAt: START, value: -1, lastValue: -1, message: { fr: 'Gel', en: 'Frost' } },
  }
}
const say = ({ id, ...rest }: Alert) => hub.publish(topics.liveAlert(id), JSON.stringify({ id, ...rest }))

async function open(live = new Map<string, Alert>()) {
  const strays: string[] = []
  const owns = (site: string) => site === 'col-du-loup'
  const set = await openRetainedSet({ bus: hub.bus, live, owns, onStray: ({ id }) => void strays.push(id) })
  return { set, strays, live }
}

test('alerts at the sites of others are left alone', async () => {
  const { strays } = await open()
  await say(alert('a', 'firing', 'elsewhere'))
  await say(alert('b', 'firing'))
  await until(() => expect(strays).toEqual(['b']))
  await until(() => expect(hub.live().map(({ id }) => id)).toEqual(['a', 'b']))
})

test('a resolved alert is retained until the records have its end', async () => {
  const { set, live } = await open()
  live.set('a', alert('a', 'firing'))
  set.publish(alert('a', 'firing'))
  await until(() => expect(hub.live()).toMatchObject([{ state: 'firing' }]))
  live.delete('a')
  set.publish(alert('a', 'resolved'))
  await until(() => expect(hub.live()).toMatchObject([{ state: 'resolved' }]))
  set.clearResolved()
  await until(() => expect(hub.live()).toEqual([]))
})

test('what is delivered again, late and out of order, brings no state back', async () => {
  const { set, strays } = await open()
  for (const state of ['firing', 'acknowledged', 'firing'] as const) await say(alert('a', state, 'elsewhere'))
  await say(alert('b', 'firing', 'elsewhere'))
  await until(() => expect(set.alerts.get('b')?.state).toBe('firing'))
  expect(set.alerts.get('a')?.state).toBe('acknowledged')
  await hub.publish(topics.liveAlert('a'), '')
  await say(alert('a', 'firing'))
  await say(alert('c', 'firing'))
  await until(() => expect(strays).toEqual(['c']))
  expect(set.alerts.has('a')).toBe(false)
})

test('what was said is known at once, and told apart until it has come back', async () => {
  const { set } = await open(new Map([['a', alert('a', 'firing')]]))
  const heard: string[] = []
  await hub.bus.subscribe(filters.allLiveAlerts, (topic, payload) => void heard.push(`${topic} ${payload}`))
  set.publish(alert('a', 'firing'))
  expect(set.alerts.has('a')).toBe(true)
  expect(set.takeUnheard().map(({ id }) => id)).toEqual(['a'])
  await until(() => expect(heard).not.toEqual([]))
  // What is retained comes again with the second subscription.
  const before = heard.length
  set.publish(alert('a', 'firing'))
  await until(() => expect(heard.length).toBeGreaterThan(before))
  expect(set.takeUnheard()).toEqual([])
})
