import { expect, it } from 'vitest'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import type { Exclusion } from '../../model/exclusion.ts'
import { FLUIDS } from '../../publication/fluids.ts'
import { keepNewest } from '../../publication/followed.ts'
import type { Meter } from '../../registry/registry.ts'
import { memoryFigures } from '../fluids/memory-stores.ts'
import { building, meter, registry } from '../fluids/territory.ts'
import { sourcesOf } from './files.ts'

const ZONE = 'Europe/Paris'
const at = (date: string) => startOfLocalDate(date, ZONE)
const HOUR = 3_600_000

/** Of each meter what it covers of each day of October 2026 from the first on, in hours; undefined where it says nothing. */
async function remarksOf(
  meters: readonly Meter[],
  covered: Record<string, (number | 'stated' | undefined)[]>,
  excluded: Record<string, Exclusion[]> = {},
  id = 'fluides-jour',
) {
  const figures = memoryFigures()
  const days = periodsBetween('day', at('2026-10-01'), at('2026-11-01'), ZONE)
  const end = at('2026-11-01')
  for (const [each, hours] of Object.entries(covered)) {
    const told = hours.flatMap((count, n) => {
      if (count === undefined) return []
      const coveredMs = count === 'stated' ? 0 : count * HOUR
      const statedMs = { origin: 'invoice', known: null, amount: 50, ms: 24 * HOUR } as const
      return [
        {
          ...days[n]!,
          amount: 100,
          coveredMs,
          readings: 24,
          ...(count === 'stated' && { stated: [statedMs] }),
        },
      ]
    })
    await figures.replace(each, 'day', 0, end, told)
    await figures.replace(each, 'hour', 0, end, [], excluded[each])
  }
  const remarks: Record<string, unknown> = {}
  const of = registry([building('college'), building('home', { openData: false })], [...meters])
  const sources = sourcesOf(figures, { excluded: figures })
  await Array.fromAsync(
    FLUIDS.find(each => each.id === id)!.rows({ registry: of, now: at('2026-10-09'), sources }, remarks),
  )
  return remarks as Record<'gaps' | 'exclusions', { listed: Record<string, unknown>[]; leftOut: number }>
}

it('gaps are told of the building, newest first, with what stands in their place', async () => {
  const meters = [meter('one', 'college'), meter('other', 'college')]
  const whole = Array.from({ length: 8 }, () => 24)
  const { gaps } = await remarksOf(meters, {
    one: [24, 24, 6, 18, 'stated', undefined, 24, undefined],
    other: [...whole.slice(0, 7), undefined],
  })
  const of = { site: 'college', fluid: 'electricite', unit: 'kWh' }
  expect(gaps).toEqual({
    listed: [
      { ...of, from: '2026-10-08', to: '2026-10-09', coverage: 0, filled: 'nothing' },
      { ...of, from: '2026-10-06', to: '2026-10-07', coverage: 0, filled: 'other-meters' },
      { ...of, from: '2026-10-05', to: '2026-10-06', coverage: 0, filled: 'stated', origins: ['invoice'] },
      { ...of, from: '2026-10-03', to: '2026-10-05', coverage: 0.5, filled: 'shared-out' },
    ],
    leftOut: 0,
  })
})

it('exclusions are told one by one of what a building’s consumption is made of, and never the meter or what it said', async () => {
  const meters = [
    meter('one', 'college', { allocations: [{ site: 'college', share: 1, from: '2026-10-03' }] }),
    meter('secret', 'home'),
  ]
  const out = (date: string, reason: Exclusion['reason']): Exclusion => ({
    time: at(date) + HOUR,
    value: 4711,
    reason,
  })
  const { exclusions } = await remarksOf(
    meters,
    { one: Array.from({ length: 8 }, () => 24), secret: Array.from({ length: 8 }, () => 24) },
    {
      one: [
        out('2026-10-02', 'reset'),
        out('2026-10-04', 'spurious'),
        out('2026-10-05', 'reset'),
        out('2026-10-20', 'reset'),
      ],
      secret: [out('2026-10-05', 'spurious')],
    },
  )
  const of = { site: 'college', fluid: 'electricite' }
  expect(exclusions).toEqual({
    listed: [
      { ...of, time: '2026-10-04T23:00:00.000Z', reason: 'reset' },
      { ...of, time: '2026-10-03T23:00:00.000Z', reason: 'spurious' },
    ],
    leftOut: 0,
  })
  expect(JSON.stringify(exclusions)).not.toMatch(/4711|one|secret/)
})

it('of very many the newest are listed and the others counted', async () => {
  const many = Array.from(
    { length: 150 },
    (_, n): Exclusion => ({ time: at('2026-10-02') + n, value: 0, reason: 'spurious' }),
  )
  const { exclusions } = await remarksOf(
    [meter('one', 'college')],
    { one: Array.from({ length: 8 }, () => 24) },
    { one: many },
  )
  expect([exclusions.listed.length, exclusions.leftOut]).toEqual([100, 50])
  expect(exclusions.listed[0]!.time).toBe('2026-10-01T22:00:00.149Z')
  const newest = keepNewest<number>(3, String)
  for (const n of [5, 1, 9, 7, 3, 8, 2]) newest.add(n)
  newest.leaveOut(4)
  expect(newest.result()).toEqual({ listed: [9, 8, 7], leftOut: 8 })
})
