import fc from 'fast-check'
import pino from 'pino'
import { expect, it } from 'vitest'
import { startFluids } from '../../fluids/fluids.ts'
import { recompute } from '../../fluids/recompute.ts'
import { startOfLocalDate } from '../../model/calendar.ts'
import { toColumns } from '../../model/reading.ts'
import type { Origin, Statement } from '../../model/statement.ts'
import type { Meter } from '../../registry/registry.ts'
import { openRevisionStore } from '../../store/revisions.ts'
import { openStatementStore } from '../../store/statements/statement-store.ts'
import { memoryFigures, memoryReadings } from './memory-stores.ts'
import { building, meter, registry } from './territory.ts'

const ZONE = 'Europe/Paris'
const HOUR = 3_600_000
const log = pino({ level: 'silent' })
const clock = { now: () => at('2026-11-22'), elapsed: () => 0 }
const electricity = meter('elec', 'school')
const water: Meter = { ...meter('eau', 'school', { unit: 'm3', fluid: 'eau' }), point: undefined }
const territory = registry([building('school')], [electricity, water], ZONE)

function at(date: string) {
  return startOfLocalDate(date, ZONE)
}

function stores(timeZone = ZONE) {
  const statements = openStatementStore({ file: ':memory:' })
  const revisions = openRevisionStore({ file: ':memory:' })
  const closeAfter = 10 * 24 * HOUR
  return {
    readings: memoryReadings(timeZone),
    figures: memoryFigures(),
    statements,
    revisions,
    closeAfter,
    timeZone,
  }
}

const index = (target: Meter, date: string, value: number, origin: Origin = 'hand'): Statement => {
  return {
    ...{ meter: target.id, origin, form: 'index', start: at(date), end: at(date), value, author: 'test' },
  }
}
const amount = (
  target: Meter,
  from: string,
  to: string,
  value: number,
  origin: Origin = 'invoice',
): Statement => {
  return {
    ...{ meter: target.id, origin, form: 'amount', start: at(from), end: at(to), value, author: 'test' },
  }
}

/** An index every ten minutes, a step of 0.1 kWh each. */
function steady(from: string, to: string, first: number) {
  const count = (at(to) - at(from)) / 600_000
  return toColumns(
    Array.from({ length: count + 1 }, (_, n) => {
      const time = at(from) + n * 600_000
      const value = (first + n) / 10
      return { point: electricity.point.id, time, value, quality: 'good' as const, gatewayTime: time }
    }),
  )
}

it('a meter that nothing reads is known by month from what was read by hand and billed', async () => {
  const { figures, statements, ...rest } = stores()
  statements.add([index(water, '2026-01-01', 100), index(water, '2026-02-01', 131)], 1)
  statements.add([amount(water, '2026-02-01', '2026-03-01', 28)], 2)
  const fluids = await startFluids({ registry: territory, figures, statements, ...rest, clock, log })
  await fluids.settled()
  const months = () => figures.consumption('eau', 'month', 0, Infinity)
  expect(await months()).toMatchObject([
    { amount: 310, coveredMs: 0, readings: 0, stated: [{ origin: 'hand', known: 'month', amount: 310 }] },
    { amount: 280, stated: [{ origin: 'invoice', known: 'month', amount: 280 }] },
  ])
  expect(await figures.consumption('eau', 'day', 0, Infinity)).toHaveLength(59)
  expect(statements.changes('eau')).toEqual([])

  const [, second] = statements.indexes('eau')
  statements.withdraw(second!.id, 'eau', { at: 3, by: 'test', reason: 'misread' })
  fluids.restated('eau')
  await fluids.settled()
  expect(await months()).toMatchObject([{ amount: 280 }])
  statements.add([index(water, '2026-02-01', 141)], 4)
  fluids.restated('eau')
  await fluids.settled()
  expect(await months()).toMatchObject([{ amount: 410 }, { amount: 280 }])
  await fluids.close()
})

it('what was stated while no hub ran is counted at the next start', async () => {
  const context = stores()
  await context.readings.write(steady('2026-03-01', '2026-03-03', 0), [])
  await context.readings.write(steady('2026-03-05', '2026-03-06', 500), [])
  let fluids = await startFluids({ registry: territory, ...context, clock, log })
  await fluids.settled()
  await fluids.close()
  const days = async () =>
    (await context.figures.consumption('elec', 'day', 0, Infinity)).map(figure => figure.amount)
  expect(await days()).toEqual([144, 144, 106, 106, 144])

  context.statements.add([index(electricity, '2026-03-04', 38.8)], 1)
  expect(await days()).toEqual([144, 144, 106, 106, 144])
  fluids = await startFluids({ registry: territory, ...context, clock, log })
  await fluids.settled()
  expect(await days()).toEqual([144, 144, 100, 112, 144])
  expect(context.statements.changes('elec')).toEqual([])
  await fluids.close()
})

it('tells what became of each statement, and what is counted in its place', async () => {
  const { readings, statements, ...rest } = stores()
  await readings.write(steady('2026-03-10', '2026-03-20', 10_000), [])
  statements.add(
    [
      index(electricity, '2026-03-01', 900),
      index(electricity, '2026-03-15', 1070),
      index(electricity, '2026-03-05', 2000),
      amount(electricity, '2026-03-12', '2026-03-14', 30),
      amount(electricity, '2026-03-01', '2026-03-12', 20),
      amount(electricity, '2026-02-01', '2026-03-01', 70),
      amount(electricity, '2026-03-18', '2026-03-19', 10, 'correction'),
    ],
    1,
  )
  await recompute({ readings, statements, ...rest }, electricity, {
    start: at('2026-02-01'),
    end: at('2026-03-20'),
  })
  const told = statements
    .list('elec', { start: 0, end: at('2027-01-01') }, 100)
    .toSorted((a, b) => a.id - b.id)
    .map(({ judgement }) => [judgement?.state, judgement?.counted])
  expect(told).toEqual([
    ['counts', 9000],
    ['overruled', 10_720],
    ['contradicts', 9444],
    ['overruled', 288],
    ['overruled', 1288],
    ['counts', 700],
    ['counts', 100],
  ])
})

const change = fc.oneof(
  fc.record({
    kind: fc.constant('amount' as const),
    origin: fc.constantFrom<Origin[]>('correction', 'distributor', 'hand', 'invoice', 'estimate'),
    from: fc.integer({ min: -100, max: 200 }),
    length: fc.integer({ min: 1, max: 300 }),
    value: fc.integer({ min: 0, max: 300 }),
  }),
  fc.record({
    kind: fc.constant('index' as const),
    origin: fc.constantFrom<Origin[]>('distributor', 'hand', 'invoice', 'estimate'),
    from: fc.integer({ min: -100, max: 300 }),
    value: fc.integer({ min: 0, max: 600 }),
  }),
  fc.record({
    kind: fc.constant('readings' as const),
    from: fc.integer({ min: 0, max: 200 }),
    length: fc.integer({ min: 1, max: 40 }),
  }),
)

const zone = fc.constantFrom('Europe/Paris', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/St_Johns')
/** Beside clock changes, a leap day, and the end of a year and of a heating year. */
const day = fc.constantFrom('2026-03-27', '2026-10-23', '2024-02-27', '2025-12-29', '2026-06-28')

it('whatever is stated and read in whatever order, the figures come out as if all had been known at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 8 }),
      zone,
      day,
      async (changes, timeZone, date) => {
        const start = startOfLocalDate(date, timeZone)
        const stepwise = stores(timeZone)
        for (const each of changes) {
          const from = start + each.from * HOUR
          if (each.kind === 'readings') {
            // The index follows from the time, so that readings of all orders agree.
            const readings = Array.from({ length: each.length * 6 }, (_, n) => {
              const time = from + n * 600_000
              const value = Math.floor((time - start) / 600_000) / 10 + 100
              return { point: electricity.point.id, time, value, quality: 'good' as const, gatewayTime: time }
            })
            await stepwise.readings.write(toColumns(readings), [])
            const last = readings.at(-1)!.time
            await recompute(stepwise, electricity, { start: from, end: last })
          } else {
            const end = each.kind === 'amount' ? from + each.length * HOUR : from
            const { kind: form, origin, value } = each
            stepwise.statements.add(
              [{ meter: 'elec', origin, form, start: from, end, value, author: 'test' }],
              1,
            )
            const told = stepwise.statements.changes('elec')
            for (const range of told) await recompute(stepwise, electricity, range)
            stepwise.statements.settle(told)
          }
        }
        const fresh = { ...stepwise, figures: memoryFigures() }
        await recompute(fresh, electricity, { start: start - 400 * HOUR, end: start + 1000 * HOUR })
        for (const period of ['hour', 'day', 'month'] as const) {
          const [known, wanted] = [
            await stepwise.figures.consumption('elec', period, 0, Infinity),
            await fresh.figures.consumption('elec', period, 0, Infinity),
          ]
          expect(known).toEqual(wanted)
        }
      },
    ),
    { numRuns: 100 },
  )
})
