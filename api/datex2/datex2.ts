import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import { type OpenStation, openStations } from '../../registry/open-roads.ts'
import type { Registry } from '../../registry/registry.ts'
import type { ReadingStore } from '../../store/readings.ts'
import type { RecordStore } from '../../store/records.ts'
import { Problem, problems } from '../problem.ts'
import { readLatest } from '../readings/latest.ts'
import type { Server } from '../server.ts'
import { openConditions, situationPublication, VALID_MS } from './situations.ts'
import { measuredDataPublication, siteTablePublication } from './stations.ts'
import { writeXml, type XmlElement } from './xml.ts'

export interface Datex2Routes {
  registry: Registry
  readings: ReadingStore
  records: Pick<RecordStore, 'winterRecords'>
  clock: Clock
}

const XML = 'application/xml'

/** The roads in DATEX II 3.5: where the stations are, what they say now, and the driving conditions of the sections. */
export function addDatex2Routes(server: Server, { registry, readings, records, clock }: Datex2Routes): void {
  const publications: { name: string; summary: string; read(): Promise<XmlElement> }[] = [
    {
      name: 'sites',
      summary: 'The road weather stations and what they measure (MeasurementSiteTablePublication)',
      read: async () => siteTablePublication(published(), at()),
    },
    {
      name: 'measured',
      summary: 'What the road weather stations say now (MeasuredDataPublication)',
      async read() {
        const stations = published()
        const points = stations.flatMap(station => station.points)
        const latest = await readLatest(readings, points, clock.now())
        return measuredDataPublication(stations, new Map(latest.map(each => [each.point, each])), at())
      },
    },
    {
      name: 'situations',
      summary: 'The driving conditions that the winter service has recorded (SituationPublication)',
      async read() {
        const now = clock.now()
        const found = records.winterRecords({ from: now - VALID_MS, to: now + 1 })
        return situationPublication(openConditions(registry, found, now), at())
      },
    },
  ]

  const at = () => ({ territory: registry.territory, now: clock.now() })

  /** A publication of DATEX II has at least one station. */
  const published = (): OpenStation[] => {
    const stations = openStations(registry).filter(({ points }) => points.length > 0)
    if (stations.length === 0) throw new Problem(404, 'No road station is published here.')
    return stations
  }

  for (const { name, summary, read } of publications) {
    server.get(
      `/datex2/${name}.xml`,
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
