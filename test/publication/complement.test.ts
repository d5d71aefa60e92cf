import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LocalDates } from '../../model/calendar.ts'
import {
  allocationsOf,
  countingOf,
  groupMeters,
  loadWithDeductions,
  siteConsumption,
} from '../../model/consumption.ts'
import { addDecimals, formatDecimal, multiplyDecimals, toDecimal } from '../../model/decimal.ts'
import { holdsOn } from '../../model/local-dates.ts'
import { ASPECTS } from '../../publication/complement.ts'
import { type PublishedForm, selectConsumption } from '../../publication/selection.ts'
import { publishedFigures, renamedFigures, withdrawnFigures } from '../../publication/withdrawal.ts'
import { mayAppear } from '../../registry/may-appear.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import { building, meter, registry } from '../fluids/territory.ts'
import { rank } from './rank.ts'

const hidden = (id: string) => building(id, { openData: false })
const shares = (parts: Record<string, number>, dates: LocalDates = {}) =>
  Object.entries(parts).map(([site, share]) => ({ site, share, ...dates }))

/** What is suppressed beside others. */
const complement = (territory: Registry) =>
  selectConsumption(territory)
    .suppressions.filter(({ rule }) => rule === 'complementary' || rule === 'only-whole')
    .map(({ reason, ...suppression }) => suppression)

describe('what would give away something hidden', () => {
  it('is a share of a meter that a hidden building has a share of, on the dates on which both do', () => {
    const shared = meter('heat', 'plant', {
      fluid: 'chaleur',
      allocations: [
        ...shares({ college: 1 }, { to: '2026-03-01' }),
        ...shares({ college: 0.7, home: 0.3 }, { from: '2026-03-01', to: '2026-09-01' }),
        ...shares({ college: 1 }, { from: '2026-09-01' }),
      ],
    })
    const territory = registry([building('college'), hidden('home')], [shared, meter('elec', 'college')])
    expect(complement(territory)).toEqual([
      {
        ...{ rule: 'complementary', missing: 'all', site: 'college', fluid: 'chaleur' },
        ...{ from: '2026-03-01', to: '2026-09-01' },
      },
    ])
    const { reason } = selectConsumption(territory).suppressions.find(({ rule }) => rule === 'complementary')!
    expect(reason.fr).toMatch(/déduire la consommation d’un bâtiment/)
    expect(reason.en).toMatch(/consumption of a building/)
  })

  it('is nothing where a sum hides it; yet a sum of a part of its meters is not told as all', () => {
    const meters = [
      meter('heat', 'plant', { allocations: shares({ college: 0.7, home: 0.3 }) }),
      meter('own', 'college'),
    ]
    expect(complement(registry([building('college'), hidden('home')], meters))).toEqual([
      { rule: 'only-whole', missing: 'incomplete', site: 'college', fluid: 'electricite' },
    ])
  })

  it('is a share of a meter whose rest nobody in the registry has, beyond what rounding leaves', () => {
    const heat = (share: number) => meter('heat', 'plant', { allocations: shares({ college: share }) })
    const hiddenOf = (...meters: Meter[]) => complement(registry([building('college')], meters))
    expect(hiddenOf(heat(0.7))).toMatchObject([{ rule: 'complementary', site: 'college' }])
    expect(hiddenOf(heat(0.7), meter('own', 'college'))).toMatchObject([
      { rule: 'only-whole', site: 'college' },
    ])
    expect(hiddenOf(heat(0.99))).toEqual([])
  })

  it('is a sum of ten dwellings once the meters of some of them are silent', () => {
    const meters = [
      meter('main', 'college'),
      meter('flat', 'college', { within: [{ meter: 'main' }], dwellings: 1 }),
      meter('block', 'college', { dwellings: 12 }),
    ]
    expect(complement(registry([building('college')], meters))).toMatchObject([
      { rule: 'only-whole', site: 'college' },
    ])
  })

  it('is one of two sums whose difference tells it: the smaller building goes', () => {
    const meters = [
      meter('heat', 'plant', { allocations: shares({ large: 0.5, small: 0.25, home: 0.25 }) }),
      meter('own', 'large', { allocations: shares({ large: 0.5, small: 0.5 }) }),
    ]
    const sites = [
      building('large', { floorArea: 5000 }),
      building('small', { floorArea: 200 }),
      hidden('home'),
    ]
    expect(complement(registry(sites, meters))).toMatchObject([
      { rule: 'only-whole', site: 'large' },
      { rule: 'complementary', site: 'small' },
    ])
  })

  it('is a main meter beside what is taken off it, not what remains of it', () => {
    const main = meter('main', 'college')
    const part = meter('part', 'home', { within: [{ meter: 'main' }] })
    expect(complement(registry([building('college'), hidden('home')], [main, part]))).toEqual([])
    const whole = { ...main, allocations: shares({ college: 0.5, depot: 0.5 }) }
    const told = { ...part, allocations: shares({ depot: 0.5, home: 0.5 }) }
    const sites = [building('college', { floorArea: 9 }), building('depot'), hidden('home')]
    expect(complement(registry(sites, [whole, told]))).toMatchObject([
      { rule: 'complementary', site: 'depot' },
    ])
  })

  it('is what is corrected for the climate beside what is not: the corrected figure goes', () => {
    const meters = [
      meter('heat', 'plant', { heating: true, allocations: shares({ college: 0.7, home: 0.3 }) }),
      meter('own', 'college'),
    ]
    const selection = selectConsumption(registry([building('college'), hidden('home')], meters))
    expect(selection.series[0]).toMatchObject({ hidden: [], correctedHidden: [{}] })
  })

  it('is by hour what a building shares that does not appear by hour, and no later than the later of two', () => {
    const heat = meter('heat', 'plant', { allocations: shares({ college: 0.7, depot: 0.3 }) })
    const college = building('college', { openDataHourly: { delayDays: 10 } })
    expect(selectConsumption(registry([college, building('depot')], [heat])).series).toMatchObject([
      { hidden: [] },
      { hidden: [] },
    ])
    expect(complement(registry([college, building('depot')], [heat]))).toEqual([
      { rule: 'complementary', missing: 'hours', site: 'college', fluid: 'electricite' },
    ])
    expect(
      selectConsumption(registry([college, building('depot')], [heat])).series[0]!.hourly,
    ).toBeUndefined()
    const depot = building('depot', { openDataHourly: { delayDays: 40 } })
    expect(selectConsumption(registry([college, depot], [heat])).series).toMatchObject([
      { hourly: { delayDays: 40, hidden: [] } },
      { hourly: { delayDays: 40, hidden: [] } },
    ])
  })
})

describe('former versions', () => {
  const figures = (territory: Registry) => publishedFigures(territory, ASPECTS)
  const withdrawn = (now: Registry, ...then: Registry[]) =>
    [
      ...withdrawnFigures(
        now,
        then.flatMap(territory => renamedFigures(figures(territory), now)),
      ).keys(),
    ].map(({ site, aspect }) => `${site} ${aspect}`)

  it('of a building that no longer appears are withdrawn, and no others', () => {
    const meters = [meter('a', 'college'), meter('b', 'depot')]
    const then = registry([building('college'), building('depot')], meters)
    expect(withdrawn(registry([building('college'), hidden('depot')], meters), then)).toEqual([
      'depot consumption',
    ])
    expect(withdrawn(then, then)).toEqual([])
  })

  it('of shares that were corrected since are withdrawn where the difference tells a hidden building', () => {
    const sites = [building('college'), hidden('home')]
    const own = meter('own', 'college')
    const heat = (parts: Record<string, number>) => meter('heat', 'plant', { allocations: shares(parts) })
    const then = registry(sites, [own, heat({ college: 1 })])
    expect(withdrawn(registry(sites, [own, heat({ college: 0.7, home: 0.3 })]), then)).toEqual([
      'college consumption',
    ])
  })

  it('of a main meter are withdrawn when what is within it turns out to serve dwellings', () => {
    const main = meter('main', 'college')
    const part = meter('part', 'college', { within: [{ meter: 'main' }] })
    const then = registry([building('college')], [main, part])
    expect(withdrawn(registry([building('college')], [main, { ...part, dwellings: 2 }]), then)).toEqual([
      'college consumption',
    ])
  })

  it('give nothing away together that none of them does with the present one: the older goes', () => {
    const sites = [building('college'), hidden('home'), building('mast', { kind: 'road-station' })]
    const of = (own: number): PublishedForm => ({
      ...{ site: 'college', fluid: 'electricite', aspect: 'consumption' },
      sums: [{ heat: '0.5', own: String(own) }],
    })
    const now = registry(sites, [meter('heat', 'home'), meter('own', 'mast')])
    expect(withdrawnFigures(now, [of(0.5)]).size).toBe(0)
    expect(withdrawnFigures(now, [of(0.25)]).size).toBe(0)
    const former = [of(0.5), of(0.25)]
    expect([...withdrawnFigures(now, former)]).toEqual([[former[1], [{}]]])
  })

  it('that told a sum without the meters that were silent are withdrawn where one alone tells too much', () => {
    const sites = [building('college'), hidden('home')]
    const then = registry(sites, [
      meter('heat', 'plant', { allocations: shares({ college: 1 }) }),
      meter('own', 'college'),
    ])
    const now = registry(sites, [
      meter('heat', 'plant', { allocations: shares({ college: 0.5, home: 0.5 }) }),
      meter('own', 'college', { allocations: shares({ college: 0.5, home: 0.5 }) }),
    ])
    expect(selectConsumption(now).published).toEqual([])
    expect(withdrawn(now, then)).toEqual(['college consumption'])
  })

  it('are known by their points where meters have other names since, and not trusted where they have none', () => {
    const sites = [building('college'), hidden('home')]
    const own = meter('own', 'college')
    const heat = meter('heat', 'plant', { allocations: shares({ college: 1 }) })
    const then = registry(sites, [own, heat])
    const renamed = (parts: Record<string, number>) =>
      registry(sites, [own, { ...heat, id: 'chaufferie', allocations: shares(parts) }])
    expect(withdrawn(renamed({ college: 1 }), then)).toEqual([])
    expect(withdrawn(renamed({ college: 0.7, home: 0.3 }), then)).toEqual(['college consumption'])
    const another = (parts: Record<string, number>) =>
      registry(sites, [own, meter('chaufferie', 'plant', { allocations: shares(parts) })])
    expect(withdrawn(another({ college: 1 }), then)).toEqual([])
    expect(withdrawn(another({ college: 0.7, home: 0.3 }), then)).toEqual(['college consumption'])
    const alone = registry(sites, [heat])
    const shared = meter('chaufferie', 'plant', { allocations: shares({ college: 0.7, home: 0.3 }) })
    expect(withdrawn(registry(sites, [shared]), alone)).toEqual(['college consumption'])
    // Another one took the name of what is not there any more.
    const swapped = registry(sites, [
      { ...own, id: 'heat', allocations: shares({ college: 1 }) },
      meter('new', 'plant', { allocations: shares({ college: 0.7, home: 0.3 }) }),
    ])
    expect(withdrawn(swapped, then)).toEqual(['college consumption'])
  })
})

const CUT = '2026-06-15'
const DATES = ['2026-06-01', '2026-07-01'] as const
const SITES = ['a', 'b', 'c', 'd'] as const

const someDates = fc.constantFrom<LocalDates>({}, {}, {}, { to: CUT }, { from: CUT })
const someMeter = fc.record({
  stands: fc.constantFrom(...SITES),
  within: fc.option(fc.nat(3)),
  during: someDates,
  shares: fc.array(
    fc.record({ site: fc.constantFrom(...SITES), share: fc.constantFrom(0.25, 0.5), dates: someDates }),
    { maxLength: 2 },
  ),
  dwellings: fc.constantFrom(undefined, undefined, undefined, 1, 6, 12),
  heating: fc.boolean(),
})
const someRegistry = fc
  .record({
    open: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    hourly: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    meters: fc.array(someMeter, { minLength: 2, maxLength: 5 }),
  })
  .map(({ open, hourly, meters }) =>
    registry(
      SITES.map((id, at) =>
        building(id, {
          openData: open[at]!,
          floorArea: at + 1,
          ...(hourly[at] && { openDataHourly: { delayDays: 1 } }),
        }),
      ),
      meters.map(({ stands, within, during, shares, dwellings, heating }, at) =>
        meter(`m${at}`, stands, {
          allocations: shares.map(({ dates, ...share }) => ({ ...share, ...dates })),
          dwellings,
          heating,
          // Within an earlier one: no meter is within itself.
          ...(within !== null && within < at && { within: [{ meter: `m${within}`, ...during }] }),
        }),
      ),
    ),
  )

const vectorsOf = ({ sums }: PublishedForm, all: readonly Meter[]) =>
  sums.map(sum => all.map(({ id }) => Number(sum[id] ?? 0)))

describe('of any registry', () => {
  it('each published figure is the sum that is kept of it', async () => {
    let compared = 0
    await fc.assert(
      fc.asyncProperty(
        someRegistry,
        fc.array(fc.nat(1000), { minLength: 5, maxLength: 5 }),
        async (territory, counts) => {
          const { meters, series, published } = selectConsumption(territory)
          for (const date of DATES) {
            const start = Temporal.PlainDate.from(date).toZonedDateTime('Europe/Paris').epochMilliseconds
            const day = { start, end: start + 86_400_000 }
            const amount = ({ id }: Meter) => counts[Number(id.slice(1))]!
            const load = async (each: Meter) => [{ ...day, amount: amount(each), coveredMs: 86_400_000 }]
            for (const { site, meters: own } of series) {
              const form = published.find(
                each => each.site === site.id && each.aspect === 'consumption' && holdsOn(each, date),
              )
              if (!form) continue
              const sources = await Promise.all(own.map(each => loadWithDeductions(each, meters, load)))
              const [told] = siteConsumption(site.id, sources, [day], 'Europe/Paris', 'day')
              const sum = form.sums
                .flatMap(Object.entries)
                .map(([id, factor]) =>
                  multiplyDecimals(
                    toDecimal(factor),
                    toDecimal((amount(territory.meters.get(id)!) / 10).toFixed(1)),
                  ),
                )
                .reduce(addDecimals, toDecimal(0))
              expect(formatDecimal(sum)).toBe(formatDecimal(told!.amount!))
              compared++
            }
          }
        },
      ),
      { numRuns: 100, seed: 8 },
    )
    expect(compared).toBeGreaterThan(50)
  })

  it('no hidden building and no few dwellings can be computed, by day or by hour', () => {
    let checked = 0
    let suppressed = 0
    fc.assert(
      fc.property(someRegistry, territory => {
        const { published, suppressions } = selectConsumption(territory)
        suppressed += suppressions.filter(({ rule }) => rule === 'complementary').length
        const all = [...territory.meters.values()]
        for (const date of DATES) {
          const shown = published.filter(each => holdsOn(each, date))
          const daily = shown.flatMap(form => vectorsOf(form, all))
          const hourly = shown
            .filter(({ aspect }) => aspect === 'hours')
            .flatMap(form => vectorsOf(form, all))
          for (const site of territory.sites.values()) {
            const own = consumptionVector(territory, site.id, date)
            if (own.every(value => value === 0)) continue
            if (!mayAppear(site)) expect(isComputable(daily, own), `${site.id} on ${date}`).toBe(false)
            if (!site.openDataHourly) expect(isComputable(hourly, own), `${site.id} by hour`).toBe(false)
            checked++
          }
          for (const each of all) {
            const rest = restVector(each, all, date)
            if (rest) expect(isComputable(daily, rest), `the rest of ${each.id} on ${date}`).toBe(false)
          }
          for (const each of all.filter(({ dwellings }) => dwellings !== undefined)) {
            if (served(each, all, date) >= 10) continue
            const own = all.map(other => (other === each ? 1 : 0))
            expect(isComputable(daily, own), `${each.id} on ${date}`).toBe(false)
          }
        }
      }),
      { numRuns: 300, seed: 8 },
    )
    expect(checked).toBeGreaterThan(300)
    expect(suppressed).toBeGreaterThan(30)
  })
})

it('former versions of any registry give nothing away with those of another that has the same meters', () => {
  let withdrawn = 0
  fc.assert(
    fc.property(someRegistry, someRegistry, (then, now) => {
      const { published } = selectConsumption(now)
      const former = renamedFigures(publishedFigures(then, ASPECTS), now)
      const gone = withdrawnFigures(now, former)
      withdrawn += gone.size
      const all = [...now.meters.values()]
      for (const date of DATES) {
        const told = [
          ...published,
          ...former.filter(each => !gone.get(each)?.some(dates => holdsOn(dates, date))),
        ]
          .filter(each => holdsOn(each, date))
          .flatMap(form => vectorsOf(form, all))
        for (const site of now.sites.values()) {
          const own = consumptionVector(now, site.id, date)
          if (mayAppear(site) || own.every(value => value === 0)) continue
          expect(isComputable(told, own), `${site.id} on ${date}`).toBe(false)
        }
      }
    }),
    { numRuns: 100, seed: 8 },
  )
  expect(withdrawn).toBeGreaterThan(30)
})

/** Dwellings: its own, or those of the meters within it where these are more. */
function served(meter: Meter, all: readonly Meter[], date: string): number {
  const within = all.filter(each => each.within?.some(main => main.meter === meter.id && holdsOn(main, date)))
  return Math.max(
    meter.dwellings ?? 0,
    within.reduce((sum, each) => sum + served(each, all, date), 0),
  )
}

/** What of a meter nobody has, as a sum of all; undefined where somebody has all of it, or another one tells it. */
function restVector(meter: Meter, all: readonly Meter[], date: string): number[] | undefined {
  const { less, countedOtherwise } = countingOf(meter, all)
  const allocated = allocationsOf(meter)
    .filter(each => holdsOn(each, date))
    .reduce((sum, { share }) => sum + share, 0)
  if (allocated === 1 || countedOtherwise.some(each => holdsOn(each, date))) return undefined
  const off = less.filter(({ during }) => holdsOn(during, date)).map(part => part.meter)
  return all.map(each => Number(each === meter) - off.filter(part => part === each).length)
}

function isComputable(figures: readonly number[][], wanted: readonly number[]): boolean {
  return rank([...figures, [...wanted]]) === rank([...figures])
}

/** What each meter counts for a site, as a sum of all meters: from the consumption itself, one meter at a time. */
function consumptionVector(territory: Registry, site: string, date: string): number[] {
  const start = Temporal.PlainDate.from(date).toZonedDateTime('Europe/Paris').epochMilliseconds
  const day = { start, end: start + 86_400_000 }
  const all = [...territory.meters.values()]
  return all.map(counted => {
    const figures = (each: Meter) => [{ ...day, amount: each === counted ? 10 : 0, coveredMs: 0 }]
    return groupMeters(all, site)
      .flatMap(group => group.meters)
      .map(each => {
        const { less, ...counting } = countingOf(each, all)
        const source = {
          ...counting,
          ...{ meter: each, figures: figures(each) },
          less: less.map(part => ({ ...part, figures: figures(part.meter) })),
        }
        return Number(
          formatDecimal(
            siteConsumption(site, [source], [day], 'Europe/Paris', 'day')[0]!.amount ?? toDecimal(0),
          ),
        )
      })
      .reduce((sum, value) => sum + value, 0)
  })
}
