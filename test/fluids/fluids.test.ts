import fc from 'fast-check'
import pino from 'pino'
import { expect, it } from 'vitest'
import { startFluids } from '../../fluids/fluids.ts'
import { recompute } from '../../fluids/recompute.ts'
import { basisOf, findStale } from '../../fluids/stale.ts'
import type { KeptPeriod } from '../../model/period.ts'
import type { QualityCode } from '../../model/quality.ts'
import { toColumns, type Value } from '../../model/reading.ts'
import type { Meter } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import { type ReadingStore, StoreUnavailableError } from '../../store/readings.ts'
import { openRevisionStore } from '../../store/revisions.ts'
import { openStatementStore } from '../../store/statements/statement-store.ts'
import { memoryFigures, memoryReadings } from './memory-stores.ts'
import { building, meter, registry } from './territory.ts'

const ZONE = 'Europe/Paris'
const HOUR = 3_600_000
const TEN_MINUTES = 600_000
const log = pino({ level: 'silent' })
const school = building('college-a')
const electricity = meter('elec', 'college-a')
const territory = registry([school], [electricity], ZONE)

type Sample = [time: number, value: Value, quality?: QualityCode]

async function write(store: ReadingStore, samples: readonly Sample[], point = electricity.point.id) {
  const readings = samples.map(([time, value, quality = 'good']) => {
    return { point, time, value, quality, gatewayTime: time }
  })
  await store.write(toColumns(readings), [])
}

function stores(readings = memoryReadings(ZONE), figures: FigureStore = memoryFigures()) {
  return {
    ...{ readings, figures, timeZone: ZONE, closeAfter: 10 * 24 * HOUR },
    statements: openStatementStore({ file: ':memory:' }),
    revisions: openRevisionStore({ file: ':memory:' }),
  }
}

async function everything(figures: FigureStore) {
  const periods: KeptPeriod[] = ['hour', 'day', 'month']
  return Promise.all(periods.map(period => figures.consumption('elec', period, 0, Number.MAX_SAFE_INTEGER)))
}

const clock = { now: () => Date.UTC(2026, 10, 22), elapsed: () => 0 }

/** A stretch of readings: how many, how far apart, and what is the matter with them. */
const stretch = fc.record({
  count: fc.integer({ min: 1, max: 20 }),
  pause: fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom(TEN_MINUTES, 15 * 60_000) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 * 24 * HOUR }) },
  ),
  gain: fc.integer({ min: 0, max: 500 }),
  trouble: fc.constantFrom(
    ...(['none', 'none', 'none', 'zero', 'leap', 'small leap', 'bad', 'odd', 'replaced', 'mixed'] as const),
  ),
})

/** Readings as they come from the field in a bad winter: pauses, faults, zeros, leaps, new meters. */
const samples = fc.array(stretch, { minLength: 2, maxLength: 20 }).map(stretches => {
  let time = Date.UTC(2025, 9, 20)
  let value = 50_000
  return stretches.flatMap(({ count, pause, gain, trouble }) => {
    if (trouble === 'replaced') value = 0
    return Array.from({ length: count }, (_, n): Sample => {
      time += pause
      value += gain
      if (trouble === 'zero' || (trouble === 'mixed' && n % 2)) return [time, 0]
      if (trouble === 'leap') return [time, 99_999_999]
      if (trouble === 'small leap') return [time, (value + 3000) / 10]
      if (trouble === 'bad') return [time, null, 'bad:timeout']
      if (trouble === 'odd') return [time, value / 10 + 0.03]
      return [time, value / 10]
    })
  })
})

it('however readings arrive, in pieces, out of order or late, the figures are those of all at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      samples,
      fc.array(fc.nat(), { maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      fc.boolean(),
      async (all, cuts, late, reversed) => {
        const whole = stores()
        await write(whole.readings, all)
        await recompute(whole, electricity, { start: all[0]![0], end: all.at(-1)![0] })

        const isLate = new Set(late.map(position => all[position % all.length]!))
        const bounds = [0, ...cuts.map(cut => cut % all.length), all.length].sort((a, b) => a - b)
        const pieces = bounds
          .slice(1)
          .map((bound, at) => all.slice(bounds[at], bound).filter(sample => !isLate.has(sample)))
        if (reversed) pieces.reverse()
        const stepwise = stores()
        for (const piece of [...pieces, ...[...isLate].map(sample => [sample])]) {
          if (piece.length === 0) continue
          await write(stepwise.readings, piece)
          await recompute(stepwise, electricity, { start: piece[0]![0], end: piece.at(-1)![0] })
        }
        expect(await everything(stepwise.figures)).toEqual(await everything(whole.figures))
      },
    ),
    { numRuns: 300 },
  )
})

it('a change in the past is computed from its neighbours alone, over a gap of any length', async () => {
  const start = Date.UTC(2025, 0, 1)
  const { readings, ...rest } = stores()
  const year = Array.from({ length: 12 * 144 }, (_, n): Sample => [start + n * TEN_MINUTES, n])
  const after = Array.from(
    { length: 144 },
    (_, n): Sample => [start + 300 * 24 * HOUR + n * TEN_MINUTES, 9000 + n],
  )
  await write(readings, [...year, ...after])
  await recompute({ readings, ...rest }, electricity, { start, end: after.at(-1)![0] })

  const loaded: number[] = []
  const watched: ReadingStore = {
    ...readings,
    async range(...query) {
      const found = await readings.range(...query)
      loaded.push(found.length)
      return found
    },
  }
  const middle = start + 150 * 24 * HOUR
  await write(readings, [[middle, 5000]])
  await recompute({ readings: watched, ...rest }, electricity, { start: middle, end: middle })
  expect(loaded.reduce((sum, count) => sum + count)).toBeLessThan(600)

  const fresh = stores(readings)
  await recompute(fresh, electricity, { start, end: after.at(-1)![0] })
  expect(await everything(rest.figures)).toEqual(await everything(fresh.figures))
})

const week = Array.from(
  { length: 7 * 144 },
  (_, n): Sample => [Date.UTC(2026, 5, 1) + n * TEN_MINUTES, n / 10],
)

it('at the start, figures are made where readings have none, and nothing is done where they agree', async () => {
  const { readings, figures, ...rest } = stores()
  await write(readings, week)
  const first = await startFluids({ registry: territory, readings, figures, ...rest, clock, log })
  await first.settled()
  await first.close()
  const [hours, days, months] = await everything(figures)
  expect([hours!.length, days!.length, months!.length]).toEqual([168, 8, 1])
  expect(months![0]).toMatchObject({ amount: 7 * 144 - 1, readings: 7 * 144 })

  const counted = figures as ReturnType<typeof memoryFigures>
  counted.writes = 0
  const second = await startFluids({ registry: territory, readings, figures, ...rest, clock, log })
  await second.settled()
  await second.close()
  expect(counted.writes).toBe(0)
})

it('what was stored while fluids was not running is found by its count, and only there', async () => {
  const context = stores()
  await write(context.readings, week)
  await recompute(context, electricity, { start: week[0]![0], end: week.at(-1)![0] })
  await context.figures.setBasis('elec', basisOf(electricity, ZONE))
  expect((await findStale(context, electricity, clock.now())).ranges).toEqual([])

  await write(context.readings, [[Date.UTC(2026, 5, 4, 12, 5), 50.4]])
  const day = Date.parse('2026-06-04T00:00:00+02:00')
  expect((await findStale(context, electricity, clock.now())).ranges).toEqual([
    { start: day, end: day + 24 * HOUR - 1 },
  ])
})

it('a month that a crash kept from being summed is found', async () => {
  const context = stores()
  await write(context.readings, week)
  await recompute(context, electricity, { start: week[0]![0], end: week.at(-1)![0] })
  await context.figures.setBasis('elec', basisOf(electricity, ZONE))
  const [month] = await context.figures.consumption('elec', 'month', 0, clock.now())
  const rewrite = (figures: (typeof month)[]) =>
    context.figures.replace('elec', 'month', 0, clock.now(), figures as NonNullable<typeof month>[])
  await rewrite([{ ...month!, amount: month!.amount - 1 }])
  expect((await findStale(context, electricity, clock.now())).ranges).toHaveLength(1)
  await rewrite([])
  expect((await findStale(context, electricity, clock.now())).ranges).toHaveLength(1)
})

it('a resolution that was corrected in the registry has everything computed again', async () => {
  const context = stores()
  await write(context.readings, week)
  await recompute(context, electricity, { start: week[0]![0], end: week.at(-1)![0] })
  const finer = { ...electricity, resolution: 0.01, stepsPerUnit: 100 }
  const fluids = await startFluids({ registry: registry([school], [finer], ZONE), ...context, clock, log })
  await fluids.settled()
  await fluids.close()
  const [, , months] = await everything(context.figures)
  expect(months![0]!.amount).toBe((7 * 144 - 1) * 10)
})

it('a meter that was replaced, and declared later, has its hours around that computed again', async () => {
  const context = stores()
  const change = Date.UTC(2026, 5, 4, 12, 5)
  const replaced = week.map(
    ([time, value]): Sample => [time, time < change ? value : (value as number) - 50.3],
  )
  await write(context.readings, replaced)
  const run = async (meter: Meter) => {
    const fluids = await startFluids({ registry: registry([school], [meter], ZONE), ...context, clock, log })
    await fluids.settled()
    const exclusions = await fluids.exclusions('elec', week[0]![0], week.at(-1)![0])
    await fluids.close()
    const [, , months] = await everything(context.figures)
    return { amount: months![0]!.amount, reasons: exclusions.map(({ reason }) => reason) }
  }
  expect(await run(electricity)).toEqual({ amount: 7 * 144 - 2, reasons: ['reset'] })
  // The old one showed 50.4 at last, the new one began with 0.1: as if none had been replaced.
  const declared = { ...electricity, replacements: [{ time: change, offset: 503 }] }
  expect(await run(declared)).toEqual({ amount: 7 * 144 - 1, reasons: [] })
})

it('changes are gathered, and a store that fails loses none of them', async () => {
  const { readings, figures, ...rest } = stores()
  let down = false
  const flaky: FigureStore = {
    ...figures,
    async replace(...change) {
      if (down) throw new StoreUnavailableError('down')
      return figures.replace(...change)
    },
  }
  const fluids = await startFluids({ registry: territory, readings, figures: flaky, ...rest, clock, log })
  await fluids.settled()
  await write(readings, week)
  down = true
  for (const [time] of week) fluids.changed(electricity.point.id, time, time)
  fluids.changed('college-a/other/point', 0, 1)
  await expect(fluids.settled()).rejects.toThrow('down')
  down = false
  await fluids.settled()
  await fluids.close()
  const [, , months] = await everything(figures)
  expect(months).toHaveLength(1)
})

it('a stream of changes without a pause still reaches the figures', async () => {
  const { readings, figures, ...rest } = stores()
  await write(readings, week)
  let replaced = () => {}
  const noticed: FigureStore = {
    ...figures,
    async replace(...change) {
      await figures.replace(...change)
      if (change[1] === 'month') replaced()
    },
  }
  const fluids = await startFluids({
    registry: territory,
    readings,
    figures: noticed,
    ...rest,
    clock,
    log,
  })
  await fluids.settled()
  const { promise, resolve } = Promise.withResolvers<void>()
  replaced = resolve
  const stream = setInterval(() => fluids.changed(electricity.point.id, week[0]![0], week[0]![0]), 20)
  await promise
  clearInterval(stream)
  await fluids.close()
})

it('a start is settled although readings keep coming while it is computed', async () => {
  const readings = memoryReadings(ZONE)
  const start = Date.UTC(2026, 10, 20)
  let stored = 0
  let fluids: Awaited<ReturnType<typeof startFluids>> | undefined
  const store = async () => {
    const time = start + stored++ * TEN_MINUTES
    await write(readings, [[time, stored]])
    fluids?.changed(electricity.point.id, time, time)
  }
  for (let i = 0; i < 10; i++) await store()
  const busy: ReadingStore = {
    ...readings,
    async range(...args) {
      if (stored < 200) await store()
      return readings.range(...args)
    },
  }
  fluids = await startFluids({ registry: territory, ...stores(busy), clock, log })
  await fluids.settled()
  expect(stored).toBeGreaterThan(10)
  expect(stored).toBeLessThan(100)
  await fluids.close()
})

it('what is left out can be asked for, with its reason, also after a restart', async () => {
  const { readings, figures, ...rest } = stores()
  const spurious = week[500]![0]
  await write(
    readings,
    week.filter(([time]) => time !== spurious),
  )
  await write(readings, [[spurious, 0]])
  await write(readings, [[spurious + 1000, 50.055]])
  const fluids = await startFluids({ registry: territory, readings, figures, ...rest, clock, log })
  await fluids.settled()
  expect(await fluids.exclusions('elec', week[0]![0], week.at(-1)![0])).toEqual([
    { time: spurious, value: 0, reason: 'spurious' },
    { time: spurious + 1000, value: 50.055, reason: 'off-resolution' },
  ])
  await expect(fluids.exclusions('nothing', 0, 1)).rejects.toThrow('No meter nothing')
  await fluids.close()
})
