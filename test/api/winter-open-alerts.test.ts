import { afterEach, beforeEach, expect, it } from 'vitest'
import { topics } from '../../bus/topics.ts'
import type { Json } from './hub.ts'
import { correction, decision, startWinterHub, treatment, uuid, type WinterHub } from './winter-hub.ts'

let hub: WinterHub
beforeEach(async () => {
  hub = await startWinterHub('2026-11-23T12:00:00Z')
})
afterEach(() => hub.close())

const NIGHT = '2026-11-22'

it('an alert is open until a decision of its circuit names it, or comes after it fired', async () => {
  const openIn = async (circuit: string) =>
    (await hub.night(NIGHT, `?circuit=${circuit}`)).circuits[0].alerts.map((alert: Json) => alert.decision)
  hub.tell('fired', 'col', '2026-11-22T21:00:00Z')
  await hub.send(decision(1, '2026-11-22T20:00:00Z'))
  expect(await openIn('circuit-du-col')).toEqual([null])
  await hub.send(decision(2, '2026-11-22T22:00:00Z', { decision: 'watch' }))
  expect(await openIn('circuit-du-col')).toEqual([uuid(2)])
  expect(await openIn('circuit-du-pont')).toEqual([null])
  await hub.send(correction(3, '2026-11-23T08:00:00Z', 2))
  expect(await openIn('circuit-du-col')).toEqual([null])
  await hub.send(decision(4, '2026-11-23T11:30:00Z'))
  expect(await openIn('circuit-du-col')).toEqual([null])
  await hub.send(decision(5, '2026-11-23T11:45:00Z', { alert: 'gel-col' }))
  expect(await openIn('circuit-du-col')).toEqual([uuid(5)])
  // What was decided after the night answers only what it names.
  hub.tell('fired', 'col', '2026-11-22T21:30:00Z', { id: 'muette' })
  expect(await openIn('circuit-du-col')).toEqual([uuid(5), null])
})

it('an alert that was live when the night began stands first, as it stood, with the decision of before', async () => {
  const firedAt = Date.parse('2026-11-22T05:00:00Z')
  hub.tell('fired', 'col', '2026-11-22T05:00:00Z')
  hub.tell('worsened', 'col', '2026-11-22T06:00:00Z', {
    ...{ firedAt, change: { type: 'worsened', number: 1, time: firedAt } },
  })
  await hub.send(decision(1, '2026-11-22T07:00:00Z'))
  const night = await hub.night(NIGHT, '?circuit=circuit-du-col')
  const alert = { type: 'worsened', before: true, decision: uuid(1) }
  expect(night.circuits[0].rows).toMatchObject([{ time: '2026-11-22T06:00:00.000Z', alert }])
  hub.tell('resolved', 'col', '2026-11-22T09:00:00Z', { firedAt })
  const after = await hub.night(NIGHT, '?circuit=circuit-du-col')
  expect(after.circuits[0].rows).toEqual([])
})

it('a decision that names an alert answers no other, and one that names none answers all before it', async () => {
  hub.tell('fired', 'col', '2026-11-22T21:00:00Z')
  hub.tell('fired', 'col', '2026-11-22T21:00:00Z', { id: 'givre' })
  const decided = async () =>
    (await hub.night(NIGHT, '?circuit=circuit-du-col')).circuits[0].alerts.map(
      (alert: Json) => alert.decision,
    )
  await hub.send(decision(1, '2026-11-22T22:00:00Z', { decision: 'not-needed', alert: 'givre' }))
  expect(await decided()).toEqual([null, uuid(1)])
  await hub.send(decision(2, '2026-11-22T22:30:00Z'))
  expect(await decided()).toEqual([uuid(2), uuid(1)])
})

it('an alert that worsens after a decision is open again, and what was decided stays beside what it was', async () => {
  const firedAt = Date.parse('2026-11-22T21:00:00Z')
  const change = { type: 'worsened', number: 1, time: Date.parse('2026-11-22T23:00:00Z') } as const
  hub.tell('fired', 'col', '2026-11-22T21:00:00Z', { phenomenon: 'watch' })
  await hub.send(decision(1, '2026-11-22T22:00:00Z', { decision: 'not-needed' }))
  await hub.send(decision(2, '2026-11-22T22:05:00Z', { decision: 'watch', alert: 'gel-col' }))
  hub.tell('worsened', 'col', '2026-11-22T23:00:00Z', { firedAt, change })
  hub.tell('changed', 'col', '2026-11-22T23:30:00Z', {
    ...{ firedAt, change: { ...change, type: 'changed', number: 2 } },
  })
  const decided = async () => {
    const [{ alerts, rows }] = (await hub.night(NIGHT, '?circuit=circuit-du-col')).circuits
    const ofRows = rows.flatMap(({ alert }: Json) => (alert ? [[alert.type, alert.decision]] : []))
    return [...ofRows, alerts[0].decision]
  }
  expect(await decided()).toEqual([['fired', uuid(1)], ['worsened', null], ['changed', null], null])
  await hub.send(decision(3, '2026-11-22T23:10:00Z'))
  expect(await decided()).toEqual([['fired', uuid(1)], ['worsened', uuid(3)], ['changed', uuid(3)], uuid(3)])
  // The next night begins with it as it stood at noon.
  hub.at('2026-11-23T13:00:00Z')
  const [{ rows }] = (await hub.night('2026-11-23', '?circuit=circuit-du-col')).circuits
  expect(rows).toMatchObject([{ alert: { type: 'changed', before: true, decision: uuid(3) } }])
})

it('a treatment that answers an alert asks nothing of the rules: the alert stays as it was, and open', async () => {
  hub.tell('fired', 'col', '2026-11-22T21:00:00Z')
  const before = hub.records.alert('gel-col')
  const asked: string[] = []
  const marked = Promise.withResolvers<void>()
  await hub.peer.subscribe(topics.alertCommands, (_, payload) => {
    asked.push(payload.toString())
    marked.resolve()
  })
  const [start, end] = ['2026-11-22T22:00:00Z', '2026-11-22T23:00:00Z']
  expect((await hub.send(treatment(1, start, end, { alert: 'gel-col' }))).status).toBe(201)
  // What was asked before comes before.
  await hub.peer.publish(topics.alertCommands, 'mark')
  await marked.promise
  expect(asked).toEqual(['mark'])
  expect(hub.records.alert('gel-col')).toEqual(before)
  const [{ alerts, rows }] = (await hub.night(NIGHT, '?circuit=circuit-du-col')).circuits
  expect(alerts).toMatchObject([{ id: 'gel-col', decision: null }])
  expect(rows.flatMap(({ alert }: Json) => alert?.type ?? [])).toEqual(['fired'])
})
