import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askPython } from '../../peers/ask.ts'
import { findPeer } from '../../peers/cache.ts'
import { roadRegistry } from '../../rules/road-station.ts'
import { type Hub, type Json, MINUTE, NOW, reading, startHub } from '../hub.ts'

const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const ROOT = '/sta/v1.1'
const TEMPERATURE = 'col.meteo.surface-temperature'

let hub: Hub
let base = 'https://hub.example'
beforeAll(async () => {
  const registry = await roadRegistry(
    [
      {
        ...{ site: 'col', lat: 44, openData: true },
        quantities: ['surface-temperature', 'surface-condition', 'precipitation', 'fault'],
      },
      { site: 'pont', lat: 45, quantities: ['air-temperature'], openData: true },
      { site: 'depot', lat: 46, quantities: ['air-temperature'] },
    ],
    [],
  )
  hub = await startHub({ registry })
  const { publication } = hub.served
  Object.assign(publication, { baseUrl: () => base })
  await hub.store(
    // -25 four hours and ten minutes ago, then -24.9, …, and -0.1 a minute ago.
    ...Array.from({ length: 250 }, (_, n) =>
      reading('col/meteo/surface-temperature', NOW - (250 - n) * MINUTE, Math.round(n - 250) / 10),
    ),
    reading('col/meteo/surface-temperature', NOW - 300 * HOUR, 20),
    reading('col/meteo/surface-temperature', NOW - 299 * HOUR, null, 'bad:timeout'),
    reading('col/meteo/surface-condition', NOW - MINUTE, 'ice'),
    reading('col/meteo/precipitation', NOW - MINUTE, true, 'uncertain:clock'),
    reading('col/meteo/fault', NOW - MINUTE, true),
    reading('pont/meteo/air-temperature', NOW - 2 * MINUTE, 1.5),
    reading('pont/meteo/air-temperature', NOW + 9 * HOUR, 99),
    reading('depot/meteo/air-temperature', NOW - MINUTE, 7),
  )
})
afterAll(() => hub.close())

const at = (time: number) => new Date(time).toISOString()
const ask = (path: string) => hub.json(ROOT + path)
const ids = ({ value }: Json): string[] => value.map((each: Json) => each['@iot.id'])
const results = ({ value }: Json) => value.map((each: Json) => each.result)
const stream = (id: string, path = '') => `/Datastreams('${id}')${path}`

/** All pages from an address on, and how many there are. */
async function follow(path: string): Promise<{ value: Json[]; pages: number }> {
  const all = { value: [] as Json[], pages: 0 }
  for (let next: string | undefined = path; next; all.pages++) {
    const page: Json = await ask(next)
    all.value.push(...page.value)
    next = page['@iot.nextLink']?.slice(`${base}${ROOT}`.length)
  }
  return all
}

describe('the service', () => {
  it('names its sets, and what of the standard it answers', async () => {
    const response = await hub.get(`${ROOT}/`)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const { value, serverSettings } = (await response.json()) as Json
    expect(value).toHaveLength(8)
    expect(value[0]).toEqual({ name: 'Things', url: `${base}${ROOT}/Things` })
    expect(serverSettings.conformance).toContain('http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel')
    for (const { name } of value) expect((await ask(`/${name}`)).value, name).toBeInstanceOf(Array)
  })

  it('tells only what may be published', async () => {
    expect(ids(await ask('/Things'))).toEqual(['col', 'pont'])
    expect(ids(await ask('/Datastreams'))).toEqual([
      'col.meteo.precipitation',
      'col.meteo.surface-condition',
      TEMPERATURE,
      'pont.meteo.air-temperature',
    ])
    for (const path of [
      "/Things('depot')",
      stream('col.meteo.fault'),
      stream('depot.meteo.air-temperature', '/Observations'),
      `/Observations('depot.meteo.air-temperature.${NOW - MINUTE}')`,
      `/Observations('col.meteo.fault.${NOW - MINUTE}')`,
      `/Observations('${TEMPERATURE}.${NOW - 299 * HOUR}')`,
      `/Observations('pont.meteo.air-temperature.${NOW + 9 * HOUR}')`,
    ])
      expect((await hub.get(ROOT + path)).status, path).toBe(404)
  })

  it('answers who has it with 304', async () => {
    const tag = (await hub.get(`${ROOT}/Things`)).headers.get('etag')!
    expect((await hub.get(`${ROOT}/Things`, { 'if-none-match': tag })).status).toBe(304)
  })
})

describe('an entity', () => {
  it('is told with its links', async () => {
    const self = `${base}${ROOT}/Things('col')`
    expect(await ask("/Things('col')")).toEqual({
      ...{ '@iot.id': 'col', '@iot.selfLink': self, name: 'col', description: 'Station météo routière' },
      properties: {
        ...{ kind: 'road-station', municipalityCode: '04001', road: null },
        dataset: `${base}/open-data/stations-routieres`,
        license: 'https://www.etalab.gouv.fr/licence-ouverte-open-licence',
        attribution: 'Test',
      },
      'Locations@iot.navigationLink': `${self}/Locations`,
      'HistoricalLocations@iot.navigationLink': `${self}/HistoricalLocations`,
      'Datastreams@iot.navigationLink': `${self}/Datastreams`,
    })
    const { location } = await ask("/Locations('col')")
    expect(location).toEqual({ type: 'Point', coordinates: [6, 44] })
  })

  it('of a Datastream says the unit, and from when to when there are observations', async () => {
    const span = `${at(NOW - 300 * HOUR)}/${at(NOW - MINUTE)}`
    expect(await ask(stream(TEMPERATURE))).toMatchObject({
      unitOfMeasurement: {
        ...{ name: 'degree Celsius', symbol: '°C' },
        definition: 'http://www.opengis.net/def/uom/UCUM/0/Cel',
      },
      observationType: 'http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement',
      ...{ phenomenonTime: span, resultTime: span },
    })
    const { phenomenonTime } = await ask(stream('pont.meteo.air-temperature'))
    expect(phenomenonTime).toBe(`${at(NOW - 2 * MINUTE)}/${at(NOW - 2 * MINUTE)}`)
    expect(await ask(stream('col.meteo.surface-condition'))).toMatchObject({
      unitOfMeasurement: { name: null, symbol: null, definition: null },
      properties: { states: { ice: { fr: 'Verglacée', en: 'Ice' } } },
    })
    expect(await ask("/ObservedProperties('surface-temperature')")).toMatchObject({
      definition: 'http://vocab.nerc.ac.uk/standard_name/surface_temperature/',
    })
  })

  it('of an Observation is what the sensor said', async () => {
    const id = `col.meteo.precipitation.${NOW - MINUTE}`
    expect(await ask(`/Observations('${id}')`)).toMatchObject({
      ...{ '@iot.id': id, phenomenonTime: at(NOW - MINUTE), resultTime: at(NOW - MINUTE), result: true },
      resultQuality: { quality: 'uncertain', reason: 'clock' },
    })
    expect(results(await ask(stream('col.meteo.surface-condition', '/Observations')))).toEqual(['ice'])
  })

  it('is reached over links', async () => {
    const observation = `Observations('${TEMPERATURE}.${NOW - MINUTE}')`
    const path = `/Things('col')/Datastreams('${TEMPERATURE}')/${observation}/FeatureOfInterest`
    expect((await ask(path))['@iot.id']).toBe('col')
    expect(ids(await ask("/Sensors('col.meteo')/Datastreams"))).toHaveLength(3)
    expect(ids(await ask(`${stream(TEMPERATURE)}/Thing/Locations`))).toEqual(['col'])
    expect(ids(await ask("/FeaturesOfInterest('pont')/Observations"))).toHaveLength(1)
    expect((await hub.get(`${ROOT}/Things('pont')/Datastreams('${TEMPERATURE}')`)).status).toBe(404)
    expect(await ask(`${stream(TEMPERATURE)}/Thing/$ref`)).toEqual({
      value: [{ '@iot.selfLink': `${base}${ROOT}/Things('col')` }],
    })
    expect((await ask('/Things/$ref?$top=1')).value).toEqual([
      { '@iot.selfLink': `${base}${ROOT}/Things('col')` },
    ])
  })

  it('has properties with addresses of their own', async () => {
    const text = async (path: string) => {
      const response = await hub.get(ROOT + path)
      return [response.status, response.headers.get('content-type'), await response.text()]
    }
    const [plain, json] = ['text/plain; charset=utf-8', 'application/json; charset=utf-8']
    expect(await text("/Things('col')/name")).toEqual([200, json, '{"name":"col"}'])
    expect(await text("/Things('col')/name/$value")).toEqual([200, plain, 'col'])
    expect(await text("/Things('col')/properties/municipalityCode")).toEqual([
      ...[200, json, '{"municipalityCode":"04001"}'],
    ])
    expect(await text(stream(TEMPERATURE, '/phenomenonTime/$value'))).toEqual([
      ...[200, plain, `${at(NOW - 300 * HOUR)}/${at(NOW - MINUTE)}`],
    ])
    expect(await text("/Locations('col')/location/$value")).toEqual([
      ...[200, json, '{"type":"Point","coordinates":[6,44]}'],
    ])
    expect((await text("/Things('col')/properties/road"))[0]).toBe(204)
    expect((await text(stream(TEMPERATURE, '/observedArea')))[0]).toBe(204)
    for (const path of ['/colour', '/properties/colour', '/name/$ref', "/name('x')", '/$value'])
      expect((await text(`/Things('col')${path}`))[0], path).toBe(404)
  })
})

describe('the entities of a set', () => {
  it('are chosen, sorted and cut', async () => {
    const page = await ask('/Datastreams?$orderby=name desc&$top=2&$skip=1&$count=true&$select=name')
    expect(page).toEqual({
      '@iot.count': 4,
      '@iot.nextLink': `${base}${ROOT}/Datastreams?$orderby=name%20desc&$select=name&$top=2&$count=true&$skip=3`,
      value: [{ name: 'col, État de la chaussée' }, { name: 'col, Température de chaussée' }],
    })
    expect((await follow('/Datastreams?$top=1')).value).toHaveLength(4)
    expect(ids(await ask("/Datastreams?$filter=Thing/id eq 'pont'"))).toEqual(['pont.meteo.air-temperature'])
    expect(ids(await ask("/Things?$filter=Datastreams/ObservedProperty/id eq 'air-temperature'"))).toEqual([
      'pont',
    ])
    const square = "geography'POLYGON((5 43.5,7 43.5,7 44.5,5 44.5,5 43.5))'"
    expect(ids(await ask(`/Locations?$filter=st_within(location,${square})`))).toEqual(['col'])
    // As QGIS asks.
    const ofPoints = "(location/type eq 'Point' or location/geometry/type eq 'Point')"
    const inside = "geo.intersects(location, geography'Polygon((5 43.5,7 43.5,7 44.5,5 44.5,5 43.5))')"
    const points = await ask(`/Locations?$top=0&$count=true&$filter=${ofPoints} and ${inside}`)
    expect(points).toEqual({ '@iot.count': 1, value: [] })
  })

  it('of Datastreams are chosen by when they have observations', async () => {
    const since = at(NOW - 2 * MINUTE)
    expect(ids(await ask(`/Datastreams?$filter=phenomenonTime ge ${since}&$orderby=resultTime`))).toEqual([
      'pont.meteo.air-temperature',
      'col.meteo.precipitation',
      'col.meteo.surface-condition',
    ])
  })

  it('are told with what they are linked to', async () => {
    const { value } = await ask(
      `/Things?$select=name&$expand=Locations($select=location),Datastreams($filter=unitOfMeasurement/symbol eq '°C';$select=id;$count=true;$expand=Observations($orderby=phenomenonTime desc;$top=2;$select=result),ObservedProperty/Datastreams)`,
    )
    const [col, pont] = value
    expect(col.name).toBe('col')
    expect(col.Locations).toEqual([{ location: { type: 'Point', coordinates: [6, 44] } }])
    expect(col['Datastreams@iot.count']).toBe(1)
    const [temperature] = col.Datastreams
    expect(temperature['@iot.id']).toBe(TEMPERATURE)
    expect(temperature.Observations).toEqual([{ result: -0.1 }, { result: -0.2 }])
    expect(ids({ value: temperature.ObservedProperty.Datastreams })).toEqual([TEMPERATURE])
    const next = temperature['Observations@iot.nextLink'].slice(`${base}${ROOT}`.length)
    expect(results(await ask(next))).toEqual([-0.3, -0.4])
    expect(pont.Datastreams[0].Observations).toEqual([{ result: 1.5 }])
    expect(await ask("/Things('col')?$expand=HistoricalLocations")).toMatchObject({ HistoricalLocations: [] })
  })
})

describe('observations', () => {
  it('come page by page, each once, in one order', async () => {
    const all = await follow('/Observations')
    expect([all.value.length, all.pages]).toEqual([254, 3])
    expect(new Set(ids(all)).size).toBe(254)
    const [first, , third] = ids(all)
    expect([first, third]).toEqual([
      `col.meteo.precipitation.${NOW - MINUTE}`,
      `${TEMPERATURE}.${NOW - 300 * HOUR}`,
    ])
    for (const order of ['phenomenonTime', 'resultTime desc', 'result', 'Datastream/id desc,result desc']) {
      const sorted = await follow(`/Observations?$orderby=${order}&$top=99`)
      expect([sorted.value.length, new Set(ids(sorted)).size], order).toEqual([254, 254])
    }
  })

  it('come in the order of their times, also over a long gap', async () => {
    const newest = await ask('/Observations?$orderby=phenomenonTime desc&$top=4')
    expect(ids(newest)).toEqual([
      ...[`col.meteo.precipitation.${NOW - MINUTE}`, `col.meteo.surface-condition.${NOW - MINUTE}`],
      ...[`${TEMPERATURE}.${NOW - MINUTE}`, `${TEMPERATURE}.${NOW - 2 * MINUTE}`],
    ])
    const own = stream(TEMPERATURE, '/Observations')
    expect(results(await ask(`${own}?$orderby=phenomenonTime&$top=2`))).toEqual([20, -25])
    expect(results(await ask(`${own}?$orderby=phenomenonTime desc&$skip=249`))).toEqual([-25, 20])
    const mean = await ask(`${own}?$orderby=result desc&$skip=1&$top=1`)
    expect(results(mean)).toEqual([-0.1])
  })

  it('are chosen by their time, their result and what they are linked to', async () => {
    const count = async (filter: string) =>
      (await ask(`/Observations?$top=0&$count=true&$filter=${encodeURIComponent(filter)}`))['@iot.count']
    expect(await count('true')).toBe(254)
    expect(await count(`phenomenonTime gt ${at(NOW - 2 * MINUTE)}`)).toBe(3)
    expect(await count(`phenomenonTime ge ${at(NOW - 2 * MINUTE)}`)).toBe(5)
    expect(await count(`phenomenonTime lt ${at(NOW - 10 * HOUR)}`)).toBe(1)
    expect(await count(`resultTime ge now() sub duration'PT1H' and Datastream/id eq '${TEMPERATURE}'`)).toBe(
      60,
    )
    expect(await count(`phenomenonTime ge ${at(NOW - 40 * DAY)} and phenomenonTime lt ${at(NOW)}`)).toBe(254)
    expect(
      await count(`phenomenonTime gt ${at(NOW - 301 * HOUR)} and phenomenonTime lt ${at(NOW - HOUR)}`),
    ).toBe(191)
    expect(await count("result eq 'ice'")).toBe(1)
    expect(await count('result lt -20 or result gt 10')).toBe(51)
    expect(await count("FeatureOfInterest/id eq 'pont'")).toBe(1)
    expect(await count("resultQuality/reason eq 'clock'")).toBe(1)
    expect(await count('minute(phenomenonTime) eq 0')).toBe(5)
  })

  it('are told as arrays', async () => {
    const page = await ask(
      '/Observations?$resultFormat=dataArray&$top=3&$count=true&$select=phenomenonTime,result',
    )
    const group = (id: string, ...dataArray: unknown[]) => ({
      'Datastream@iot.navigationLink': `${base}${ROOT}/Datastreams('${id}')`,
      ...{ components: ['phenomenonTime', 'result'], dataArray },
    })
    expect(page['@iot.count']).toBe(254)
    expect(page.value).toEqual([
      group('col.meteo.precipitation', [at(NOW - MINUTE), true]),
      group('col.meteo.surface-condition', [at(NOW - MINUTE), 'ice']),
      group(TEMPERATURE, [at(NOW - 300 * HOUR), 20]),
    ])
    const rest = await ask(page['@iot.nextLink'].slice(`${base}${ROOT}`.length))
    expect(rest.value).toEqual([group(TEMPERATURE, ...Array(3).fill(expect.anything()))])
    const all = await ask('/Observations?$resultFormat=dataArray&$top=9999')
    expect(all.value[2].dataArray).toHaveLength(251)
    expect(all.value[2].components).toEqual(['id', 'phenomenonTime', 'resultTime', 'result', 'resultQuality'])
  })
})

describe('what is wrong is named, with what is allowed', () => {
  it.each([
    ['/Things?$filter=colour eq 1', 400, '$filter', 'properties'],
    ['/Things?$filter=shout(name)', 400, '$filter', 'tolower'],
    ['/Things?$orderby=colour', 400, '$orderby', 'name'],
    ['/Things?$expand=Datastreams($select=colour)', 400, '$expand', 'unitOfMeasurement'],
    ['/Things?$top=many', 400, '$top', undefined],
    ['/Things?$count=1', 400, '$count', 'true'],
    ['/Things?$top=1&$top=2', 400, '$top', undefined],
    ['/Things?top=1', 400, 'top', '$top'],
    ["/Things('col')?$top=1", 400, '$top', '$expand'],
    ["/Things('col')/name?$select=name", 400, '$select', undefined],
    ['/Things?$resultFormat=dataArray', 400, '$resultFormat', 'dataArray'],
    ['/Observations?$resultFormat=csv', 400, '$resultFormat', 'dataArray'],
    ['/Observations?$resultFormat=dataArray&$expand=Datastream', 400, '$expand', undefined],
    ["/Things('col')/$ref?$top=1", 400, '$top', undefined],
    ['/Things?$skiptoken=a.1', 400, '$skiptoken', undefined],
    ['/Observations?$skiptoken=xyz', 400, '$skiptoken', undefined],
    ['/Things?$apply=aggregate(x)', 501, '$apply', '$filter'],
    ['/Things?$filter=Datastreams/Observations/result gt 1', 501, '$filter', undefined],
    [
      "/Things?$filter=st_within(geography'LINESTRING(0 0,1 1)',geography'LINESTRING(0 0,1 1)')",
      ...([501, '$filter', undefined] as const),
    ],
  ])('%s: %i', async (path, status, name, allowed) => {
    const response = await hub.get(ROOT + path)
    const { errors } = (await response.json()) as Json
    expect([response.status, errors[0].name]).toEqual([status, name])
    if (allowed) expect(errors[0].allowed).toContain(allowed)
  })

  it.each([
    '/Colours',
    "/Things('lune')",
    '/Things(1)',
    '/Things/name',
    "/Things('col'",
    "/Things('col')/a/b/c/d/e",
  ])('%s: 404', async path => {
    expect((await hub.get(ROOT + path)).status).toBe(404)
  })

  it('nothing is written', async () => {
    const response = await fetch(`${hub.url}${ROOT}/Things`, { method: 'POST' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, expect.stringContaining('GET')])
  })
})

describe.runIf(findPeer('checkers'))('the client of FROST', () => {
  it('reads things, their datastreams and observations', async () => {
    const before = base
    base = hub.url
    const read = await askPython<Json>('checkers', ['sensor_things.py'], {
      ...{ url: hub.url + ROOT, thing: 'col', datastream: TEMPERATURE },
      since: at(NOW - 3 * MINUTE),
    })
    base = before
    expect(read).toEqual({
      things: ['col', 'pont'],
      thing: { name: 'col', locations: [{ type: 'Point', coordinates: [6, 44] }] },
      datastreams: {
        [TEMPERATURE]: ['°C', 'surface-temperature', 'col.meteo', [-0.1]],
        'col.meteo.precipitation': [null, 'precipitation', 'col.meteo', [true]],
        'col.meteo.surface-condition': [null, 'surface-condition', 'col.meteo', ['ice']],
      },
      observations: { count: 251, all: 251, distinct: 251 },
      recent: [-0.1, -0.2],
    })
  })
})
