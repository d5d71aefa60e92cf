import type { RoadWeatherQuantity } from '../../model/road-weather.ts'
import type { OpenStation, RoadWeatherPoint } from '../../registry/open-roads.ts'
import { instant } from '../fields.ts'
import type { Latest } from '../readings/latest.ts'
import { headerInformation, multilingual } from './payload.ts'
import { DRIVING, describeSection, type OpenCondition, ROAD_CONDITIONS, VALID_MS } from './situations.ts'
import { capital, defaultTime, type PublicationTime, siteVersion, tableId, tableVersion } from './stations.ts'
import { WEATHER_DATA, type WeatherData } from './weather-data.ts'
import { el, type XmlContent, type XmlElement } from './xml.ts'

/**
 * The same in DATEX II 2.3, which the French guides are for: one namespace, the default time before the values, wind in
 * km/h, fewer words for the surface, and no air pressure. After DATEXIISchema_2_2_3.xsd, as tmfg/digitraffic-road has it.
 */
export function siteTablePublication2(stations: readonly OpenStation[], at: PublicationTime): XmlElement {
  const { territory } = at
  return logicalModel('MeasurementSiteTablePublication', at, [
    headerInformation('headerInformation'),
    el(
      'measurementSiteTable',
      stations.map(station =>
        el('measurementSiteRecord', describeSite(station, at), {
          id: station.site.id,
          version: siteVersion(station, territory),
        }),
      ),
      { id: tableId(territory), version: tableVersion(stations, territory) },
    ),
  ])
}

/** @param latest of each point, by id */
export function measuredDataPublication2(
  stations: readonly OpenStation[],
  latest: ReadonlyMap<string, Latest>,
  at: PublicationTime,
): XmlElement {
  const { territory, now } = at
  return logicalModel('MeasuredDataPublication', at, [
    el('measurementSiteTableReference', [], {
      targetClass: 'MeasurementSiteTable',
      id: tableId(territory),
      version: tableVersion(stations, territory),
    }),
    headerInformation('headerInformation'),
    ...stations.map(station =>
      el('siteMeasurements', [
        el('measurementSiteReference', [], {
          targetClass: 'MeasurementSiteRecord',
          id: station.site.id,
          version: siteVersion(station, territory),
        }),
        el('measurementTimeDefault', defaultTime(station, latest, now)),
        ...toldIn2(station).map(({ point, data }, index) =>
          el('measuredValue', el('measuredValue', describeValue(point, data, latest.get(point.id)!, now)), {
            index: String(index + 1),
          }),
        ),
      ]),
    ),
  ])
}

export function situationPublication2(conditions: readonly OpenCondition[], at: PublicationTime): XmlElement {
  return logicalModel(
    'SituationPublication',
    at,
    conditions.map(({ circuit, section, fact, record }) => {
      const [first, last] = [record[0]!.event, record.at(-1)!.event]
      const version = String(record.length)
      const content = [
        el('situationRecordCreationTime', instant(first.received)),
        el('situationRecordObservationTime', instant(fact.time)),
        el('situationRecordVersionTime', instant(last.received)),
        el('probabilityOfOccurrence', 'certain'),
        el('validity', [
          el('validityStatus', 'definedByValidityTimeSpec'),
          el('validityTimeSpecification', [
            el('overallStartTime', instant(fact.time)),
            el('overallEndTime', instant(fact.time + VALID_MS)),
          ]),
        ]),
        el('groupOfLocations', describeSection(section), { 'xsi:type': 'Linear' }),
        el('drivingConditionType', DRIVING[fact.condition]),
        el('weatherRelatedRoadConditionType', wordIn2(ROAD_CONDITIONS[fact.phenomenon])),
      ]
      const type = { 'xsi:type': 'WeatherRelatedRoadConditions', id: first.id, version }
      return el('situation', [headerInformation('headerInformation'), el('situationRecord', content, type)], {
        id: `${circuit.id}.${section.id}`,
        version,
      })
    }),
  )
}

function logicalModel(
  type: string,
  { territory, now }: PublicationTime,
  content: readonly XmlContent[],
): XmlElement {
  const supplier = [el('country', 'fr'), el('nationalIdentifier', territory.id)]
  const publication = el(
    'payloadPublication',
    [el('publicationTime', instant(now)), el('publicationCreator', supplier), ...content],
    { 'xsi:type': type, lang: territory.language },
  )
  return withoutPrefixes(
    el('d2LogicalModel', [el('exchange', el('supplierIdentification', supplier)), publication], {
      xmlns: 'http://datex2.eu/schema/2/2_0',
      'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
      modelBaseVersion: '2',
    }),
  )
}

/** What is written with the namespaces of 3.5 has the same names in the one of 2.3. */
function withoutPrefixes({ name, attributes, content }: XmlElement): XmlElement {
  const local = (qualified: string) => qualified.slice(qualified.indexOf(':') + 1)
  const { 'xsi:type': type, ...others } = attributes
  return el(
    local(name),
    content.map(each => (typeof each === 'object' ? withoutPrefixes(each) : each)),
    type === undefined ? others : { 'xsi:type': local(type), ...others },
  )
}

function describeSite(station: OpenStation, { territory }: PublicationTime): XmlElement[] {
  const { site } = station
  return [
    multilingual('measurementSiteName', territory.language, site.name),
    ...toldIn2(station).map(({ point, data }, index) =>
      el(
        'measurementSpecificCharacteristics',
        el('measurementSpecificCharacteristics', [
          el('period', point.interval / 1000),
          el('specificMeasurementValueType', data.type),
        ]),
        { index: String(index + 1) },
      ),
    ),
    el(
      'measurementSiteLocation',
      el(
        'pointByCoordinates',
        el('pointCoordinates', [el('latitude', site.position.lat), el('longitude', site.position.lon)]),
      ),
      { 'xsi:type': 'Point' },
    ),
  ]
}

function describeValue(
  point: RoadWeatherPoint,
  { type, write }: WeatherData,
  { status, value, reading }: Latest,
  now: number,
): XmlElement {
  const data = status === 'current' ? write(value, point.unit) : undefined
  if (!data) {
    return el('measurementEquipmentFault', [
      el('faultLastUpdateTime', reading?.time ?? instant(now)),
      el('measurementEquipmentFault', 'noDataValuesAvailable'),
    ])
  }
  return el('basicData', [el('measurementOrCalculationTime', reading!.time), ...data], {
    'xsi:type': capital(type),
  })
}

/** The points of a station that 2.3 has a word for. */
function toldIn2({ points }: OpenStation): { point: RoadWeatherPoint; data: WeatherData }[] {
  return points
    .filter(({ quantityName }) => quantityName !== 'air-pressure')
    .map(point => ({ point, data: OTHERWISE_IN_2[point.quantityName] ?? WEATHER_DATA[point.quantityName] }))
}

const KMH_OF_MS = 3.6
const windIn2 = (name: string): WeatherData => ({
  type: 'windInformation',
  write: value =>
    typeof value === 'number' ? [el('wind', el(name, el('speed', rounded(value * KMH_OF_MS))))] : undefined,
})

const OTHERWISE_IN_2: Partial<Record<RoadWeatherQuantity, WeatherData>> = {
  'wind-speed': windIn2('windSpeed'),
  'wind-gust': windIn2('maximumWindSpeed'),
  'surface-condition': {
    type: 'roadSurfaceConditionInformation',
    write: (value, unit) =>
      WEATHER_DATA['surface-condition']
        .write(value, unit)
        ?.map(element => ({ ...element, content: element.content.map(wordIn2) })),
  },
  'precipitation-type': {
    type: 'precipitationInformation',
    write: (value, unit) =>
      value === 'none'
        ? [el('noPrecipitation', true)]
        : WEATHER_DATA['precipitation-type'].write(value, unit),
  },
}

/** 2.3 has no moist road, and calls a slippery one otherwise. */
function wordIn2<T extends XmlContent>(word: T): T | string {
  if (word === 'moist') return 'other'
  return word === 'slippery' ? 'slipperyRoad' : word
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
