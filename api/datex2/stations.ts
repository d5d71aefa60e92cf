import { createHash } from 'node:crypto'
import type { OpenStation, RoadWeatherPoint } from '../../registry/open-roads.ts'
import type { Territory } from '../../registry/schema.ts'
import { instant } from '../fields.ts'
import type { Latest } from '../readings/latest.ts'
import { headerInformation, multilingual, payload } from './payload.ts'
import { WEATHER_DATA } from './weather-data.ts'
import { el, writeXml, type XmlElement } from './xml.ts'

/** Of a territory at an instant, ms UTC. */
export interface PublicationTime {
  territory: Territory
  now: number
}

/** The table of the stations: where they are, and what each index of theirs measures. */
export function siteTablePublication(stations: readonly OpenStation[], at: PublicationTime): XmlElement {
  return payload('roa:MeasurementSiteTablePublication', at, [
    headerInformation('roa:headerInformation'),
    el(
      'roa:measurementSiteTable',
      stations.map(station => el('roa:measurementSite', ...describeSite(station, at.territory))),
      { id: tableId(at.territory), version: tableVersion(stations, at.territory) },
    ),
  ])
}

/**
 * What the stations say now. What is not known has no value but a fault, with the time of what was said last. The
 * elements of a `siteMeasurements` stand in the order of 3.5: the quantities before the default time.
 * @param latest of each point, by id
 */
export function measuredDataPublication(
  stations: readonly OpenStation[],
  latest: ReadonlyMap<string, Latest>,
  at: PublicationTime,
): XmlElement {
  const { territory, now } = at
  return payload('roa:MeasuredDataPublication', at, [
    el('roa:measurementSiteTableReference', [], {
      targetClass: 'roa:MeasurementSiteTable',
      id: tableId(territory),
      version: tableVersion(stations, territory),
    }),
    headerInformation('roa:headerInformation'),
    ...stations.map(station =>
      el('roa:siteMeasurements', [
        el('roa:measurementSiteReference', [], {
          targetClass: 'roa:MeasurementSite',
          id: station.site.id,
          version: siteVersion(station, territory),
        }),
        ...station.points.map((point, index) => {
          const content = describeQuantity(point, latest.get(point.id)!, now)
          return el(
            'roa:physicalQuantity',
            el('roa:physicalQuantity', content, { 'xsi:type': 'roa:SinglePhysicalQuantity' }),
            { index: String(index + 1) },
          )
        }),
        el('roa:measurementTimeDefault', el('roa:timeValue', defaultTime(station, latest, now))),
      ]),
    ),
  ])
}

function describeQuantity(
  point: RoadWeatherPoint,
  { status, value, reading }: Latest,
  now: number,
): XmlElement {
  const { type, write } = WEATHER_DATA[point.quantityName]
  const data = status === 'current' ? write(value, point.unit) : undefined
  if (!data) {
    return el('roa:physicalQuantityFault', [
      el('com:faultLastUpdateTime', reading?.time ?? instant(now)),
      el('roa:physicalQuantityFaultType', 'noDataValuesAvailable'),
    ])
  }
  const time = el('roa:measurementOrCalculationTime', el('roa:timeValue', reading!.time))
  return el('roa:basicData', [time, ...data], { 'xsi:type': `roa:${capital(type)}` })
}

function describeSite(station: OpenStation, territory: Territory): [XmlElement[], Record<string, string>] {
  const { site } = station
  const content = siteContent(station, territory)
  return [content, { id: site.id, version: siteVersion(station, territory) }]
}

function siteContent({ site, points }: OpenStation, territory: Territory): XmlElement[] {
  return [
    multilingual('roa:measurementSiteName', territory.language, site.name),
    ...points.map((point, index) =>
      el(
        'roa:measurementSpecificCharacteristics',
        el('roa:measurementSpecificCharacteristics', [
          el('roa:period', point.interval / 1000),
          el('roa:specificMeasurementValueType', WEATHER_DATA[point.quantityName].type),
        ]),
        { index: String(index + 1) },
      ),
    ),
    el(
      'roa:measurementSiteLocation',
      el(
        'loc:pointByCoordinates',
        el('loc:pointCoordinates', [
          el('loc:latitude', site.position.lat),
          el('loc:longitude', site.position.lon),
        ]),
      ),
      { 'xsi:type': 'loc:PointLocation' },
    ),
  ]
}

/** The newest time that is known of a station, or else that of the publication. */
export function defaultTime(
  { points }: OpenStation,
  latest: ReadonlyMap<string, Latest>,
  now: number,
): string {
  const times = points
    .map(point => latest.get(point.id)!)
    .filter(({ status }) => status === 'current')
    .map(({ reading }) => reading!.time)
  return times.toSorted().at(-1) ?? instant(now)
}

export function tableId({ id }: Territory): string {
  return `${id}-road-weather`
}

export function siteVersion(station: OpenStation, territory: Territory): string {
  return versionOf(el('site', siteContent(station, territory)))
}

export function tableVersion(stations: readonly OpenStation[], territory: Territory): string {
  return versionOf(
    el(
      'table',
      stations.map(station => el(station.site.id, siteVersion(station, territory))),
    ),
  )
}

/** What is told otherwise has another version. */
function versionOf(element: XmlElement): string {
  return createHash('sha256').update(writeXml(element)).digest('hex').slice(0, 12)
}

export function capital(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1)
}
