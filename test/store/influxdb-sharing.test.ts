import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StreamPosition } from '../../model/delivery.ts'
import type { LedgerEntry } from '../../model/ledger.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { openInfluxReadingStore } from '../../store/influxdb/readings.ts'
import { StoreUnavailableError } from '../../store/readings.ts'
import { silentLog as log } from '../bus/fixtures.ts'
import { until } from '../e2e/until.ts'
import { findPeer } from '../peers/cache.ts'
import { type InfluxdbPeer, startInfluxdb } from '../peers/influxdb.ts'

const HOUR = 3_600_000
const T0 = Date.parse('2026-03-10T08:00:00Z')
const reading = (time: number, value: number): Reading => {
  return { point: 'a/b/c', time, value, quality: 'good', gatewayTime: time }
}
const position = (upTo: number): StreamPosition => {
  return { sender: 'gw', stream: 'measures', run: 'r', upTo, ranges: [] }
}
const prompt = (count: number): LedgerEntry => {
  return { sender: 'gw', stream: 'measures', hour: T0, outcome: 'prompt', count }
}

describe.runIf(findPeer('influxdb'))('an InfluxDB that several processes write to', () => {
  let peer: InfluxdbPeer
  let buckets = 0
  let bucket: string
  beforeAll(async () => {
    peer = await startInfluxdb()
  })
  afterAll(() => peer.close())
  const open = (more: { mayCommit?: () => boolean; refreshIntervalMs?: number } = {}) =>
    openInfluxReadingStore({
      ...peer,
      bucket,
      timeZone: 'Europe/Paris',
      log,
      refreshIntervalMs: 1e9,
      ...more,
    })
  const anew = async () => {
    bucket = await peer.createBucket(`sharing-${++buckets}`)
  }

  test('one that has lost its share writes neither positions nor ledger over those of the next', async () => {
    await anew()
    let mine = true
    const [before, after] = await Promise.all([open({ mayCommit: () => mine }), open()])
    await before.write(toColumns([reading(T0, 1)]), [position(1)], [prompt(1)])
    mine = false
    await after.write(toColumns([reading(T0 + 1, 2), reading(T0 + 2, 3)]), [position(3)], [prompt(2)])
    const late = before.write(toColumns([reading(T0 + 1, 2)]), [position(2)], [prompt(1)])
    await expect(late).rejects.toThrow(StoreUnavailableError)
    expect(await after.positions()).toEqual([position(3)])
    expect(await after.ledger(T0, T0 + HOUR)).toEqual([prompt(3)])
    await Promise.all([before.close(), after.close()])
  })

  test('nor does it roll up hours in which the next one writes', async () => {
    await anew()
    let mine = true
    let refusals = 0
    const mayCommit = () => {
      if (!mine) refusals++
      return mine
    }
    const before = await open({ mayCommit, refreshIntervalMs: 20 })
    // The hour of the newest reading is not over yet, and so stays dirty.
    await before.write(toColumns([reading(T0, 1)]), [])
    mine = false
    const after = await open()
    await after.write(toColumns([reading(T0 + 1, 2), reading(T0 + HOUR, 3)]), [])
    await before.write(toColumns([reading(T0 + HOUR, 3)]), [])
    await until(
      () => refusals,
      count => count > 1,
    )
    expect((await after.aggregate('a/b/c', 'hour', T0, T0 + HOUR))[0]).toMatchObject({ count: 2 })
    await Promise.all([before.close(), after.close()])
  })

  test('one that gets a point back knows nothing of it: what was written meanwhile is looked up', async () => {
    await anew()
    const [one, other] = await Promise.all([open({ refreshIntervalMs: 20 }), open({ refreshIntervalMs: 20 })])
    await one.write(toColumns([reading(T0, 1)]), [position(1)], [prompt(1)])
    await one.retain(
      () => false,
      () => false,
    )
    await other.write(toColumns([reading(T0 + 1, 2), reading(T0 + HOUR, 3)]), [position(3)], [prompt(2)])
    await until(
      () => other.aggregate('a/b/c', 'hour', T0, T0 + HOUR),
      ([hour]) => hour?.count === 2,
    )
    await other.retain(
      () => false,
      () => false,
    )
    // Another value at a key that the other one has written, and one of an hour that it has rolled up.
    const outcome = await one.write(toColumns([reading(T0 + 1, 99), reading(T0 + 2, 4)]), [], [])
    expect(outcome).toMatchObject({ written: 1, conflicts: [0] })
    expect((await one.aggregate('a/b/c', 'hour', T0, T0 + HOUR))[0]).toMatchObject({ count: 3 })
    await one.write(toColumns([reading(T0 + 3, 5)]), [position(4)], [prompt(1)])
    expect(await other.positions()).toEqual([position(4)])
    expect(await other.ledger(T0, T0 + HOUR)).toEqual([prompt(4)])
    await Promise.all([one.close(), other.close()])
  })
})
