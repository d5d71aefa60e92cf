import { describe, expect, it } from 'vitest'
import type { Alert, Site } from '../../dashboards/console/src/api/types.ts'
import { ageOf, FRESH_MS } from '../../dashboards/console/src/crew/age.ts'
import { hoursOf, spanFrom } from '../../dashboards/console/src/crew/hours.ts'
import { phoneMapLink } from '../../dashboards/console/src/crew/map-link.ts'
import { type Fix, stepMotion } from '../../dashboards/console/src/crew/motion.ts'
import { isOfRoad, placeAlerts } from '../../dashboards/console/src/crew/order.ts'
import { themeAt } from '../../dashboards/console/src/crew/theme.ts'

describe('how old an answer is', () => {
  it('is unknown where the clock was set back, and never fresh for a kept answer', () => {
    expect(ageOf({ at: 1000, kept: false }, 1000 + FRESH_MS)).toEqual({ fresh: true })
    expect(ageOf({ at: 1000, kept: false }, 1001 + FRESH_MS)).toEqual({ fresh: false, ms: FRESH_MS + 1 })
    expect(ageOf({ at: 1000, kept: true }, 1000)).toEqual({ fresh: false, ms: 0 })
    expect(ageOf({ at: 1000, kept: false }, 999)).toEqual({ fresh: false, ms: undefined })
  })
})

describe('whether the vehicle moves', () => {
  const fix = (time: number, more: Partial<Fix> = {}): Fix => ({
    ...{ lat: 45.5, lon: 4.5, accuracy: 5, speed: null, time },
    ...more,
  })
  const moving = (...fixes: Fix[]) =>
    fixes.reduce<ReturnType<typeof stepMotion> | undefined>(stepMotion, undefined)!.moving

  it('is what the phone says of its speed', () => {
    expect(moving(fix(0, { speed: 2 }))).toBe(false)
    expect(moving(fix(0, { speed: 2.1 }))).toBe(true)
    expect(moving(fix(0, { speed: 14 }), fix(1000, { speed: 0 }))).toBe(false)
  })
  it('is how far it has come, where that is more than the positions are inaccurate', () => {
    // A thousandth of a degree of latitude is 111 m.
    expect(moving(fix(0), fix(10_000, { lat: 45.501 }))).toBe(true)
    expect(moving(fix(0), fix(100_000, { lat: 45.501 }))).toBe(false)
    expect(moving(fix(0, { accuracy: 60 }), fix(1000, { lat: 45.501, accuracy: 60 }))).toBe(false)
    expect(moving(fix(0), fix(10_000, { lat: 45.501, speed: 0 }))).toBe(true)
  })
})

describe('which alerts are shown, in which order', () => {
  const site = (id: string, lat: number, more: Partial<Site> = {}) =>
    ({ id, position: { lat, lon: 4.5 }, kind: 'road-station', road: null, ...more }) as Site
  const alert = (id: string, at: string, severity: Alert['severity'], since = '2026-11-22T10:00:00.000Z') =>
    ({ id, site: at, severity, since }) as Alert
  const sites = [site('near', 45), site('far', 46), site('school', 45, { kind: 'building' })]

  it('keeps a site that is not known, and a building at a road', () => {
    expect(isOfRoad(undefined)).toBe(true)
    expect(isOfRoad(site('school', 45, { kind: 'building' }))).toBe(false)
    expect(isOfRoad(site('tunnel', 45, { kind: 'building', road: 'D 1' }))).toBe(true)
  })
  it('is by severity, then distance, and without a position the newest first', () => {
    const alerts = [
      alert('a', 'near', 'warning'),
      alert('b', 'far', 'critical'),
      alert('c', 'near', 'critical'),
      alert('d', 'school', 'critical'),
      alert('e', 'far', 'warning', '2026-11-22T11:00:00.000Z'),
    ]
    const order = (from?: { lat: number; lon: number }) =>
      placeAlerts(alerts, sites, from).map(each => each.alert.id)
    expect(order({ lat: 45, lon: 4.5 })).toEqual(['c', 'b', 'a', 'e'])
    expect(order({ lat: 46, lon: 4.5 })).toEqual(['b', 'c', 'e', 'a'])
    expect(order()).toEqual(['b', 'c', 'e', 'a'])
  })
})

it('the last twelve hours begin at a full hour, and one without readings is unknown', () => {
  expect(spanFrom(Date.parse('2026-11-22T11:20:00Z'))).toBe(Date.parse('2026-11-22T00:00:00Z'))
  const aggregate = { start: '2026-11-22T11:00:00+01:00', end: '', first: 1, min: 1, max: 2, mean: 1.5 }
  const hours = hoursOf({
    ...{ point: 'p', from: '2026-11-22T09:00:00.000Z', to: '2026-11-22T11:20:00.000Z' },
    aggregates: [aggregate],
  })
  expect(hours.map(({ low, high }) => [low, high])).toEqual([
    [null, null],
    [1, 2],
    [null, null],
  ])
})

it('the page is dark at night, by day as the phone likes it, and always as was chosen', () => {
  expect([6, 7, 18, 19].map(hour => themeAt('auto', hour))).toEqual(['dark', 'auto', 'auto', 'dark'])
  expect(themeAt('light', 23)).toBe('light')
})

it('a map is that of the phone where it takes geo addresses', () => {
  expect(phoneMapLink({ lat: 45.5, lon: 4.5 }, 'Mozilla/5.0 (Linux; Android 15)')).toBe(
    'geo:45.5,4.5?q=45.5,4.5',
  )
  expect(phoneMapLink({ lat: 45.5, lon: 4.5 }, 'iPhone')).toMatch(/^https:\/\/www\.openstreetmap\.org\//)
})
