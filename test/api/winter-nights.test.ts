import { afterEach, beforeEach, expect, it } from 'vitest'
import { type AnsweredRow, nightSchema } from '../../api/winter-service/night-schema.ts'
import type { Json } from './hub.ts'
import {
  condition,
  correction,
  decision,
  startWinterHub,
  treatment,
  uuid,
  type WinterHub,
} from './winter-hub.ts'

let hub: WinterHub
beforeEach(async () => {
  hub = await startWinterHub('2026-11-23T12:00:00Z')
})
afterEach(() => hub.close())

const COL = '?circuit=circuit-du-col'
const NIGHT = '2026-11-22'
/** The rows of a night in short. */
const rowsOf = (night: Json, circuit = 0) =>
  night.circuits[circuit].rows.map(({ time, level, alert, entry }: AnsweredRow) => [
    time.slice(5, 16),
    alert ? `${alert.type} ${alert.id}` : `${entry!.kind} ${Number(entry!.id.slice(-3))}`,
    level.state === 'in-force' ? level.serviceLevel : level.state,
  ])

it('sets alerts, decisions, treatments and the level in force side by side, sealed, in order of time', async () => {
  hub.tell('fired', 'col', '2026-11-22T19:30:00Z')
  hub.tell('resolved', 'col', '2026-11-23T08:00:00Z', { firedAt: Date.parse('2026-11-22T19:30:00Z') })
  await hub.send(treatment(3, '2026-11-23T04:00:00Z', '2026-11-23T05:30:00Z'))
  await hub.send(condition(1, '2026-11-22T18:00:00Z'))
  await hub.send(decision(2, '2026-11-22T20:00:00Z', { alert: 'gel-col' }))
  await hub.send(condition(4, '2026-11-23T11:00:00Z'))
  const night = await hub.night(NIGHT, COL)
  expect(nightSchema.safeParse(night).error).toBeUndefined()
  expect(rowsOf(night)).toEqual([
    ['11-22T18:00', 'condition 1', 'S2'],
    ['11-22T19:30', 'fired gel-col', 'out-of-hours'],
    ['11-22T20:00', 'decision 2', 'out-of-hours'],
    ['11-23T04:00', 'treatment 3', 'S2'],
    ['11-23T08:00', 'resolved gel-col', 'S2'],
  ])
  expect(night).toMatchObject({
    ...{ date: NIGHT, from: '2026-11-22T12:00:00+01:00', to: '2026-11-23T12:00:00+01:00' },
    ...{ at: '2026-11-23T12:00:00.000Z', registry: hub.registry.hash, chain: hub.records.alertChain() },
  })
  expect(night.circuits[0].sections[1]).toEqual({
    ...{ id: 'vallee', road: 'D 907', fromPk: '12+0', toPk: '24+0', label: null },
  })
  const [{ alerts, levels, rows }] = night.circuits
  expect(alerts).toMatchObject([{ id: 'gel-col', decision: uuid(2), firedAt: '2026-11-22T19:30:00.000Z' }])
  expect(levels).toMatchObject([
    { from: '2026-11-22T12:00:00+01:00', to: '2026-11-22T20:00:00+01:00', state: 'in-force' },
    { to: '2026-11-23T05:00:00+01:00', state: 'out-of-hours', serviceLevel: 'S2' },
    { to: '2026-11-23T12:00:00+01:00', state: 'in-force', returnTimeSeconds: 14_400, minimum: 'C3' },
  ])
  const positions = rows.map(({ alert, entry }: AnsweredRow) => (alert ?? entry!).seal.position)
  expect(positions).toEqual([4, 1, 5, 3, 2])
  expect(rows[4].alert.seal.hash).toMatch(/^[0-9a-f]{64}$/)
})

it('the level is that of the season and the hours of then', async () => {
  await hub.send(condition(1, '2026-11-21T22:30:00Z'))
  await hub.send(condition(2, '2026-11-21T23:30:00Z'))
  const night = await hub.night('2026-11-21', COL)
  expect(rowsOf(night).map(([, , level]: string[]) => level)).toEqual(['S3', 'out-of-hours'])
  expect((await hub.night('2026-02-01', COL)).circuits[0].levels).toMatchObject([{ serviceLevel: null }])
})

it('a corrected entry is followed by its correction, in both nights where that moved it to another', async () => {
  await hub.send(condition(1, '2026-11-21T22:00:00Z'))
  await hub.send(correction(2, '2026-11-23T09:00:00Z', 1, condition(0, '2026-11-22T22:00:00Z')))
  await hub.send(condition(3, '2026-11-22T21:00:00Z'))
  const group = [
    ['11-21T22:00', 'condition 1', 'S3'],
    ['11-22T22:00', 'correction 2', 'out-of-hours'],
  ]
  expect(rowsOf(await hub.night('2026-11-21', COL))).toEqual(group)
  const night = await hub.night(NIGHT, COL)
  expect(rowsOf(night)).toEqual([['11-22T21:00', 'condition 3', 'out-of-hours'], ...group])
  expect(night.circuits[0].rows[1].entry).toMatchObject({ correctedBy: uuid(2) })
})

it.each([
  ['autumn', '2026-10-24', 25, '2026-10-24T12:00:00+02:00', '2026-10-25T12:00:00+01:00'],
  ['spring', '2027-03-27', 23, '2027-03-27T12:00:00+01:00', '2027-03-28T12:00:00+02:00'],
])('the night of %s in which the clock changes has its hours', async (_, date, hours, from, to) => {
  hub.at('2027-04-01T00:00:00Z')
  const end = Date.parse(to)
  for (const [id, time] of [Date.parse(from) - 1, Date.parse(from), end - 1, end].entries())
    await hub.send(
      condition(id, new Date(time).toISOString(), { circuit: 'circuit-du-pont', section: 'pont' }),
      hub.accountOf('chef'),
    )
  const night = await hub.night(date, '?circuit=circuit-du-pont')
  expect([night.from, night.to]).toEqual([from, to])
  expect((end - Date.parse(from)) / 3_600_000).toBe(hours)
  expect(night.circuits[0].rows.map(({ entry }: AnsweredRow) => entry!.id)).toEqual([uuid(1), uuid(2)])
})

it('all circuits stand side by side, also one that the registry no longer has', async () => {
  hub.tell('fired', 'col', '2026-11-22T21:00:00Z')
  hub.tell('fired', 'gymnase', '2026-11-22T21:00:00Z')
  hub.records.sealWinterEntry({
    ...{
      kind: 'condition',
      id: uuid(9),
      author: 'marie',
      received: 0,
      time: Date.parse('2026-11-22T20:00:00Z'),
    },
    ...{ circuit: 'ancien', section: 'a', condition: 'C4', phenomenon: 'snow' },
  })
  const night = await hub.night(NIGHT)
  expect(night.circuits.map(({ id, rows }: Json) => [id, rows.length])).toEqual([
    ['circuit-du-col', 1],
    ['circuit-du-pont', 1],
    ['ancien', 1],
  ])
  expect(rowsOf(night, 2)).toEqual([['11-22T20:00', 'condition 9', 'out-of-season']])
})

it('a night is not for everybody, and what it cannot be is named', async () => {
  for (const path of ['/v1/winter-service/nights/2026-11-22', '/winter-service/nights/2026-11-22'])
    expect((await hub.get(path)).status).toBe(401)
  expect((await hub.night('2026-11-31')).errors).toMatchObject([{ in: 'path', name: 'date' }])
  expect((await hub.night(NIGHT, '?circuit=nowhere')).errors).toMatchObject([
    { in: 'query', name: 'circuit' },
  ])
})
