import { QUANTITIES } from '../../model/quantity.ts'
import type { Meter, Point, ReadMeter, Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'

/** A building of a made-up territory. */
export function building(id: string, more: Partial<Site> = {}): Site {
  return {
    id,
    name: id,
    kind: 'building',
    position: { lat: 46.6, lon: 2.4 },
    commune: '18033',
    openData: true,
    ...more,
  }
}

/** An electricity meter in kWh with one decimal, read every ten minutes. */
export function meter(
  id: string,
  site: string,
  more: Partial<ReadMeter> & { interval?: number } = {},
): ReadMeter {
  const { interval = 600_000, ...fields } = more
  const unit = fields.unit ?? 'kW.h'
  const point: Point = {
    id: `${site}/${id}/index`,
    name: 'index',
    site,
    device: id,
    gateway: 'gateway',
    connection: 'line',
    label: { fr: 'Index', en: 'Index' },
    quantityName: 'electricity-index',
    quantity: QUANTITIES['electricity-index'],
    unit,
    interval,
    dueWithin: interval,
    source: { driver: 'opcua', opcua: { node: 'ns=1;s=index', scale: 1, offset: 0 } },
  }
  return {
    id,
    point,
    site,
    fluid: 'electricite',
    unit,
    resolution: 0.1,
    stepsPerUnit: 10,
    replacements: [],
    conversions: [],
    direction: 'import',
    nightUse: 0,
    heating: false,
    cooling: false,
    allocations: [],
    ...fields,
  }
}

export function registry(sites: Site[], meters: Meter[], timeZone = 'Europe/Paris'): Registry {
  return {
    territory: {
      id: 'test',
      name: { fr: 'Département de la Brenne', en: 'Brenne' },
      timeZone,
      language: 'fr',
      publicHolidays: 'france',
      schoolHolidays: [],
      openDataBasis: {},
      refusedData: [],
      emissionFactors: [],
      publisher: {
        name: 'Département de la Brenne',
        url: 'https://brenne.example',
        email: 'donnees@brenne.example',
      },
      outline: [
        [
          [2, 46],
          [3, 46],
          [3, 47],
          [2, 46],
        ],
      ],
    },
    sites: new Map(sites.map(site => [site.id, site])),
    gateways: new Map(),
    warnings: [],
    points: new Map(meters.flatMap(({ point }) => (point ? [[point.id, point]] : []))),
    meters: new Map(meters.map(entry => [entry.id, entry])),
    tariffs: new Map(),
    rules: new Map(),
    channels: new Map(),
    people: new Map(),
    teams: new Map(),
    rotas: new Map(),
    routes: [],
    outOfService: [],
    circuits: new Map(),
    forecasts: new Map(),
    hash: '',
    gatewayParts: new Map(),
  }
}
