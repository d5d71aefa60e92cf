import { expect, it } from 'vitest'
import type { DerivedReading } from '../../derived/deriver.ts'
import { watchGateways } from '../../derived/gateways.ts'
import type { SenderStatus } from '../../model/delivery.ts'
import type { Reading } from '../../model/reading.ts'
import { H, MIN, reading, S, START, testClock } from '../rules/territory.ts'
import { quietBus, twoBuildings } from './territory.ts'

const POINTS = {
  silence: 'mairie/hub/gw-silence',
  fill: 'mairie/hub/gw-outbox-fill',
  left: 'mairie/hub/gw-outbox-time-left',
  lag: 'mairie/hub/gw-registry-lag',
}
const registry = await twoBuildings()
const { hash } = registry.gatewayParts.get('gw')!

/** A life of the hub that begins at a time, knowing what was told before. */
async function begin(now = START, told: Reading[] = []) {
  const clock = testClock(now)
  const bus = quietBus()
  const derivers = await watchGateways({ registry, bus, clock })
  const last = new Map(told.map(reading => [reading.point, reading]))
  /** What is told now, by point. */
  async function tell(): Promise<Partial<Record<keyof typeof POINTS, DerivedReading['value'] | string>>> {
    const readings = await Promise.all(derivers.map(each => each.derive(point => last.get(point))))
    for (const { point, time, value, quality } of readings.flat())
      last.set(point, reading(point, time, value, quality))
    return Object.fromEntries(
      readings
        .flat()
        .map(({ point, value, quality }) => [
          Object.entries(POINTS).find(([, id]) => id === point)![0],
          quality ? `${quality} ${value}` : value,
        ]),
    )
  }
  return { clock, bus, tell, told: () => [...last.values()] }
}

const outbox = (share: number, hours?: number): NonNullable<SenderStatus['outbox']> => ({
  ...{ bytes: share * 1000, maxBytes: 1000, share },
  streams:
    hours === undefined
      ? {}
      : { measures: { bytes: 1, timeLeftMs: hours * H }, indexes: { bytes: 1, timeLeftMs: 999 * H } },
})

it('a gateway that speaks is there: its silence is short, and what it says of itself is told', async () => {
  const { clock, bus, tell } = await begin()
  bus.say({ registry: hash, outbox: outbox(0.25, 40) })
  clock.advance(30 * S)
  expect(await tell()).toEqual({ silence: 0.5, fill: 25, left: 40, lag: 0 })
})

it('silence goes on after a goodbye, a last will, or nothing at all, and ends with the next word', async () => {
  const { clock, bus, tell } = await begin()
  bus.say({ registry: hash, outbox: outbox(0.25, 40) })
  await tell()
  bus.say({ registry: hash, online: false })
  clock.advance(6 * MIN)
  expect(await tell()).toEqual({ silence: 6, left: 'uncertain 39.9' })
  bus.acknowledge()
  expect(await tell()).toMatchObject({ silence: 0 })
  bus.say({ registry: hash })
  clock.advance(2 * MIN)
  expect(await tell()).toEqual({ silence: 2, left: expect.stringContaining('uncertain') })
})

it('trap 20: a hub that has just begun to listen, or to listen again, knows of no silence', async () => {
  const { clock, bus, tell } = await begin()
  clock.advance(119 * S)
  expect(await tell()).toEqual({})
  clock.advance(S)
  expect(await tell()).toEqual({ silence: 2 })
  bus.say({ registry: hash })
  bus.connected = false
  clock.advance(H)
  expect(await tell()).toEqual({})
  bus.reconnect()
  clock.advance(MIN)
  expect(await tell()).toEqual({})
  bus.say({ registry: hash })
  expect(await tell()).toEqual({ silence: 0, lag: 0 })
})

it('trap 19: what was silent before the hub was down, and still is, has been silent all the time', async () => {
  const before = await begin()
  before.bus.say({ registry: hash, outbox: outbox(0.1, 10) })
  await before.tell()
  before.clock.advance(20 * MIN)
  await before.tell()
  const { clock, tell } = await begin(START + 50 * MIN, before.told())
  expect(await tell()).toEqual({})
  clock.advance(10 * MIN)
  expect(await tell()).toEqual({ silence: 60, left: 'uncertain 9' })
})

it('data that waits where nobody can ask is given up one day: the time runs down to nothing', async () => {
  const { clock, bus, tell } = await begin()
  bus.say({ registry: hash, outbox: outbox(0.9, 1) })
  await tell()
  clock.advance(2 * H)
  expect(await tell()).toMatchObject({ left: 'uncertain 0' })
})

it('a gateway that has journalled nothing tells no time that is left', async () => {
  const { bus, tell } = await begin()
  bus.say({ registry: hash, outbox: outbox(0) })
  expect(await tell()).toEqual({ silence: 0, fill: 0, lag: 0 })
})

it('another registry is told with the time that it has been so, over restarts of the hub', async () => {
  const before = await begin()
  const say = (bus: typeof before.bus, registry: string) => bus.say({ registry })
  say(before.bus, 'another')
  expect(await before.tell()).toMatchObject({ lag: 0 })
  before.clock.advance(30 * MIN)
  say(before.bus, 'another')
  expect(await before.tell()).toMatchObject({ lag: 0.5 })
  const { clock, bus, tell } = await begin(START + H, before.told())
  say(bus, 'another')
  expect(await tell()).toMatchObject({ lag: 1 })
  clock.advance(MIN)
  say(bus, hash)
  expect(await tell()).toMatchObject({ lag: 0 })
  say(bus, 'another')
  expect(await tell()).toMatchObject({ lag: 0 })
})
