import pino from 'pino'
import { expect, it } from 'vitest'
import { startFluids } from '../../fluids/fluids.ts'
import { localDate, startOfLocalDate } from '../../model/calendar.ts'
import { toColumns } from '../../model/reading.ts'
import type { Meter } from '../../registry/registry.ts'
import { openRevisionStore } from '../../store/revisions.ts'
import { openStatementStore } from '../../store/statements/statement-store.ts'
import { memoryFigures, memoryReadings } from './memory-stores.ts'
import { building, meter, registry } from './territory.ts'

const ZONE = 'Europe/Paris'
const DAY = 86_400_000
const log = pino({ level: 'silent' })
const electricity = meter('elec', 'school')
const at = (date: string) => startOfLocalDate(date, ZONE)

function territory() {
  let now = at('2026-03-05')
  const stores = {
    readings: memoryReadings(ZONE),
    figures: memoryFigures(),
    statements: openStatementStore({ file: ':memory:' }),
    revisions: openRevisionStore({ file: ':memory:' }),
    closeAfter: 10 * DAY,
  }
  return {
    ...stores,
    come: (date: string) => (now = at(date)),
    start: (target: Meter = electricity) =>
      startFluids({
        registry: registry([building('school')], [target], ZONE),
        ...stores,
        clock: { now: () => now, elapsed: () => 0 },
        log,
      }),
    told: () =>
      stores.revisions
        .list('elec', { start: 0, end: now })
        .map(({ start, number, amount, reasons }) => [localDate(start, ZONE), number, amount, ...reasons]),
    /** An index a day, of which each day takes ten. */
    daily: (from: string, days: number, first: number) =>
      stores.readings.write(
        toColumns(
          Array.from({ length: days }, (_, day) => {
            const time = at(from) + day * DAY
            const value = first + 10 * day
            return { point: electricity.point.id, time, value, quality: 'good' as const, gatewayTime: time }
          }),
        ),
        [],
      ),
  }
}

it('a month is closed when it has been over long enough, and told as it is then', async () => {
  const hub = territory()
  await hub.daily('2026-01-01', 64, 0)
  const fluids = await hub.start()
  await fluids.settled()
  expect(hub.told()).toEqual([['2026-01-01', 1, '310', 'closed']])

  // Of a month that is not closed, what changes is no revision.
  const noon = at('2026-02-10') + DAY / 2
  await hub.readings.write(
    toColumns([{ point: electricity.point.id, time: noon, value: 401, quality: 'good', gatewayTime: noon }]),
    [],
  )
  fluids.changed(electricity.point.id, noon, noon)
  await fluids.settled()
  hub.come('2026-03-12')
  fluids.restated('elec')
  await fluids.settled()
  expect(hub.told()).toEqual([
    ['2026-01-01', 1, '310', 'closed'],
    ['2026-02-01', 1, '280', 'closed'],
  ])
  await fluids.close()
})

it('what changes in a closed month is a revision with its reason, and what was told stays', async () => {
  const hub = territory()
  await hub.daily('2026-01-10', 50, 1000)
  const fluids = await hub.start()
  await fluids.settled()
  await hub.daily('2026-01-05', 5, 950)
  fluids.changed(electricity.point.id, at('2026-01-05'), at('2026-01-09'))
  await fluids.settled()
  const stated = { meter: 'elec', form: 'amount', author: 'test', value: 40 } as const
  hub.statements.add([{ ...stated, origin: 'invoice', start: at('2026-01-01'), end: at('2026-01-05') }], 1)
  fluids.restated('elec')
  await fluids.settled()
  await fluids.close()
  expect(hub.told()).toEqual([
    ['2026-01-01', 1, '220', 'closed'],
    ['2026-01-01', 2, '270', 'readings'],
    ['2026-01-01', 3, '310', 'statements'],
  ])

  const finer = await hub.start({ ...electricity, resolution: 0.01, stepsPerUnit: 100, maxPerHour: 1 })
  await finer.settled()
  await finer.close()
  expect(hub.told()).toHaveLength(3)
  const slow = await hub.start({ ...electricity, maxPerHour: 0.001 })
  await slow.settled()
  await slow.close()
  expect(hub.told().at(-1)).toEqual(['2026-01-01', 4, '40', 'registry'])
})

it('what changed before the hub ended is found at the next start', async () => {
  const hub = territory()
  await hub.daily('2026-01-01', 40, 0)
  // An hour that begins with the last reading has no figure, so its day would be computed at each start.
  const last = at('2026-02-09') + DAY / 2 + 1
  await hub.readings.write(
    toColumns([{ point: electricity.point.id, time: last, value: 395, quality: 'good', gatewayTime: last }]),
    [],
  )
  let fluids = await hub.start()
  await fluids.settled()
  await fluids.close()
  const [month] = await hub.figures.consumption('elec', 'month', 0, at('2026-02-01'))
  await hub.figures.replace('elec', 'month', month!.start, month!.end, [{ ...month!, amount: 1 }])
  fluids = await hub.start()
  await fluids.settled()
  await fluids.close()
  // The month was no longer the sum of its days, and is again.
  expect(hub.told()).toEqual([['2026-01-01', 1, '310', 'closed']])

  const [told] = hub.revisions.list('elec', { start: 0, end: at('2026-02-01') })
  hub.revisions.add([{ ...told!, number: 2, amount: '311' }])
  fluids = await hub.start()
  await fluids.settled()
  await fluids.close()
  expect(hub.told().at(-1)).toEqual(['2026-01-01', 3, '310', 'found'])
})

it('a closed month of which nothing was known is told to be so', async () => {
  const hub = territory()
  await hub.daily('2025-11-25', 3, 0)
  hub.statements.add(
    [
      {
        ...{ meter: 'elec', origin: 'invoice', form: 'amount', value: 5, author: 'test' },
        ...{ start: at('2026-01-01'), end: at('2026-02-01') },
      },
    ],
    1,
  )
  const fluids = await hub.start()
  await fluids.settled()
  await fluids.close()
  expect(hub.told()).toEqual([
    ['2025-11-01', 1, '20', 'closed'],
    ['2025-12-01', 1, null, 'closed'],
    ['2026-01-01', 1, '5', 'closed'],
  ])
})
