import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { StreamPosition } from '../../model/delivery.ts'
import type { LedgerEntry, Outcome } from '../../model/ledger.ts'
import type { QualityCode } from '../../model/quality.ts'
import { QUALITY_CODES } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'
import { emptyColumns, pushReading, toColumns } from '../../model/reading.ts'
import type { ReadingStore } from '../../store/readings.ts'
import { StoreUnavailableError } from '../../store/readings.ts'

/** Where a store keeps its data: empty at first, opened as often as a test likes. */
export interface StoreSite {
  open(timeZone: string): Promise<ReadingStore>
  close(): Promise<void>
}

export interface StoreUnderTest {
  /** Called before each test. */
  site(): Promise<StoreSite>
  /** Takes the service behind the store away and brings it back, where there is one. */
  outage?: { begin(): Promise<void>; end(): Promise<void> }
  start(): Promise<void>
  close(): Promise<void>
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
const POINT = 'college-hugo/compteur-1/index'
const OTHER = 'college-hugo/meteo/temperature'
const T0 = Date.parse('2026-03-10T08:00:00Z')

function reading(time: number, value: Value, quality: QualityCode = 'good', point = POINT): Reading {
  return { point, time, value, quality, gatewayTime: time + 250 }
}

function position(upTo: number, ranges: [number, number][] = []): StreamPosition {
  return { sender: 'gateway-1', stream: 'indexes', run: 'run-1', upTo, ranges }
}

function entry(outcome: Outcome, count: number, more: Partial<LedgerEntry> = {}): LedgerEntry {
  return { sender: 'gateway-1', stream: 'indexes', hour: T0, outcome, count, ...more }
}

/** What every reading store holds to. */
export function readingStoreContract(name: string, underTest: StoreUnderTest): void {
  describe(name, () => {
    let site: StoreSite
    let store: ReadingStore
    const write = (...readings: Reading[]) => store.write(toColumns(readings), [])

    beforeAll(() => underTest.start())
    afterAll(() => underTest.close())
    beforeEach(async () => {
      site = await underTest.site()
      store = await site.open('Europe/Paris')
    })
    afterEach(async () => {
      await store.close()
      await site.close()
    })

    async function reopen(timeZone = 'Europe/Paris') {
      await store.close()
      store = await site.open(timeZone)
    }

    test('gives back every kind of value to the last bit', async () => {
      const numbers = [0.1, -0, 1 / 3, 5e-324, Number.MAX_VALUE, -273.15, 123_456_789.123, 2 ** 53]
      const texts = [
        '',
        ' ',
        "l'été",
        'a"b\\c',
        '\\',
        'one\ntwo\ttab',
        '{"json":true}',
        '雪🚦',
        "'; DROP TABLE",
        'a,b=c d',
      ]
      const values: Value[] = [...numbers, true, false, ...texts]
      const readings = values.map((value, i) => reading(T0 + i, value))
      await store.write(toColumns(readings), [])
      expect(await store.range(POINT, T0, T0 + values.length)).toEqual(readings)
      await reopen()
      expect(await store.range(POINT, T0, T0 + values.length)).toEqual(readings)
    })

    test('gives back every quality code', async () => {
      const codes = [...QUALITY_CODES] as QualityCode[]
      const readings = codes.map((code, i) => reading(T0 + i, code.startsWith('bad') ? null : i, code))
      await store.write(toColumns(readings), [])
      expect(await store.range(POINT, T0, T0 + codes.length)).toEqual(readings)
    })

    test('gives special characters in names no meaning', async () => {
      const positions = [{ ...position(1), sender: "import/a b,c=d'e", run: 'r "1"' }]
      await store.write(toColumns([]), positions)
      expect(await store.positions()).toEqual(positions)
      expect(await store.range("x' OR 'a'='a", 0, T0)).toEqual([])
    })

    test('changes nothing when a batch is repeated', async () => {
      const readings = [
        reading(T0, 1),
        reading(T0 + 1, true),
        reading(T0 + 2, null, 'bad:timeout'),
        reading(T0 + 3, 'x'),
      ]
      expect(await write(...readings)).toEqual({ written: 4, repeated: 0, conflicts: [] })
      expect(await write(...readings)).toEqual({ written: 0, repeated: 4, conflicts: [] })
      await reopen()
      expect(await write(...readings, reading(T0 + 4, 5))).toEqual({ written: 1, repeated: 4, conflicts: [] })
      expect(await store.range(POINT, T0, T0 + 10)).toHaveLength(5)
    })

    test('ignores a different gateway time', async () => {
      await write(reading(T0, 1))
      const again = { ...reading(T0, 1), gatewayTime: T0 + 9_000 }
      expect(await write(again)).toEqual({ written: 0, repeated: 1, conflicts: [] })
      expect(await store.range(POINT, T0, T0 + 1)).toEqual([reading(T0, 1)])
    })

    test('names what differs from what is stored, by position, and writes the rest', async () => {
      const stored: Value[] = [1, 2, 0, 'a', 4, true]
      await write(...stored.map((value, i) => reading(T0 + i, value)))
      const outcome = await write(
        reading(T0 + 9, 9),
        reading(T0 + 4, 4, 'uncertain:clock'),
        reading(T0 + 1, 2),
        reading(T0, 1.000001),
        reading(T0 - 40 * DAY, 7),
        reading(T0 + 3, 'b'),
        reading(T0 + 2, false),
        reading(T0 + 5, false),
        reading(T0 + 1, null, 'bad:timeout'),
      )
      expect(outcome).toEqual({ written: 2, repeated: 1, conflicts: [1, 3, 5, 6, 7, 8] })
      const values = (await store.range(POINT, T0 - 40 * DAY, T0 + 10)).map(({ value }) => value)
      expect(values).toEqual([7, ...stored, 9])
    })

    test('lets the first of two equal keys in one call win', async () => {
      const late = [reading(T0 - HOUR, 5), reading(T0 - HOUR, 6), reading(T0 - HOUR, 5)]
      const outcome = await write(reading(T0, 1), reading(T0, 2), reading(T0, 1), ...late)
      expect(outcome).toEqual({ written: 2, repeated: 2, conflicts: [1, 4] })
      expect(await store.range(POINT, T0 - HOUR, T0 + 1)).toEqual([reading(T0 - HOUR, 5), reading(T0, 1)])
    })

    test('gives the newest reading of each point by source time', async () => {
      await write(reading(T0 + 5, 1), reading(T0 + 3, 2), reading(T0, 20.5, 'good', OTHER))
      await write(reading(T0 + 4, 3), reading(T0 + 1, null, 'bad:disconnected', OTHER))
      const expected = [reading(T0 + 5, 1), reading(T0 + 1, null, 'bad:disconnected', OTHER)]
      const byPoint = (a: Reading, b: Reading) => a.point.localeCompare(b.point)
      const latest = await store.latest([OTHER, 'no-such/point/here', POINT])
      expect(latest.toSorted(byPoint)).toEqual(expected)
      await reopen()
      expect((await store.latest([POINT, OTHER])).toSorted(byPoint)).toEqual(expected)
      expect(await store.latest([])).toEqual([])
    })

    test('names every point with its first and newest time', async () => {
      expect(await store.series()).toEqual([])
      await write(reading(T0 + 2, 1), reading(T0 + 5, null, 'bad:timeout'), reading(T0, 'x'))
      await write(reading(T0 + 1, true, 'good', OTHER))
      const expected = [
        { point: POINT, first: T0, last: T0 + 5 },
        { point: OTHER, first: T0 + 1, last: T0 + 1 },
      ]
      expect((await store.series()).toSorted((a, b) => a.last - b.last)).toEqual(expected.toReversed())
      expect(await store.series([OTHER, 'no-such/point/here'])).toEqual([expected[1]])
      expect(await store.series([])).toEqual([])
      expect(await Promise.all([POINT, OTHER].map(point => store.series([point])))).toEqual(
        expected.map(extent => [extent]),
      )
      await write(reading(T0 - 9, 1), reading(T0 + 7, 1))
      expect(await store.series([POINT])).toEqual([{ point: POINT, first: T0 - 9, last: T0 + 7 }])
    })

    test('gives a range ascending, half open, and limited', async () => {
      await write(...[3, 1, 4, 0, 2].map(i => reading(T0 + i, i)), reading(T0 + 1, 7, 'good', OTHER))
      const values = async (...range: [number, number, number?]) =>
        (await store.range(POINT, ...range)).map(({ value }) => value)
      expect(await values(T0 + 1, T0 + 4)).toEqual([1, 2, 3])
      expect(await values(T0, T0 + 100, 2)).toEqual([0, 1])
      expect(await values(T0, T0 + 100, 0)).toEqual([])
      expect(await values(T0 + 2, T0 + 2)).toEqual([])
      expect(await values(-Infinity, Infinity)).toEqual([0, 1, 2, 3, 4])
      expect(await store.range('no-such/point/here', T0, T0 + 100)).toEqual([])
    })

    test('aggregates by minute and by hour', async () => {
      await write(
        reading(T0, 2),
        reading(T0 + 59_999, 4),
        reading(T0 + 60_000, 9),
        reading(T0 + HOUR + 1, -1),
        reading(T0 + 3 * HOUR, 5),
      )
      expect(await store.aggregate(POINT, 'minute', T0, T0 + 120_000)).toEqual([
        { start: T0, end: T0 + 60_000, count: 2, valid: 2, min: 2, max: 4, mean: 3, first: 2, last: 4 },
        {
          start: T0 + 60_000,
          end: T0 + 120_000,
          count: 1,
          valid: 1,
          min: 9,
          max: 9,
          mean: 9,
          first: 9,
          last: 9,
        },
      ])
      expect(await store.aggregate(POINT, 'hour', T0, T0 + 3 * HOUR)).toEqual([
        { start: T0, end: T0 + HOUR, count: 3, valid: 3, min: 2, max: 9, mean: 5, first: 2, last: 9 },
        {
          start: T0 + HOUR,
          end: T0 + 2 * HOUR,
          count: 1,
          valid: 1,
          min: -1,
          max: -1,
          mean: -1,
          first: -1,
          last: -1,
        },
      ])
      expect(await store.aggregate(POINT, 'hour', T0, T0)).toEqual([])
      expect(await store.aggregate('no-such/point/here', 'day', T0, T0 + HOUR)).toEqual([])
    })

    test('gives whole buckets, whatever was asked', async () => {
      await write(reading(T0 + 1, 1), reading(T0 + 50 * 60_000, 3))
      const [bucket, ...others] = await store.aggregate(POINT, 'hour', T0 + 40 * 60_000, T0 + 41 * 60_000)
      expect(bucket).toMatchObject({ start: T0, end: T0 + HOUR, count: 2, mean: 2 })
      expect(others).toEqual([])
    })

    test('counts bad readings, booleans as 0 and 1, and text without numbers', async () => {
      await write(
        reading(T0, true),
        reading(T0 + 1, null, 'bad:timeout'),
        reading(T0 + 2, false),
        reading(T0 + 3, true),
      )
      await write(reading(T0, 'ON', 'good', OTHER), reading(T0 + HOUR, null, 'bad:exception', OTHER))
      const none = { min: null, max: null, mean: null, first: null, last: null }
      for (const by of ['minute', 'hour'] as const) {
        const length = by === 'hour' ? HOUR : 60_000
        const [flags] = await store.aggregate(POINT, by, T0, T0 + HOUR)
        expect(flags).toMatchObject({ count: 4, valid: 3, min: 0, max: 1, first: 1, last: 1 })
        expect(flags!.mean).toBeCloseTo(2 / 3, 12)
        expect(await store.aggregate(OTHER, by, T0, T0 + 2 * HOUR)).toEqual([
          { start: T0, end: T0 + length, count: 1, valid: 1, ...none },
          { start: T0 + HOUR, end: T0 + HOUR + length, count: 1, valid: 0, ...none },
        ])
      }
      const [day] = await store.aggregate(OTHER, 'day', T0, T0 + HOUR)
      expect(day).toMatchObject({ count: 2, valid: 1, ...none })
    })

    test('aggregates civil days of 23, 24 and 25 hours', async () => {
      for (const [date, hours] of [
        ['2026-03-29', 23],
        ['2026-10-25', 25],
        ['2026-07-14', 24],
      ] as const) {
        const start = Temporal.PlainDate.from(date).toZonedDateTime('Europe/Paris').epochMilliseconds
        const end = start + hours * HOUR
        // One reading a half hour: the day's own carry 1, its neighbours 100.
        const readings: Reading[] = []
        for (let time = start - HOUR; time < end + HOUR; time += HOUR / 2) {
          readings.push(reading(time, time >= start && time < end ? 1 : 100))
        }
        await store.write(toColumns(readings), [])
        const days = await store.aggregate(POINT, 'day', start, end)
        expect(days).toEqual([
          { start, end, count: 2 * hours, valid: 2 * hours, min: 1, max: 1, mean: 1, first: 1, last: 1 },
        ])
        expect(await store.aggregate(POINT, 'hour', start, end)).toHaveLength(hours)
      }
    })

    test('aggregates days that begin at half past an hour of UTC', async () => {
      await reopen('Asia/Kolkata')
      const midnight = Date.parse('2026-03-10T18:30:00Z')
      const day = 24 * HOUR
      await write(
        reading(midnight - 1, 1),
        reading(midnight, 10),
        reading(midnight + 40 * 60_000, 20),
        reading(midnight + day - 1, 30),
        reading(midnight + day, 5),
        reading(midnight + day + 3 * HOUR, 7),
      )
      const days = await store.aggregate(POINT, 'day', midnight - day, midnight + 2 * day)
      expect(days.map(({ start, end, count, mean }) => ({ start, end, count, mean }))).toEqual([
        { start: midnight - day, end: midnight, count: 1, mean: 1 },
        { start: midnight, end: midnight + day, count: 3, mean: 20 },
        { start: midnight + day, end: midnight + 2 * day, count: 2, mean: 6 },
      ])
    })

    test('takes late readings into aggregates that were answered before', async () => {
      await write(reading(T0, 10), reading(T0 + 30 * HOUR, 4))
      const mean = async (by: 'hour' | 'day') => (await store.aggregate(POINT, by, T0, T0 + HOUR))[0]!.mean
      expect([await mean('hour'), await mean('day')]).toEqual([10, 10])
      await write(reading(T0 + 60_000, 20))
      expect([await mean('hour'), await mean('day')]).toEqual([15, 15])
      await reopen()
      await write(reading(T0 + 120_000, 60))
      expect([await mean('hour'), await mean('day')]).toEqual([30, 30])
    })

    test('keeps positions with the data, the newest of each stream', async () => {
      await store.write(toColumns([reading(T0, 1)]), [position(1)])
      const other: StreamPosition = { ...position(7), stream: 'measures' }
      await store.write(toColumns([reading(T0 + 1, 1)]), [
        position(2, [
          [5, 6],
          [9, 9],
        ]),
        other,
      ])
      await store.write(toColumns([]), [{ ...position(3), run: 'run-2' }])
      await reopen()
      const positions = (await store.positions()).toSorted((a, b) => a.upTo - b.upTo)
      expect(positions).toEqual([
        position(2, [
          [5, 6],
          [9, 9],
        ]),
        { ...position(3), run: 'run-2' },
        other,
      ])
    })

    const ledger = async (from = 0, to = T0 + 400 * DAY, sender?: string) => {
      const entries = await store.ledger(from, to, sender)
      const keyOf = ({ sender, stream, hour, outcome }: LedgerEntry) =>
        `${sender} ${stream} ${hour} ${outcome}`
      return entries.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    }

    test('adds to the ledger what comes with a position, and keeps it', async () => {
      await store.write(toColumns([reading(T0, 1)]), [position(3)], [entry('late', 1), entry('prompt', 2)])
      const more = [entry('outbox-full', 5), entry('prompt', 4), entry('prompt', 1, { hour: T0 + HOUR })]
      await store.write(emptyColumns(), [position(13)], more)
      const expected = [
        entry('late', 1),
        entry('outbox-full', 5),
        entry('prompt', 6),
        entry('prompt', 1, { hour: T0 + HOUR }),
      ]
      expect(await ledger()).toEqual(expected)
      await reopen()
      expect(await ledger()).toEqual(expected)
      await store.write(emptyColumns(), [position(14)], [entry('late', 1)])
      expect(await ledger()).toContainEqual(entry('late', 2))
    })

    test('counts once what is written again, before and after it is opened again', async () => {
      const again = () => store.write(toColumns([reading(T0, 1)]), [position(1)], [entry('prompt', 1)])
      await again()
      await again()
      await reopen()
      await again()
      expect(await ledger()).toEqual([entry('prompt', 1)])
      await store.write(emptyColumns(), [position(1, [[3, 3]])], [entry('prompt', 1)])
      expect(await ledger()).toEqual([entry('prompt', 2)])
    })

    test('leaves positions and ledger to a second call where readings conflict', async () => {
      await write(reading(T0, 1))
      const batch = toColumns([reading(T0, 2), reading(T0 + 1, 3)])
      const outcome = await store.write(batch, [position(2)], [entry('prompt', 2)])
      expect(outcome).toEqual({ written: 1, repeated: 0, conflicts: [0] })
      expect([await store.positions(), await ledger()]).toEqual([[], []])
      const settled = [entry('prompt', 1), entry('quarantined', 1)]
      await store.write(emptyColumns(), [position(2)], settled)
      expect([await store.positions(), await ledger()]).toEqual([[position(2)], settled])
    })

    test('gives the ledger of a span of hours and of one sender', async () => {
      const other = { sender: "import/a b,c=d'e" }
      const hours = [0, 1, 2].map(i => entry('prompt', i + 1, { hour: T0 + i * HOUR }))
      await store.write(emptyColumns(), [position(6)], hours)
      const elsewhere = { ...position(1), ...other, stream: 'measures' as const }
      await store.write(emptyColumns(), [elsewhere], [entry('corrupt', 9, { ...other, stream: 'measures' })])
      expect(await ledger(T0 + HOUR, T0 + 2 * HOUR)).toEqual([hours[1]])
      expect(await ledger(T0, T0 + HOUR)).toHaveLength(2)
      expect(await ledger(T0, T0 + DAY, other.sender)).toEqual([
        entry('corrupt', 9, { ...other, stream: 'measures' }),
      ])
      expect(await ledger(T0, T0 + DAY, 'gateway-1')).toEqual(hours)
      expect(await ledger(T0, T0 + DAY, 'nobody')).toEqual([])
      expect(await ledger(T0, T0)).toEqual([])
    })

    test('adds up two runs of one stream, and takes a ledger of 20,000 hours', async () => {
      const runs = [position(2), { ...position(3), run: 'run-2' }]
      await store.write(emptyColumns(), runs, [entry('prompt', 5)])
      await store.write(emptyColumns(), [{ ...position(4), run: 'run-2' }], [entry('prompt', 1)])
      await reopen()
      const old = Array.from({ length: 20_000 }, (_, i) => entry('prompt', 1, { hour: T0 - i * HOUR }))
      await store.write(emptyColumns(), [position(20_002)], old)
      const entries = await ledger()
      expect(entries).toHaveLength(20_000)
      expect(entries.find(({ hour }) => hour === T0)).toEqual(entry('prompt', 7))
    })

    test('keeps everything when it is closed and opened again', async () => {
      await store.write(toColumns([reading(T0, 1), reading(T0 + HOUR, 2)]), [position(2)])
      const hours = await store.aggregate(POINT, 'hour', T0, T0 + 2 * HOUR)
      await reopen()
      expect(await store.range(POINT, T0, T0 + 2 * HOUR)).toEqual([reading(T0, 1), reading(T0 + HOUR, 2)])
      expect(await store.aggregate(POINT, 'hour', T0, T0 + 2 * HOUR)).toEqual(hours)
      expect(await store.positions()).toEqual([position(2)])
    })

    test('writes 50,000 readings at once, and again', async () => {
      const columns = emptyColumns()
      for (let i = 0; i < 50_000; i++) {
        pushReading(
          columns,
          reading(T0 + Math.floor(i / 50) * 60_000, i / 8, 'good', `site/device/p${i % 50}`),
        )
      }
      expect(await store.write(columns, [position(50_000)])).toEqual({
        written: 50_000,
        repeated: 0,
        conflicts: [],
      })
      expect(await store.write(columns, [])).toEqual({ written: 0, repeated: 50_000, conflicts: [] })
      const hours = await store.aggregate('site/device/p7', 'hour', T0, T0 + 17 * HOUR)
      expect(hours.map(({ count }) => count)).toEqual([...Array(16).fill(60), 40])
      expect(hours[0]).toMatchObject({ first: 7 / 8, last: (59 * 50 + 7) / 8 })
    })

    test('gives back a large batch in which every kind of value alternates', async () => {
      const kinds: Value[] = [1.5, true, 'ouvert', false, null]
      const readings = Array.from({ length: 5_000 }, (_, i) => {
        const value = kinds[i % 5 === 0 ? 0 : (i >> 9) % 5]!
        return reading(T0 + i * 1000, value, value === null ? 'bad:timeout' : 'good')
      })
      await write(...readings)
      expect(await store.range(POINT, T0, T0 + DAY)).toEqual(readings)
    })

    test('answers while it writes', async () => {
      const writes = Array.from({ length: 20 }, (_, batch) => {
        const readings = Array.from({ length: 100 }, (_, i) => reading(T0 + (batch * 100 + i) * 60_000, 1))
        return store.write(toColumns(readings), [position((batch + 1) * 100)])
      })
      const answers = await Promise.all([
        ...Array.from({ length: 10 }, () => store.aggregate(POINT, 'day', T0, T0 + 48 * HOUR)),
        ...Array.from({ length: 10 }, () => store.range(POINT, T0, T0 + 48 * HOUR)),
        store.latest([POINT]),
      ])
      expect(answers).toHaveLength(21)
      expect((await Promise.all(writes)).every(({ written }) => written === 100)).toBe(true)
      const days = await store.aggregate(POINT, 'day', T0, T0 + 48 * HOUR)
      expect(days.reduce((sum, { count }) => sum + count, 0)).toBe(2_000)
      expect(await store.positions()).toEqual([position(2_000)])
    })

    test('answers what is asked at once as it answers each alone', async () => {
      const points = Array.from({ length: 40 }, (_, n) => `a/b/p${n}`)
      for (const [n, point] of points.entries()) {
        await write(
          ...Array.from({ length: 150 }, (_, i) =>
            reading(
              T0 + (i + n) * 30 * 60_000,
              i % 40 === n ? null : i,
              i % 40 === n ? 'bad:timeout' : 'good',
              point,
            ),
          ),
        )
      }
      const asked = points.map((point, n) => {
        const to = T0 + (20 + 3 * n) * HOUR
        return async () => [
          await store.range(point, T0 + n * HOUR, to, [undefined, 0, 1, 120, 5000][n % 5]),
          await store.aggregate(point, (['minute', 'hour', 'day'] as const)[n % 3]!, T0 + n * HOUR, to),
          await store.latest([point, points[0]!]),
          await store.aggregate('no-such/point/here', 'day', T0, to),
        ]
      })
      const alone = []
      for (const ask of asked) alone.push(await ask())
      expect(alone.every(answers => answers[1]!.length > 0)).toBe(true)
      expect(await Promise.all(asked.map(ask => ask()))).toEqual(alone)
    })

    test('settles two writes of one key that run at once', async () => {
      const outcomes = await Promise.all([
        write(reading(T0, 1)),
        write(reading(T0, 2)),
        write(reading(T0, 1)),
      ])
      expect(outcomes.map(({ written }) => written)).toEqual([1, 0, 0])
      expect(outcomes.map(({ conflicts }) => conflicts)).toEqual([[], [0], []])
    })

    // A store of the process itself has no outage to be put through.
    const { outage } = underTest
    if (!outage) return
    test('says that it is unavailable, and takes the same call later', async () => {
      const readings = toColumns([reading(T0, 1), reading(T0 + 1, 2)])
      await write(reading(T0 - HOUR, 0))
      await outage.begin()
      await expect(store.write(readings, [position(2)])).rejects.toThrow(StoreUnavailableError)
      await expect(store.latest(['other/point/x'])).rejects.toThrow(StoreUnavailableError)
      await outage.end()
      expect(await store.write(readings, [position(2)])).toEqual({ written: 2, repeated: 0, conflicts: [] })
      expect(await store.positions()).toEqual([position(2)])
      expect(await store.range(POINT, T0, T0 + 2)).toHaveLength(2)
    })
  })
}
