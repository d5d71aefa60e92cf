import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import { type OpenStation, openStations } from '../../registry/open-roads.ts'
import type { Registry } from '../../registry/registry.ts'
import type { ReadingStore } from '../../store/readings.ts'
import type { RecordStore } from '../../store/records.ts'
import { Problem, problems } from '../problem.ts'
import { type Latest, readLatest } from '../readings/latest.ts'
import type { Server } from '../server.ts'
import { openConditions, situationPublication, VALID_MS } from './situations.ts'
import { measuredDataPublication, siteTablePublication } from './stations.ts'
import { measuredDataPublication2, siteTablePublication2, situationPublication2 } from './version-2.ts'
import { writeXml, type XmlElement } from './xml.ts'

export interface Datex2Routes {
  registry: Registry
  readings: ReadingStore
  records: Pick<RecordStore, 'winterRecords'>
  clock: Clock
}

const XML = 'application/xml'

/** The roads in DATEX II 3.5 and 2.3: where the stations are, what they say now, and the driving conditions of the sections. */
export function addDatex2Routes(server: Server, { registry, readings, records, clock }: Datex2Routes): void {
  const publications: {
    name: string
    summary: string
    read(): Promise<XmlElement>
    read2(): Promise<XmlElement>
  }[] = [
    {
      name: 'sites',
      summary: 'The road weather stations and what they measure (MeasurementSiteTablePublication)',
      read: async () => siteTablePublication(published(), at()),
      read2: async () => siteTablePublication2(published(), at()),
    },
    {
      name: 'measured',
      summary: 'What the road weather stations say now (MeasuredDataPublication)',
      read: async () => measuredDataPublication(...(await latest()), at()),
      read2: async () => measuredDataPublication2(...(await latest()), at()),
    },
    {
      name: 'situations',
      summary: 'The driving conditions that the winter service has recorded (SituationPublication)',
      read: async () => situationPublication(conditions(), at()),
      read2: async () => situationPublication2(conditions(), at()),
    },
  ]

  const at = () => ({ territory: registry.territory, now: clock.now() })

  /** A publication of DATEX II has at least one station. */
  const published = (): OpenStation[] => {
    const stations = openStations(registry).filter(({ points }) => points.length > 0)
    if (stations.length === 0) throw new Problem(404, 'No road station is published here.')
    return stations
  }

  const latest = async (): Promise<[OpenStation[], Map<string, Latest>]> => {
    const stations = published()
    const points = stations.flatMap(station => station.points)
    const found = await readLatest(readings, points, clock.now())
    return [stations, new Map(found.map(each => [each.point, each]))]
  }

  const conditions = () => {
    const now = clock.now()
    return openConditions(registry, records.winterRecords({ from: now - VALID_MS, to: now + 1 }), now)
  }

  const versions = publications.flatMap(({ name, summary, read, read2 }) => [
    { path: `/datex2/${name}.xml`, summary: `${summary}, in DATEX II 3.5`, read },
    { path: `/datex2/2.3/${name}.xml`, summary: `${summary}, in DATEX II 2.3`, read: read2 },
  ])
  for (const { path, summary, read } of versions) {
    server.get(
      path,
      {
        schema: {
          tags: ['datex2'],
          summary,
          response: { 200: { content: { [XML]: { schema: z.any() } } }, ...problems(400, 404, 503) },
        },
      },
      async (_, reply) =>
        reply
          .type(`${XML}; charset=utf-8`)
          .header('Cache-Control', 'public, max-age=30')
          .send(writeXml(await read())),
    )
  }
}
