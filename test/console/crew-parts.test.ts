import { describe, expect, it } from 'vitest'
import type { Alert, Circuit, Site, WinterEntry, WinterFact } from '../../dashboards/console/src/api/types.ts'
import type { Action, NewAction, Queue } from '../../dashboards/console/src/crew/action.ts'
import { ageOf, FRESH_MS } from '../../dashboards/console/src/crew/age.ts'
import { nearestCircuits, sectionAt } from '../../dashboards/console/src/crew/circuits.ts'
import { type Draft, entryOf } from '../../dashboards/console/src/crew/entry.ts'
import { currentForecasts, hoursAhead } from '../../dashboards/console/src/crew/forecast-hours.ts'
import { hoursOf, spanFrom } from '../../dashboards/console/src/crew/hours.ts'
import { phoneMapLink } from '../../dashboards/console/src/crew/map-link.ts'
import { type Fix, stepMotion } from '../../dashboards/console/src/crew/motion.ts'
import { newId } from '../../dashboards/console/src/crew/new-id.ts'
import { isOfRoad, placeAlerts } from '../../dashboards/console/src/crew/order.ts'
import { correctionOf, draftOf, ownEntries } from '../../dashboards/console/src/crew/own-entries.ts'
import { themeAt } from '../../dashboards/console/src/crew/theme.ts'
import { replaceUnsent } from '../../dashboards/console/src/crew/unsent.ts'
import { latestAt, wallTime } from '../../dashboards/console/src/crew/wall-clock.ts'

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

describe('what is forecast', () => {
  const at = (hour: number) => new Date(hour * 3_600_000).toISOString()
  const issue = (
    source: string,
    site: string,
    issued: number,
    ...steps: [number, number, number | null][]
  ) => ({
    ...{ source, site, issued: at(issued) },
    steps: steps.map(([time, airTemperature, precipitationRate]) => ({
      ...{ time: at(time), surfaceTemperature: null, airTemperature, dewPoint: null, precipitationRate },
    })),
  })

  it('is the coldest and the wettest of each hour, and unknown where no step says it', () => {
    const steps: [number, number, number | null][] = [
      [8.5, 4, 0],
      [10, 1, 2],
      [10.5, -1, 0],
      [11, 0, null],
    ]
    const hours = hoursAhead(issue('a', 'col', 8, ...steps), 9.75 * 3_600_000)
    expect(hours.map(({ start, air, precipitation }) => [start / 3_600_000, air, precipitation])).toEqual([
      ...[
        [9, 3, 0],
        [10, -1, 2],
        [11, 0, null],
      ],
      ...[
        [12, null, null],
        [13, null, null],
        [14, null, null],
      ],
    ])
  })

  it('is the newest issue that is not stale, and none where the clock was set back', () => {
    const source = (id: string, hours: number, ...sites: string[]) => ({
      ...{ id, name: null, sites, staleAfterSeconds: hours * 3600 },
    })
    const answer = {
      time: at(12),
      sources: [source('a', 6, 'col', 'pont'), source('b', 1, 'col')],
      forecasts: [issue('b', 'col', 11.5), issue('a', 'col', 9), issue('a', 'pont', 5)],
    }
    const found = (hour: number) => {
      const { current, missing } = currentForecasts(answer, hour * 3_600_000)
      return [current.map(each => each.source), missing]
    }
    expect(found(12)).toEqual([['b'], ['pont']])
    expect(found(13)).toEqual([['a'], ['pont']])
    expect(found(11)).toEqual([[], ['col', 'pont']])
  })
})

describe('which circuit and section something is noted of', () => {
  const circuit = (id: string, station: string, ...sections: [string, string, string, string][]) =>
    ({
      ...{ id, stations: [station] },
      sections: sections.map(([name, road, fromPk, toPk]) => ({ id: name, road, fromPk, toPk, label: null })),
    }) as unknown as Circuit
  const site = (id: string, lat: number, road = '') => ({ id, road, position: { lat, lon: 4.5 } }) as Site
  const circuits = [
    circuit('north', 'a', ['one', 'D 1', '0+0', '9+900']),
    circuit('south', 'b', ['low', 'D 907', '12+300', '24+0'], ['high', 'D 907', '24+0', '31+850']),
  ]
  const sites = [site('a', 46), site('b', 45)]
  const ids = (places: Parameters<typeof nearestCircuits>[2]) =>
    nearestCircuits(circuits, sites, places).map(({ id }) => id)

  it('is that of the station of the alert, else the nearest', () => {
    expect(ids({ at: 'b', from: { lat: 46, lon: 4.5 } })).toEqual(['south', 'north'])
    expect(ids({ at: 'elsewhere', from: { lat: 45.1, lon: 4.5 } })).toEqual(['south', 'north'])
    expect(ids({ from: { lat: 45.9, lon: 4.5 } })).toEqual(['north', 'south'])
    expect(ids({})).toEqual(['north', 'south'])
  })
  it('is the section that the station stands at, and none where that is not known', () => {
    const [north, south] = circuits as [Circuit, Circuit]
    expect(sectionAt(south, site('b', 45, 'D 907 PR 31+850'))).toBe('high')
    expect(sectionAt(south, site('b', 45, 'D 907 PR 12+300'))).toBe('low')
    expect(sectionAt(south, site('b', 45, 'D 907 PR 40+0'))).toBeUndefined()
    expect(sectionAt(south, site('b', 45, 'D 41 PR 20+0'))).toBeUndefined()
    expect(sectionAt(south, undefined)).toBeUndefined()
    expect(sectionAt(north, undefined)).toBe('one')
  })
})

describe('what was written down', () => {
  const now = new Date(2026, 10, 22, 4, 40, 30).getTime()
  const draft = (more: Partial<Draft> = {}): Draft => ({
    ...{ kind: 'treatment', circuit: 'c', sections: ['s'], dosage: '15', product: 'salt' },
    ...{ time: '23:50', end: '04:40', remark: ' ', photos: [], ...more },
  })
  const entry = (more?: Partial<Draft>) => entryOf(draft(more), ['s', 't'], now)

  it('has the last time at which the clock showed what was typed, the day before where that is', () => {
    expect(latestAt('04:40', now)).toBe(new Date(2026, 10, 22, 4, 40).getTime())
    expect(latestAt('04:41', now)).toBe(new Date(2026, 10, 21, 4, 41).getTime())
    expect(latestAt('', now)).toBeUndefined()
    expect(wallTime(now)).toBe('04:40')
    expect(entry()).toEqual({
      ...{ kind: 'treatment', circuit: 'c', product: 'salt', dosage: 15, sections: ['s'] },
      time: new Date(2026, 10, 21, 23, 50).getTime(),
      end: new Date(2026, 10, 22, 4, 40).getTime(),
    })
  })
  it('has the very instant of a decision whose time nobody has touched, and a typed one to the minute', () => {
    const begun = now - 10_000
    const decided = { kind: 'decision', decision: 'treat', remark: 'Vu', begun } as const
    expect(entry({ ...decided, time: '04:40' })).toMatchObject({ time: begun })
    expect(entry({ ...decided, time: '04:39' })).toMatchObject({ time: latestAt('04:39', now) })
  })
  it('is of the whole circuit where all of it was treated, and has no dosage where nothing was spread', () => {
    const whole = entry({ sections: ['s', 't'], product: 'none', dosage: '', remark: ' Raclé ', alert: 'a' })
    expect(whole).toMatchObject({ product: 'none', remark: 'Raclé', alert: 'a' })
    expect(whole).not.toHaveProperty('dosage')
    expect(whole).not.toHaveProperty('sections')
    expect(entry({ dosage: '12,5' })).toMatchObject({ dosage: 12.5 })
  })
  it('names what is missing', () => {
    expect(entry({ circuit: '' })).toBe('circuit')
    expect(entry({ sections: [] })).toBe('section')
    expect(entry({ product: undefined })).toBe('product')
    expect(entry({ dosage: 'viel' })).toBe('dosage')
    expect(entry({ time: '' })).toBe('time')
    expect(entry({ end: '' })).toBe('end')
    expect(entry({ kind: 'condition', condition: 'C2' })).toBe('phenomenon')
    expect(entry({ kind: 'condition', phenomenon: 'ice' })).toBe('condition')
    expect(entry({ kind: 'decision' })).toBe('decision')
    expect(entry({ kind: 'decision', decision: 'treat' })).toBe('reason')
    expect(entry({ kind: 'decision', decision: 'treat', remark: 'Vu' })).toMatchObject({ reason: 'Vu' })
  })
  it('is known by a UUID', () => {
    expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('what is put right', () => {
  const said = new Date(2026, 10, 22, 4, 40, 30).getTime()
  const now = said + 20 * 3_600_000
  const instant = (time: number) => new Date(time).toISOString()
  const fact: WinterFact = {
    ...{ kind: 'decision', circuit: 'c', time: instant(said), decision: 'watch', alert: 'a' },
    ...{ reason: 'Vu sur place', remark: null },
  }
  const entry = (id: string, more: object) =>
    ({ id, author: 'moi', correctedBy: null, ...fact, ...more }) as WinterEntry
  const draft = (changed: Partial<Draft> = {}): Draft => ({
    ...draftOf({ id: '1', fact }, ['s', 't']),
    ...changed,
  })
  const correction = (why: string) => ({ of: { id: '1', fact }, why })

  it('is what a person has said themselves and still holds', () => {
    const replacement = { ...fact, decision: 'treat', time: instant(said + 60_000) }
    const corrected = { kind: 'correction', corrects: '3', reason: 'x' }
    const entries = [
      entry('1', {}),
      entry('2', { author: 'autre' }),
      entry('3', { correctedBy: '4' }),
      entry('4', { ...corrected, replacement }),
      entry('5', { ...corrected, replacement: null }),
      entry('6', { correctedBy: '7' }),
      entry('7', { ...corrected, author: 'autre', replacement }),
    ]
    expect(ownEntries(entries, 'moi').map(({ id, fact: { time } }) => [id, Date.parse(time) - said])).toEqual(
      [
        ['4', 60_000],
        ['1', 0],
      ],
    )
  })
  it('stays as it was where nobody touches it, and wants a reason', () => {
    expect(correctionOf(draft(), ['s', 't'], now)).toBe('why')
    expect(correctionOf(draft({ correction: correction(' ') }), [], now)).toBe('why')
    const { remark: _, ...kept } = fact
    expect(correctionOf(draft({ decision: 'treat', correction: correction(' Erreur ') }), [], now)).toEqual({
      ...{ kind: 'correction', time: now, corrects: '1', reason: 'Erreur' },
      replacement: { ...kept, decision: 'treat' },
    })
  })
  it('has the time of day that lies nearest to what was said, also the day after', () => {
    const at = (time: string) => {
      const noted = correctionOf(draft({ time, correction: correction('x') }), [], now)
      return typeof noted === 'string' ? noted : noted.replacement!.time
    }
    expect(at('05:10')).toBe(new Date(2026, 10, 22, 5, 10).getTime())
    expect(at('23:50')).toBe(new Date(2026, 10, 21, 23, 50).getTime())
    expect(at('')).toBe('time')
  })
  it('keeps the photos that were sent, and the whole circuit where it was all of it', () => {
    const treated: WinterFact = {
      ...{ kind: 'treatment', circuit: 'c', product: 'none', dosage: null, sections: null, alert: null },
      ...{ time: instant(said - 3_600_000), end: instant(said), photos: ['0f'], remark: 'Raclé' },
    }
    const of = { id: '1', fact: treated }
    const noted = correctionOf({ ...draftOf(of, ['s', 't']), correction: { of, why: 'x' } }, ['s', 't'], now)
    const { time, end } = treated
    expect(noted).toMatchObject({
      replacement: {
        kind: 'treatment',
        circuit: 'c',
        product: 'none',
        time,
        end,
        photos: ['0f'],
        remark: 'Raclé',
      },
    })
    expect((noted as { replacement: object }).replacement).not.toHaveProperty('sections')
  })
})

describe('what waits and is changed', () => {
  const noted = (condition: string): NewAction => ({
    ...{ action: 'record', noted: { kind: 'condition', time: 1, condition }, photos: [] },
    ...{ what: 'Constat', where: 'Col', at: 1, actor: 'nadia' },
  })
  function queueOf(...actions: Action[]): Queue {
    const kept = new Map(actions.map(action => [action.id, action]))
    return {
      all: async () => [...kept.values()],
      add: async action => void kept.set(99, { ...action, id: 99 }),
      put: async action => void kept.set(action.id, action),
      remove: async id => void kept.delete(id),
    }
  }

  it('takes its place, so that it is sent in its turn', async () => {
    const queue = queueOf({ ...noted('C2'), id: 1 }, { ...noted('C1'), id: 2 })
    await replaceUnsent(queue, 1, noted('C3'))
    expect(await queue.all()).toEqual([
      { ...noted('C3'), id: 1 },
      { ...noted('C1'), id: 2 },
    ])
  })

  it('stays as it was where the hub may have heard of it, and the person is told', async () => {
    const told = { ...noted('C3'), id: 99, outcome: { kind: 'sent-before' } }
    const sent = { ...noted('C2'), id: 1, sent: { id: 'x' } } as Action
    for (const queue of [queueOf(sent), queueOf()]) {
      const before = await queue.all()
      await replaceUnsent(queue, 1, noted('C3'))
      expect(await queue.all()).toEqual([...before, told])
    }
  })
})
