import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSiteFindings } from '../../api/findings/site-findings.ts'
import { calendarFor } from '../../api/findings/site-hours.ts'
import { type Interval, periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import type { Tariff } from '../../model/tariff.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import { type Hub, type Json, startHub } from './hub.ts'

const ZONE = 'Europe/Paris'
const at = (date: string) => startOfLocalDate(date, ZONE)
/** What is looked into by default on 22 November, and the twelve weeks before it. */
const [FIRST, FROM, TO] = [at('2026-07-31'), at('2026-10-23'), at('2026-11-22')]

/** An hour of a Sunday that is not wholly known of any meter. */
const HALF_AN_HOUR = 1_800_000
const HALF_KNOWN = at('2026-11-15') + 6 * HALF_AN_HOUR

let plain: Hub
let hub: Hub
beforeAll(async () => {
  plain = await startHub()
  hub = await startHub({ registry: wasteful(plain.registry) })
  // Open from Monday to Friday, 8 to 18; the machines run until 22.
  await store('college-elec', ({ hour, weekday }) => {
    if (weekday > 5 || hour < 8 || hour >= 22) return 400
    return 2000
  })
  // Nobody draws water at night until the leak of 3 October.
  await store('college-eau', ({ hour, start }) => {
    const leak = start >= at('2026-10-03') + 4 * 3_600_000 ? 25 : 0
    return hour < 6 ? leak : 300 + leak
  })
  // It gets colder.
  await store('college-chaleur', ({ hour, start }) => {
    if (hour < 6) return start >= at('2026-11-02') ? 5000 : 4000
    return 8000
  })
  await store('college-froid', ({ hour, start }) => (start >= FROM && hour >= 14 && hour < 16 ? 6000 : 5000))
  // Fridges of the kitchen that are part of the college's electricity.
  await store('college-cuisine', ({ start }) => (start >= at('2026-11-02') ? 300 : 100))
  await store('gymnase-elec', ({ start }) => (start >= at('2026-10-12') ? 600 : 500))
})
afterAll(async () => {
  await hub.close()
  await plain.close()
})

async function store(
  meter: string,
  amountAt: (hour: { hour: number; weekday: number } & Interval) => number,
) {
  const hours = periodsBetween('hour', FIRST, TO, ZONE).map(({ start, end }) => {
    const { hour, dayOfWeek } = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(ZONE)
    const amount = amountAt({ start, end, hour, weekday: dayOfWeek })
    const coveredMs = start === HALF_KNOWN ? HALF_AN_HOUR : end - start
    return { start, end, amount, coveredMs, readings: 6 }
  })
  await hub.figures.replace(meter, 'hour', FIRST, TO, hours)
}

const water: Tariff = {
  id: 'eau',
  name: 'Eau',
  fluid: 'eau',
  prices: [{ name: 'base', price: 4 }],
  taxes: [],
  fixedPerMonth: 12,
  vat: 5.5,
}

function wasteful(registry: Registry): Registry {
  const { allocations: _, ...base } = registry.meters.get('college-elec')!
  const meter = (id: string, more: Partial<Meter>): [string, Meter] => [
    id,
    { ...base, id, allocations: [], resolution: 0.001, stepsPerUnit: 1000, ...more },
  ]
  const college = registry.sites.get('college')!
  const opening = {
    hours: [{ days: [1, 2, 3, 4, 5], hours: ['08:00-18:00'] }],
    closed: [],
    publicHolidays: 'closed' as const,
    schoolHolidays: 'open' as const,
  }
  return {
    ...registry,
    tariffs: new Map([['eau', water]]),
    sites: new Map([...registry.sites, ['college', { ...college, opening }]]),
    meters: new Map([
      ['college-elec', { ...base, allocations: [] }],
      meter('college-eau', { fluid: 'eau', unit: 'm3', tariffs: [{ tariff: 'eau' }], nightUse: 0.005 }),
      meter('college-chaleur', { fluid: 'chaleur', heating: true }),
      meter('college-froid', { fluid: 'froid', cooling: true }),
      meter('college-cuisine', { within: [{ meter: 'college-elec' }] }),
      meter('gymnase-elec', { site: 'gymnase', resolution: 0.01, stepsPerUnit: 100 }),
      meter('gymnase-silent', { site: 'gymnase', fluid: 'eau', unit: 'm3' }),
    ]),
  }
}

/** What is found at the college with other meters. */
function ofCollege(meters: Registry['meters']) {
  const registry = { ...wasteful(plain.registry), meters }
  const calendar = calendarFor({}, TO + 1, ZONE)
  return openSiteFindings({ registry, figures: hub.figures }, calendar)(registry.sites.get('college')!)
}

const of = (findings: Json[], kind: string, meter: string) =>
  findings.filter(finding => finding.kind === kind && finding.meters.includes(meter))

describe('of a site', () => {
  let told: Json
  beforeAll(async () => {
    told = await hub.json('/v1/sites/college/findings', hub.account)
  })

  it('what was used outside opening and on holidays, beyond the base load', () => {
    const [found] = of(told.findings, 'outside-opening', 'college-elec')
    // 21 working days of which 11 November is none: 4 hours on each, and 14 on the holiday.
    expect(told).toMatchObject({ from: '2026-10-22T22:00:00.000Z', to: '2026-11-21T23:00:00.000Z' })
    expect(found).toMatchObject({
      unitLabel: 'kWh',
      since: '2026-10-23T18:00:00+02:00',
      until: '2026-11-20T22:00:00+01:00',
      amount: (20 * 4 + 14) * 16,
      cost: null,
      coverage: 0.998,
      figures: { kind: 'outside-opening', baseLoad: 4, hours: 721 - 200 - 1 },
    })
  })

  it('a leak since it began, of which only the time that is looked into is counted and priced', () => {
    const [found, ...others] = of(told.findings, 'continuous-flow', 'college-eau')
    expect(others).toEqual([])
    expect(found).toMatchObject({
      unit: 'm3',
      since: '2026-10-03T04:00:00+02:00',
      until: null,
      figures: { kind: 'continuous-flow', least: 0.025 },
    })
    expect(found.amount).toBeCloseTo(720 * 0.02, 6)
    expect(found.cost).toBe(Math.round(720 * 0.02 * 4 * 1.055 * 100) / 100)
  })

  it('the same leak in its nights, of which the hours of the night only are claimed', () => {
    const [found, ...others] = of(told.findings, 'night-flow', 'college-eau')
    expect(others).toEqual([])
    expect(found).toMatchObject({
      since: '2026-10-23T00:00:00+02:00',
      until: null,
      figures: { kind: 'night-flow', usual: 0.025, nights: 29 },
    })
    // 29 nights of 5 hours whose hours are all known, and one more in the night that has an hour twice.
    expect(found.amount).toBeCloseTo((29 * 5 + 1) * 0.02, 6)
  })

  it('heating and cooling at once, with the lesser of both', () => {
    const [found] = of(told.findings, 'heating-and-cooling', 'college-froid')
    expect(found).toMatchObject({
      meters: ['college-chaleur', 'college-froid'],
      amount: 60 * 6,
      figures: { hours: 60, heating: 480, cooling: 360, threshold: 5.2 },
    })
  })

  it('a base load that drifts, also of a part; what heats and cools goes with the weather', () => {
    expect(of(told.findings, 'base-load-drift', 'college-cuisine')[0]).toMatchObject({
      since: '2026-11-02T00:00:00+01:00',
      until: null,
      amount: 19 * 24 * 0.2,
      figures: { rise: 0.2, referenceDays: 56 },
    })
    expect(of(told.findings, 'base-load-drift', 'college-chaleur')).toEqual([])
  })

  it('what it wastes at least: nothing counts twice, and kWh and m³ are not added up', () => {
    const [water] = of(told.findings, 'outside-opening', 'college-eau')
    expect(water.amount).toBeGreaterThan(721 * 0.02)
    const [heat] = of(told.findings, 'climate-outside-opening', 'college-chaleur')
    expect(heat.amount).toBeGreaterThan(900)
    // Not what heats, of which some is needed, nor the kitchen beside the electricity that it is part of, nor both that ran at once, which is less.
    expect(told.waste).toEqual([
      { unit: 'kW.h', unitLabel: 'kWh', amount: (20 * 4 + 14) * 16 },
      { unit: 'm3', unitLabel: 'm³', amount: water.amount },
    ])
    expect(told.cost).toBe(water.cost)
  })

  it('a part is one where it is within a main meter at the end of the days, whatever held or will hold', async () => {
    const { meters } = wasteful(plain.registry)
    const dated = (id: string, of: string, within: Meter['within']): [string, Meter] => [
      id,
      { ...meters.get(of)!, id, within },
    ]
    const all = new Map([
      ...meters,
      dated('kitchen', 'college-cuisine', [
        { meter: 'college-elec', from: '2026-09-01', to: '2027-01-01' },
        { meter: 'gone', from: '2027-01-01' },
      ]),
      dated('moved-out', 'college-cuisine', [{ meter: 'college-elec', to: '2026-11-01' }]),
      dated('heat-of-hall', 'college-chaleur', [{ meter: 'college-chaleur', from: '2026-09-01' }]),
    ])
    const told = await ofCollege(all)
    expect(told.meters.filter(({ id }) => !meters.has(id))).toEqual([
      { id: 'kitchen', within: 'college-elec', counted: false, unit: 'kW.h' },
      { id: 'moved-out', within: undefined, counted: true, unit: 'kW.h' },
      { id: 'heat-of-hall', within: 'college-chaleur', counted: false, unit: 'kW.h' },
    ])
    const both = told.found.filter(({ figures }) => figures.kind === 'heating-and-cooling')
    expect(both.map(each => each.meters)).toEqual([['college-chaleur', 'college-froid']])
  })

  it('less than nothing is not known, where the parts of others are more than their main meter', async () => {
    const { meters } = wasteful(plain.registry)
    // At night it counts more than what it is said to be a part of.
    const sports = { ...meters.get('gymnase-elec')!, within: [{ meter: 'college-elec' }] }
    const { found, unknown } = await ofCollege(new Map([...meters, ['gymnase-elec', sports]]))
    expect(found.filter(finding => finding.meters.includes('college-elec'))).toEqual([])
    expect(unknown.filter(each => each.meters.includes('college-elec'))).toEqual([
      { kind: 'outside-opening', reason: 'few-hours', meters: ['college-elec'] },
      { kind: 'base-load-drift', reason: 'few-reference-days', meters: ['college-elec'] },
    ])
  })

  it('what is not known, and why', async () => {
    const { unknown } = await hub.json('/v1/sites/gymnase/findings', hub.account)
    expect(unknown).toEqual([
      {
        kind: 'outside-opening',
        reason: 'no-opening',
        sites: ['gymnase'],
        meters: ['gymnase-elec', 'gymnase-silent'],
      },
      {
        kind: 'base-load-drift',
        reason: 'few-reference-days',
        sites: ['gymnase'],
        meters: ['gymnase-silent'],
      },
      { kind: 'continuous-flow', reason: 'few-hours', sites: ['gymnase'], meters: ['gymnase-silent'] },
      { kind: 'night-flow', reason: 'few-hours', sites: ['gymnase'], meters: ['gymnase-silent'] },
    ])
  })
})

describe('of the territory', () => {
  it('the sites that waste most, of each unit and by cost, the greatest first', async () => {
    const { byAmount, byCost, unknown } = await hub.json('/v1/findings', hub.account)
    expect(byAmount.map(({ unitLabel }: Json) => unitLabel)).toEqual(['kWh', 'm³'])
    expect(byAmount[0].sites.map(({ site }: Json) => site)).toEqual(['college', 'gymnase'])
    expect(byAmount[1].sites.map(({ site }: Json) => site)).toEqual(['college'])
    expect(byAmount[0].sites[1]).toMatchObject({ name: "Gymnase d'essai", amount: 721 - 24, cost: null })
    expect(byAmount[0].sites[0].findings.every(({ unit }: Json) => unit === 'kW.h')).toBe(true)
    expect(byCost.map(({ site, amount }: Json) => [site, amount])).toEqual([['college', null]])
    expect(unknown.map(({ kind }: Json) => kind)).toEqual([
      'outside-opening',
      'base-load-drift',
      'continuous-flow',
      'night-flow',
    ])
  })

  it('to nobody but those who have an account: it tells when a building is empty', async () => {
    expect((await hub.get('/v1/findings')).status).toBe(401)
    expect((await hub.get('/v1/sites/college/findings')).status).toBe(401)
  })

  it('no more of them than is asked for', async () => {
    const { byAmount } = await hub.json('/v1/findings?limit=1', hub.account)
    expect(byAmount[0].sites.map(({ site }: Json) => site)).toEqual(['college'])
  })

  it('days of before can be asked for, and only those that are over', async () => {
    const { byAmount, from, to } = await hub.json('/v1/findings?from=2026-11-20&to=2026-11-25', hub.account)
    expect([from, to]).toEqual(['2026-11-19T23:00:00.000Z', '2026-11-21T23:00:00.000Z'])
    const [gymnase] = byAmount[0].sites.filter(({ site }: Json) => site === 'gymnase')
    expect(gymnase).toMatchObject({ amount: 48 })
    // It is followed from four weeks before.
    expect(gymnase.findings[0]).toMatchObject({ since: '2026-10-23T00:00:00+02:00' })
  })

  it('the same is told for ten minutes, since it takes the figures of all meters', async () => {
    let now = TO + 1
    const other = await startHub({ clock: { now: () => now, elapsed: () => 0 } })
    const sitesOf = async () => (await other.json('/v1/findings', other.account)).unknown[1].meters
    const before = await sitesOf()
    await other.figures.replace(
      'college-elec',
      'hour',
      FIRST,
      TO,
      periodsBetween('hour', FIRST, TO, ZONE).map(({ start, end }) => {
        return { start, end, amount: 100, coveredMs: end - start, readings: 6 }
      }),
    )
    expect(await sitesOf()).toEqual(before)
    now += 600_000
    expect((await other.json('/v1/findings', other.account)).unknown).toHaveLength(1)
    await other.close()
  })

  it('other days that are asked for take nothing from what is told by default', async () => {
    const other = await startHub({ clock: { now: () => TO + 1, elapsed: () => 0 } })
    const before = await other.json('/v1/findings', other.account)
    const hours = periodsBetween('hour', FIRST, TO, ZONE).map(({ start, end }) => {
      return { start, end, amount: 100, coveredMs: end - start, readings: 6 }
    })
    await other.figures.replace('college-elec', 'hour', FIRST, TO, hours)
    expect((await other.json('/v1/findings?from=2026-11-20', other.account)).unknown).not.toEqual(
      before.unknown,
    )
    expect(await other.json('/v1/findings', other.account)).toEqual(before)
    await other.close()
  })

  it('few spans wait at a time; who asks for more is told to come back, but not for the default days', async () => {
    const days = periodsBetween('day', at('2026-10-25'), at('2026-11-10'), ZONE)
    const asked = days.map(({ end }) =>
      hub.get(`/v1/findings?to=${new Date(end).toISOString()}`, hub.account),
    )
    const answers = await Promise.all([...asked, hub.get('/v1/findings', hub.account)])
    const refused = answers.filter(({ status }) => status === 503)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.every(({ headers }) => headers.get('retry-after') === '30')).toBe(true)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(answers.length - refused.length)
    expect(answers.at(-1)!.status).toBe(200)
    // There is room again.
    expect((await hub.get('/v1/findings?from=2026-11-19', hub.account)).status).toBe(200)
  })

  it('thirty days are looked into by default, also where one of them was shorter', async () => {
    const spring = await startHub({ clock: { now: () => at('2026-04-10') + 1, elapsed: () => 0 } })
    const { from, to } = await spring.json('/v1/findings', spring.account)
    expect([from, to]).toEqual(['2026-03-10T23:00:00.000Z', '2026-04-09T22:00:00.000Z'])
    await spring.close()
  })

  it('a wrong question is refused', async () => {
    expect((await hub.get('/v1/findings?from=2026-11-22', hub.account)).status).toBe(400)
    expect((await hub.get('/v1/findings?from=2024-01-01', hub.account)).status).toBe(400)
    expect((await hub.get('/v1/findings?limit=0', hub.account)).status).toBe(400)
    expect((await hub.get('/v1/sites/mairie/findings', hub.account)).status).toBe(404)
  })
})
