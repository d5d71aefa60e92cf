import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it, test } from 'vitest'
import { openConditions } from '../../api/datex2/situations.ts'
import { measuredDataPublication, siteTablePublication } from '../../api/datex2/stations.ts'
import { measuredDataPublication2, siteTablePublication2 } from '../../api/datex2/version-2.ts'
import { WEATHER_DATA } from '../../api/datex2/weather-data.ts'
import { el, writeXml } from '../../api/datex2/xml.ts'
import { latestOf } from '../../api/readings/latest.ts'
import type { Value } from '../../model/reading.ts'
import { ROAD_WEATHER_QUANTITIES } from '../../model/road-weather.ts'
import type { WinterRecord } from '../../model/winter-service.ts'
import { openStations } from '../../registry/open-roads.ts'
import { findPeer, peerProgram } from '../peers/cache.ts'
import { roadRegistry } from '../rules/road-station.ts'
import { MINUTE, NOW, reading } from './hub.ts'
import { startWinterHub } from './winter-hub.ts'

/** Not the project's: the tests look at it where it lies beside the clone. */
const SCHEMA = fileURLToPath(
  new URL('../../../shared/checkers/datex2-3.5/DATEXII_3_D2Payload.xsd', import.meta.url),
)
const VALUES: Record<string, Value> = {
  'surface-condition': 'frost',
  precipitation: true,
  'precipitation-type': 'freezing-rain',
  'wind-direction': 359.7,
  visibility: 149.6,
}

async function publications(unknown: readonly string[] = []) {
  const registry = await roadRegistry(
    [
      { site: 'col', lat: 44, quantities: [...ROAD_WEATHER_QUANTITIES, 'fault'], openData: true },
      { site: 'depot', lat: 46, quantities: ['air-temperature'] },
    ],
    [],
  )
  const stations = openStations(registry)
  const points = stations.flatMap(station => station.points)
  const latest = points.map(point => {
    const value = VALUES[point.quantityName] ?? -1.5
    const time = NOW - (unknown.includes(point.name) ? 60 : 1) * MINUTE
    return [point.id, latestOf(point, reading(point.id, time, value), NOW)] as const
  })
  const at = { territory: registry.territory, now: NOW }
  return {
    sites: writeXml(siteTablePublication(stations, at)),
    measured: writeXml(measuredDataPublication(stations, new Map(latest), at)),
    sites2: writeXml(siteTablePublication2(stations, at)),
    measured2: writeXml(measuredDataPublication2(stations, new Map(latest), at)),
  }
}

test.runIf(existsSync(SCHEMA) && findPeer('lxml'))(
  'what the stations say is as the schema of DATEX II 3.5 has it, by lxml',
  async () => {
    const known = await publications()
    const silent = await publications(ROAD_WEATHER_QUANTITIES)
    const documents = [known.sites, known.measured, silent.measured]
    const misplaced = known.measured.replace(
      /(<roa:physicalQuantity index="1">.*<\/roa:physicalQuantity>)(<roa:measurementTimeDefault>.*<\/roa:measurementTimeDefault>)/,
      '$2$1',
    )
    const script = fileURLToPath(new URL('../peers/python/validate_xml.py', import.meta.url))
    const input = JSON.stringify([...documents, misplaced])
    const errors = JSON.parse(
      execFileSync(peerProgram('lxml'), [script, SCHEMA], { input, encoding: 'utf8' }),
    )
    expect(errors.slice(0, 3)).toEqual([[], [], []])
    // The check is not asleep.
    expect(errors[3]).not.toEqual([])
  },
)

it('what is not known has no value, but a fault with the time of what was said last', async () => {
  const { measured } = await publications(['air-temperature', 'surface-condition'])
  const quantity = (index: number) =>
    new RegExp(
      `<roa:physicalQuantity index="${index}">(.*?)</roa:physicalQuantity></roa:physicalQuantity>`,
    ).exec(measured)![1]
  expect(quantity(1)).toContain('<com:faultLastUpdateTime>2026-11-22T10:00:00.000Z</com:faultLastUpdateTime>')
  expect(quantity(1)).toContain('noDataValuesAvailable')
  expect(quantity(1)).not.toContain('-1.5')
  expect(quantity(2)).toContain('<com:roadSurfaceTemperature><com:temperature>-1.5</com:temperature>')
  expect(quantity(2)).toContain('<roa:timeValue>2026-11-22T10:59:00.000Z</roa:timeValue>')
  // Of the direction of the wind, north is 0 and never 360.
  expect(measured).toContain('<com:directionBearing>0</com:directionBearing>')
  expect(measured).not.toContain('depot')
})

it('a reference names the version of the table and of the station that it means', async () => {
  const { sites, measured } = await publications()
  const versions = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(match => match[1])
  const published = versions(sites, /<roa:measurementSite(?:Table)? id="[^"]*" version="(\w{12})"/g)
  expect(published).toHaveLength(2)
  expect(versions(measured, /Reference targetClass="[^"]*" id="[^"]*" version="(\w{12})"/g)).toEqual(
    published,
  )
})

it('2.3 tells the same in its own order, words and units', async () => {
  const { sites2, measured2 } = await publications(['air-temperature'])
  expect(measured2).toMatch(
    /^<\?xml[^>]*>\n<d2LogicalModel xmlns="http:\/\/datex2.eu\/schema\/2\/2_0" [^>]*modelBaseVersion="2"><exchange>/,
  )
  expect(measured2).toContain('<payloadPublication xsi:type="MeasuredDataPublication" lang="fr">')
  // Nothing but xmlns and xsi has a prefix.
  expect(measured2.replace(/ xmlns:xsi="[^"]*"| xsi:type=/g, '')).not.toMatch(/<\/?\w+:|="\w+:\w/)
  expect(measured2).toMatch(
    /<measurementSiteReference [^>]*\/><measurementTimeDefault>2026-11-22T10:59:00.000Z<\/measurementTimeDefault><measuredValue index="1">/,
  )
  const [first] = /<measuredValue index="1">.*?<\/measuredValue><\/measuredValue>/.exec(measured2)!
  expect(first).toContain('<faultLastUpdateTime>2026-11-22T10:00:00.000Z</faultLastUpdateTime>')
  expect(first).not.toContain('basicData')
  expect(measured2).toContain('<windSpeed><speed>-5.4</speed></windSpeed>')
  expect(measured2).toContain('<weatherRelatedRoadConditionType>slipperyRoad<')
  for (const text of [sites2, measured2]) expect(text).not.toContain('ressure')
  // One index fewer than in 3.5, and both name the same ones.
  const indexes = (text: string) => text.match(/ index="\d+"/g)
  expect(indexes(measured2)).toHaveLength(ROAD_WEATHER_QUANTITIES.length - 1)
  expect(indexes(sites2)).toEqual(indexes(measured2))
})

it('visibility is told in metres, whatever a station measures it in', () => {
  const told = (value: number, unit: 'm' | 'km') => writeXml(WEATHER_DATA.visibility.write(value, unit)![0]!)
  expect(told(149.6, 'm')).toContain('<com:integerMetreDistance>150<')
  expect(told(1.5, 'km')).toContain('<com:integerMetreDistance>1500<')
})

it('text is escaped, and what XML cannot hold is left out', () => {
  const text = 'a < b & "c"\u0000\ud800 > d\n'
  expect(writeXml(el('a', text, { b: text }))).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<a b="a &lt; b &amp; &quot;c&quot;\ufffd &gt; d&#10;">a &lt; b &amp; &quot;c&quot;\ufffd &gt; d&#10;</a>\n',
  )
})

const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`
const condition = (n: number, time: string, more: object = {}) => ({
  ...{ id: id(n), kind: 'condition', time, circuit: 'circuit-du-col', section: 'montee' },
  ...{ condition: 'C3', phenomenon: 'ice', remark: 'Appelez Jean au 06' },
  ...more,
})

it('of what was recorded of a section the newest holds, in whatever order, and nothing that has not come yet', () => {
  const section = { id: 'montee', road: 'D 907', fromPk: '24+0', toPk: '31+850' }
  const circuits = new Map([
    ['circuit-du-col', { id: 'circuit-du-col', openData: true, sections: [section] }],
  ])
  const record = (n: number, time: string) =>
    [
      { event: { ...condition(n, time), time: Date.parse(time) }, seal: { position: n } },
    ] as unknown as WinterRecord
  const records = [
    record(1, '2026-11-22T02:00:00Z'),
    record(2, '2026-11-22T03:00:00Z'),
    record(3, '2026-11-22T05:00:00Z'),
  ]
  const held = (all: readonly WinterRecord[]) =>
    openConditions({ circuits } as never, all, Date.parse('2026-11-22T04:00:00Z')).map(({ record }) => record)
  expect(held(records)).toEqual([records[1]])
  expect(held(records.toReversed())).toEqual([records[1]])
})

it('driving conditions are those that hold after all corrections, of open circuits, for twelve hours', async () => {
  const hub = await startWinterHub('2026-11-22T03:00:00Z')
  const read = async () => (await hub.get('/datex2/situations.xml')).text()
  const conditions = async () =>
    [...(await read()).matchAll(/drivingConditionType>(\w+)</g)].map(match => match[1])
  try {
    expect(await conditions()).toEqual([])
    // An alert of a rule is no state of a road.
    hub.tell('fired', 'col', '2026-11-22T02:00:00Z')
    expect(await conditions()).toEqual([])

    await hub.send(condition(1, '2026-11-22T02:30:00Z'))
    await hub.send(condition(2, '2026-11-22T02:40:00Z', { circuit: 'circuit-du-pont', section: 'pont' }))
    await hub.send(condition(3, '2026-11-22T02:00:00Z', { condition: 'C1', phenomenon: 'none' }))
    // Of two of the same time, what was recorded last.
    await hub.send(condition(7, '2026-11-22T02:00:00Z', { section: 'vallee', condition: 'C4' }))
    await hub.send(condition(4, '2026-11-22T02:00:00Z', { section: 'vallee', condition: 'C2' }))
    expect(await conditions()).toEqual(['hazardous', 'passableWithCare'])
    const text = await read()
    expect(text).toContain(`xsi:type="sit:WeatherRelatedRoadConditions" id="${id(1)}" version="1"`)
    expect(text).toContain('<com:overallStartTime>2026-11-22T02:30:00.000Z</com:overallStartTime>')
    expect(text).toContain('<com:overallEndTime>2026-11-22T14:30:00.000Z</com:overallEndTime>')
    expect(text).toContain(
      '<loc:distanceAlong>850</loc:distanceAlong><loc:fromReferent><loc:referentIdentifier>31</loc:referentIdentifier>',
    )
    const inVersion2 = await (await hub.get('/datex2/2.3/situations.xml')).text()
    expect(inVersion2).toContain('<drivingConditionType>hazardous</drivingConditionType>')
    expect(inVersion2).toContain('<groupOfLocations xsi:type="Linear"><linearWithinLinearElement>')
    for (const hidden of ['Jean', 'patrouilleur']) expect(inVersion2).not.toContain(hidden)
    for (const hidden of ['Jean', 'patrouilleur', 'pont', 'Verglas']) expect(text).not.toContain(hidden)

    // Corrected, then withdrawn: what was recorded before holds again.
    const correction = { kind: 'correction', time: '2026-11-22T02:50:00Z', reason: 'Erreur' }
    const { id: _, ...replacement } = condition(5, '2026-11-22T02:30:00Z', { condition: 'C4' })
    await hub.send({ ...correction, id: id(5), corrects: id(1), replacement })
    expect(await conditions()).toEqual(['impossible', 'passableWithCare'])
    expect(await read()).toContain(`id="${id(1)}" version="2"`)
    await hub.send({ ...correction, id: id(6), corrects: id(5) })
    expect(await conditions()).toEqual(['normal', 'passableWithCare'])

    hub.at('2026-11-22T14:00:00Z')
    expect(await conditions()).toEqual([])
    // A station without a sensor of the weather is no publication of DATEX II.
    expect((await hub.get('/datex2/measured.xml')).status).toBe(404)
  } finally {
    await hub.close()
  }
})
