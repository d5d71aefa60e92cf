import { describe, expect, it } from 'vitest'
import type { Entity, SetName } from '../../../api/sensor-things/model.ts'
import { compileFilter, compileOrder } from '../../../api/sensor-things/odata/compile.ts'
import { parseExpression, parseOrder } from '../../../api/sensor-things/odata/expression.ts'
import { fits, parseWkt, relate } from '../../../api/sensor-things/odata/geometry.ts'
import { planObservations } from '../../../api/sensor-things/odata/observation-plan.ts'
import { parseQuery } from '../../../api/sensor-things/odata/query.ts'
import { TimeValue } from '../../../api/sensor-things/odata/time-value.ts'

const NOW = Date.parse('2026-11-22T11:00:00Z')
const time = (text: string) => Date.parse(text)

const thing: Entity = {
  ...{ set: 'Things', id: 'col', links: { Locations: ['col'], Datastreams: ['a', 'b'] } },
  values: { name: "Col de l'Homme", description: 'Station', properties: { road: 'D 900', kind: null } },
}
const location: Entity = {
  ...{ set: 'Locations', id: 'col', links: { Things: ['col'] } },
  values: { name: 'Col', location: { type: 'Point', coordinates: [6, 44] } },
}
const streams: Entity[] = ['a', 'b'].map(id => ({
  ...{ set: 'Datastreams', id, links: { Thing: ['col'] } },
  values: { name: id === 'a' ? 'Air' : 'Route', unitOfMeasurement: { symbol: '°C' } },
}))
const observation: Entity = {
  ...{ set: 'Observations', id: 'a.1', links: { Datastream: ['a'], FeatureOfInterest: ['col'] } },
  values: {
    phenomenonTime: new TimeValue(time('2026-11-22T10:30:15.250Z')),
    result: -1.5,
    resultQuality: { quality: 'good' },
  },
}
const month: Entity = {
  ...observation,
  values: { phenomenonTime: new TimeValue(time('2026-10-01'), time('2026-11-01')), result: null },
}
const all = [thing, location, ...streams, observation]
const around = {
  find: (set: SetName, id: string) => all.find(entity => entity.set === set && entity.id === id),
  moreOf: () => undefined,
  ...{ now: NOW, steps: 1000 },
}
const meets = (entity: Entity, text: string) =>
  compileFilter(parseExpression(text, entity.set), around)(entity)

describe('a condition', () => {
  it.each([
    ['result lt 0', true],
    ['result gt -2 and result lt -1', true],
    ['result eq -1.5e0', true],
    ['0 gt result', true],
    // What binds stronger: not, mul, add, lt, eq, and, or.
    ['result add 1 mul 2 eq 0.5', true],
    ['(result add 1) mul 2 eq -1', true],
    ['result lt 0 or result lt 0 and false', true],
    ['not (result lt 0) eq false', true],
    ['result lt 0 eq true', true],
    ['-result eq 1.5', true],
    ['result div 0 eq null', true],
    ['result mod 1 eq -0.5', true],
    ["result eq '-1.5'", false],
    ["result lt 'a'", false],
    ['result eq null', false],
    ['validTime eq null', true],
    ['validTime gt 3', false],
    ['not (validTime gt 3)', true],
    ['not validTime', false],
    ['round(result) eq -2 and floor(result) eq -2 and ceiling(result) eq -1', true],
    ["resultQuality/quality eq 'good'", true],
    ['resultQuality/length eq null', true],
    ["Datastream/name eq 'Air' and Datastream/Thing/properties/road eq 'D 900'", true],
    ["Datastream/@iot.id eq 'a' and FeatureOfInterest/id eq null", true],
    ["Datastream/unitOfMeasurement/symbol eq '°C'", true],
  ])('%s', (text, expected) => {
    expect(meets(observation, text)).toBe(expected)
  })

  it.each([
    ['phenomenonTime gt 2026-11-22T10:30:00Z', true],
    ['phenomenonTime gt 2026-11-22T11:30:00+01:00', true],
    ['phenomenonTime le 2026-11-22T10:30:15.250Z', true],
    ['phenomenonTime ge 2026-11-22', true],
    ['phenomenonTime lt 2026-11-22', false],
    ["phenomenonTime gt now() sub duration'PT30M'", true],
    ["phenomenonTime gt now() sub duration'PT20M'", false],
    ["now() sub phenomenonTime lt duration'P1DT0H'", true],
    ['year(phenomenonTime) eq 2026 and month(phenomenonTime) eq 11 and day(phenomenonTime) eq 22', true],
    ['hour(phenomenonTime) eq 10 and minute(phenomenonTime) eq 30 and second(phenomenonTime) eq 15', true],
    ['fractionalseconds(phenomenonTime) eq 0.25', true],
    ['date(phenomenonTime) eq 2026-11-22', true],
    ['time(phenomenonTime) lt 10:30:16', true],
    ['time(phenomenonTime) eq 10:30:15.25', true],
    ['totaloffsetminutes(phenomenonTime) eq 0', true],
    ['phenomenonTime gt mindatetime() and phenomenonTime lt maxdatetime()', true],
    ['year(mindatetime()) eq 1 and year(maxdatetime()) eq 9999', true],
    ['phenomenonTime lt 2026-11-22T11:00:00Z/2026-11-22T12:00:00Z', true],
  ])('on an instant: %s', (text, expected) => {
    expect(meets(observation, text)).toBe(expected)
  })

  it.each([
    ['phenomenonTime lt 2026-11-01T00:00:00Z', true],
    ['phenomenonTime lt 2026-10-31T23:00:00Z', false],
    ['phenomenonTime ge 2026-10-01T00:00:00Z', true],
    ['phenomenonTime gt 2026-10-01T00:00:00Z', true],
    ['phenomenonTime gt 2026-10-02T00:00:00Z', false],
    ['phenomenonTime eq 2026-10-01T00:00:00Z/2026-11-01T00:00:00Z', true],
    ['month(phenomenonTime) eq 10', true],
    ['result eq null', true],
    ['result lt 5', false],
  ])('on a period: %s', (text, expected) => {
    expect(meets(month, text)).toBe(expected)
  })

  it.each([
    ["substringof('omme', name)", true],
    ["startswith(name,'Col') and endswith(name, 'mme')", true],
    ["name eq 'Col de l''Homme'", true],
    ['length(name) eq 14', true],
    ["indexof(name,'de') eq 4", true],
    ["substring(name,4) eq 'de l''Homme'", true],
    ["substring(name,4,2) eq 'de'", true],
    ["toupper(substring(name,0,3)) eq 'COL' and tolower('A') eq 'a' and trim(' a ') eq 'a'", true],
    ["concat(concat(name,', '),properties/road) eq 'Col de l''Homme, D 900'", true],
    ['length(properties) eq 1', false],
    // One of several is enough.
    ["Datastreams/name eq 'Route'", true],
    ["Datastreams/name eq 'Route' and Datastreams/name eq 'Air'", true],
    ["not (Datastreams/name eq 'Pluie')", true],
    ["st_within(Locations/location, geography'POLYGON((5 43,7 43,7 45,5 45,5 43))')", true],
    ["geo.distance(Locations/location, geography'POINT(6 43)') eq 1", true],
    ["geo.length(geography'LINESTRING(0 0,3 4)') eq 5", true],
    ["st_relate(Locations/location, geography'LINESTRING(6 44,7 45)', 'F0*******')", true],
    ["st_relate(Locations/location, geography'POINT(6 44)', 'quatsch')", false],
  ])('on a thing: %s', (text, expected) => {
    expect(meets(thing, text)).toBe(expected)
  })

  it.each([
    ['result lt', 'has no value where one belongs, at the end'],
    ['result lt 1 1', 'cannot be read from character 13 on'],
    ['(result lt 1', 'has no ) where one belongs, at the end'],
    ["result eq 'a", 'cannot be read'],
    ['result eq 2026-02-30T00:00:00Z', 'is no value'],
    ["phenomenonTime gt duration'1h'", 'is no value'],
    ["st_within(result, geography'CIRCLE(1 2)')", 'is no value'],
    ['result eq #', '# at character 11 cannot be read'],
    ['colour eq 1', 'colour is no property of Observations'],
    ['Datastream eq 1', 'Datastream is no property of Observations'],
    ['Datastream/colour eq 1', 'colour is no property of Datastreams'],
    ['id/x eq 1', 'id is no property of Observations'],
    ['__proto__ eq 1', '__proto__ is no property of Observations'],
    ['toString(result)', 'toString is no function here'],
    ['length(result, 1)', 'length takes 1 arguments'],
    ['substring(result)', 'substring takes 2 or 3 arguments'],
    [`${'('.repeat(30)}1${')'.repeat(30)}`, 'is nested deeper than 20 times'],
    [`${'not '.repeat(30)}true`, 'is nested deeper than 20 times'],
    [Array(200).fill('result lt 1').join(' or '), 'has more than 100 parts'],
    [`result eq '${'a'.repeat(5000)}'`, 'is longer than 4000 characters'],
  ])('%.40s is refused', (text, message) => {
    expect(() => parseExpression(text, 'Observations')).toThrow(message)
  })

  it('is refused where it leads over links to too many', () => {
    const many = Array.from({ length: 50 }, (_, n) => String(n))
    const of = (set: SetName, id: string): Entity => ({
      ...{ set, id, values: { name: id }, links: { Datastreams: many, Thing: ['col'] } },
    })
    const asked = (text: string) =>
      compileFilter(parseExpression(text, 'Things'), { ...around, find: of, steps: 20_000 })(
        of('Things', 'col'),
      )
    // Entities that are reached in several ways are reached once.
    expect(asked("Datastreams/Thing/Datastreams/Thing/Datastreams/Thing/Datastreams/name eq '49'")).toBe(true)
    expect(asked("concat(Datastreams/name,Datastreams/name) eq '4949'")).toBe(true)
    const tooMuch = expect.objectContaining({ status: 422 })
    const three = "concat(concat(Datastreams/name,Datastreams/name),Datastreams/name) eq 'x'"
    expect(() => asked(three)).toThrow(tooMuch)
    const path = `${'Datastreams/Thing/'.repeat(5)}name`
    expect(() => asked(`${path} eq 'x'`)).toThrow('has a path of more than 10 names')
  })

  it('is refused where it would have to read all observations', () => {
    expect(() => parseExpression('Datastreams/Observations/result gt 1', 'Things')).toThrow(
      expect.objectContaining({ status: 501 }),
    )
  })
})

it('an order puts nulls first, and goes on to what comes next', () => {
  const named = (name: string | null, description: string): Entity => ({
    ...thing,
    values: { name, description },
  })
  const things = [named('b', '1'), named('a', '1'), named(null, '3'), named('a', '2')]
  const sorted = (text: string) =>
    compileOrder(
      parseOrder(text, 'Things'),
      around,
    )(things).map(({ values }) => `${values.name}${values.description}`)
  expect(sorted('name,description desc')).toEqual(['null3', 'a2', 'a1', 'b1'])
  expect(sorted('name desc, description')).toEqual(['b1', 'a1', 'a2', 'null3'])
  expect(() => parseOrder('name up', 'Things')).toThrow('cannot be read from character 6 on')
})

describe('a point', () => {
  const square = 'POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 2,1 1))'
  it.each([
    ['POINT(3 3)', 'POINT(3 3)', '0FFFFFFF2'],
    ['POINT(3 3)', 'POINT(3 4)', 'FF0FFF0F2'],
    ['POINT (0.05 -3)', 'Point(5e-02 -3.00000000000000000)', '0FFFFFFF2'],
    ['POINT(3 3)', square, '0FFFFF212'],
    ['POINT(4 3)', square, 'F0FFFF212'],
    ['POINT(1.5 1.5)', square, 'FF0FFF212'],
    ['POINT(9 3)', square, 'FF0FFF212'],
    ['POINT(1 1)', 'LINESTRING(0 0, 2 2)', '0FFFFF102'],
    ['POINT(0 0)', 'LINESTRING(0 0, 2 2)', 'F0FFFF102'],
    ['POINT(1 0)', 'LINESTRING(0 0, 2 0, 2 2, 0 0)', '0FFFFF1F2'],
    [square, 'POINT(3 3)', '0F2FF1FF2'],
  ])('%s and %s: %s', (a, b, matrix) => {
    expect(relate(parseWkt(a)!, parseWkt(b)!)).toBe(matrix)
  })

  it('fits patterns of the intersection matrix', () => {
    expect(fits('0FFFFF212', 'T*F**F***')).toBe(true)
    expect(fits('F0FFFF212', 'T*F**F***')).toBe(false)
    expect(fits('F0FFFF212', '*0*******')).toBe(true)
    expect(fits('F0FFFF212', '*1*******')).toBe(false)
  })

  it.each([
    'POINT(1)',
    'POINT(1 2, 3 4)',
    'LINESTRING(1 2)',
    'POLYGON((0 0,1 1,0 0))',
    'POLYGON((0 0,1 1,1 0,0 1))',
    'POINT(a b)',
    'POINT',
  ])('%s is none', text => {
    expect(parseWkt(text)).toBeUndefined()
  })
})

describe('options', () => {
  it('are nested, and name links once', () => {
    const { expand, select } = parseQuery(
      {
        $select: 'name, @iot.id',
        $expand:
          "Datastreams($filter=name eq 'a;)b,(';$top=5;$expand=Observations($orderby=result desc;$count=true)),Datastreams/Sensor,Locations/Things",
      },
      'Things',
    )
    expect(select).toEqual(['name', 'id'])
    expect([...expand.keys()]).toEqual(['Datastreams', 'Locations'])
    const datastreams = expand.get('Datastreams')!
    expect(datastreams).toMatchObject({ top: 5, written: { $filter: "name eq 'a;)b,('" } })
    expect([...datastreams.expand.keys()]).toEqual(['Observations', 'Sensor'])
    expect(datastreams.expand.get('Observations')).toMatchObject({ count: true })
    expect([...expand.get('Locations')!.expand.keys()]).toEqual(['Things'])
  })

  it.each([
    [{ $top: '-1' }, '$top', 'is no whole number from 0 on'],
    [{ $skip: '1.5' }, '$skip', 'is no whole number from 0 on'],
    [{ $count: 'yes' }, '$count', 'is neither true nor false'],
    [{ $select: 'name,colour' }, '$select', 'colour is no property of Things'],
    [{ $expand: 'Colours' }, '$expand', 'Colours is no link of Things'],
    [{ $expand: 'Datastreams($top=5' }, '$expand', 'Datastreams($top=5 is no link of Things'],
    [{ $expand: 'Datastreams(top=5)' }, '$expand', 'top=5 is no option of a link'],
    [{ $expand: 'Datastreams($filter=x eq 1)' }, '$expand', '$filter x is no property of Datastreams'],
    [{ $expand: 'Datastreams/Thing/Datastreams/Thing/Datastreams' }, '$expand', 'goes deeper than 4 links'],
    [{ $expand: Array(30).fill('Datastreams').join() }, '$expand', 'has more than 20 links'],
  ])('%j are refused', (options, option, message) => {
    expect(() => parseQuery(options, 'Things')).toThrow(
      expect.objectContaining({ option, message: expect.stringContaining(message) }),
    )
  })
})

describe('what is to be read of observations', () => {
  const plan = (text: string) => planObservations(parseExpression(text, 'Observations'), around)
  const begin = time('2026-11-22T10:00:00Z')

  it('is told by their time, and by what they are linked with', () => {
    const { within, mayMeet } = plan(
      "phenomenonTime ge 2026-11-22T10:00:00Z and 2026-11-22T11:00:00Z gt resultTime and Datastream/id eq 'a'",
    )
    expect(within(true)).toEqual({ from: begin, to: begin + 3_600_000 })
    expect(mayMeet(observation)).toBe(true)
    expect(mayMeet({ ...observation, links: { Datastream: ['b'] } })).toBe(false)
  })

  it('is more of those that are of a period, which are then looked at', () => {
    const { within } = plan('phenomenonTime lt 2026-11-22T10:00:00Z')
    expect(within(true)).toEqual({ from: -Infinity, to: begin })
    const { meets, ...bounds } = within(false)
    expect(bounds).toEqual({ from: -Infinity, to: begin + 1 })
    expect(meets!(month)).toBe(true)
  })

  it('is everything where any of several conditions may hold', () => {
    const { within, mayMeet } = plan("phenomenonTime lt 2026-11-22T10:00:00Z or Datastream/id eq 'b'")
    expect(within(true)).toMatchObject({ from: -Infinity, to: Infinity })
    expect(within(true).meets!(observation)).toBe(false)
    expect(mayMeet(observation)).toBe(true)
  })
})
