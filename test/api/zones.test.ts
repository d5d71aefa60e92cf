import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { zoneUse } from '../../api/energy/zone-use.ts'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import type { KeptPeriod } from '../../model/period.ts'
import type { Registry } from '../../registry/registry.ts'
import { type Hub, startHub } from './hub.ts'

const ZONE = 'Europe/Paris'

let plain: Hub
let hub: Hub
beforeAll(async () => {
  plain = await startHub()
  hub = await startHub({ registry: zoned(plain.registry) })
  await store('hour', '2026-09-01', '2026-11-22', 3)
  await store('month', '2021-01-01', '2026-11-01', 0)
  await store('day', '2026-08-01', '2026-11-01', 0)
})
afterAll(async () => {
  await hub.close()
  await plain.close()
})

/** All periods but the last so many. */
async function store(period: KeptPeriod, from: string, to: string, without: number) {
  const [start, end] = [startOfLocalDate(from, ZONE), startOfLocalDate(to, ZONE)]
  const missing = startOfLocalDate('2026-10-02', ZONE)
  const figures = periodsBetween(period, start, end, ZONE)
    .filter(hour => hour.start < missing || hour.start >= missing + without * 3_600_000)
    .map(each => ({ ...each, amount: 1, coveredMs: 1, readings: 1 }))
  await hub.figures.replace('college-elec', period, start, end, figures)
}

/** The college has a zone with a meter and one without; its second meter belongs to none. */
function zoned(registry: Registry): Registry {
  const meter = registry.meters.get('college-elec')!
  const monthly = [9, 9, 9, 9, 9, 9, 9, 0.31, 0.3, 0.25, 9, 9]
  const reference = { meter: 'college-elec', source: 'Audit 2024', monthly, tolerance: 20 }
  const zones = [
    { id: 'classes', name: 'Salles de classe', meters: ['college-elec'], references: [reference] },
    { id: 'cuisine', name: 'Cuisine', meters: [], references: [] },
  ]
  return {
    ...registry,
    sites: new Map([...registry.sites, ['college', { ...registry.sites.get('college')!, zones }]]),
    meters: new Map([...registry.meters, ['college-gaz', { ...meter, id: 'college-gaz' }]]),
  }
}

it('tells by zone which hours and months have a figure, and what is missing', async () => {
  const { buildings } = await hub.json('/v1/energy/zones?site=college')
  expect(buildings).toEqual([
    {
      site: 'college',
      name: "Collège d'essai",
      zones: [
        {
          zone: 'classes',
          name: 'Salles de classe',
          meters: [
            {
              meter: 'college-elec',
              fluid: 'electricite',
              // October has an hour more.
              hours: {
                from: '2026-10-01T00:00:00+02:00',
                to: '2026-11-01T00:00:00+01:00',
                known: 742,
                of: 745,
              },
              months: {
                from: '2021-11-01T00:00:00+01:00',
                to: '2026-11-01T00:00:00+01:00',
                known: 60,
                of: 60,
              },
              drift: {
                month: '2026-10',
                unit: 'kW.h',
                unitLabel: 'kWh',
                amount: 0.31,
                reference: 0.25,
                source: 'Audit 2024',
                percent: 24,
                beyond: true,
              },
            },
          ],
        },
        { zone: 'cuisine', name: 'Cuisine', meters: [] },
      ],
      withoutZone: ['college-gaz'],
      missing: ['zone-without-meters', 'meters-without-zone', 'hours-missing'],
    },
  ])
})

it('the hours of a year do not ask the calendar one by one: it holds up all that wait', async () => {
  const [start, end] = [startOfLocalDate('2026-01-01', ZONE), startOfLocalDate('2027-01-01', ZONE)]
  const meter = hub.registry.meters.get('college-elec')!
  const asked = vi.spyOn(Temporal.Instant, 'fromEpochMilliseconds')
  const hours = await zoneUse(hub.figures, meter, 'hour', { start, end }, ZONE)
  expect(asked.mock.calls.length).toBeLessThan(100)
  asked.mockRestore()
  expect(hours).toHaveLength(365 * 24)
  const known = hours.filter(({ amount }) => amount !== undefined)
  expect([known[0]!.start, known.at(-1)!.end]).toEqual([
    startOfLocalDate('2026-09-01', ZONE),
    startOfLocalDate('2026-11-22', ZONE),
  ])
})

it('a building without zones says so, and a site that is not there is refused', async () => {
  const { buildings } = await hub.json('/v1/energy/zones')
  expect(buildings[1]).toMatchObject({ site: 'gymnase', zones: [], missing: ['no-zones'] })
  expect((await hub.get('/v1/energy/zones?site=mairie')).status).toBe(400)
})

const file = async (path: string) => {
  const response = await hub.get(path, { authorization: `Bearer ${hub.token}` })
  expect(response.status).toBe(200)
  return (await response.text()).trimEnd().split('\r\n')
}

it('gives inspectors what each zone used by month, exactly, against its reference, and what is not known as nothing', async () => {
  expect((await hub.get('/v1/energy/zones/college/figures.csv')).status).toBe(401)
  const [header, ...lines] = await file('/v1/energy/zones/college/figures.csv?from=2026-07-01&to=2026-11-01')
  expect(header).toBe(
    'batiment;nom_batiment;zone;nom_zone;compteur;fluide;debut;fin;quantite;unite;couverture;reference;ecart_pct;source_reference',
  )
  const start = "college;Collège d'essai;classes;Salles de classe;college-elec;electricite"
  expect(lines).toEqual([
    `${start};2026-07-01T00:00:00+02:00;2026-08-01T00:00:00+02:00;;kW.h;0.0000;;;Audit 2024`,
    `${start};2026-08-01T00:00:00+02:00;2026-09-01T00:00:00+02:00;0.31;kW.h;0.0000;0.31;0.0;Audit 2024`,
    `${start};2026-09-01T00:00:00+02:00;2026-10-01T00:00:00+02:00;0.3;kW.h;0.0000;0.3;0.0;Audit 2024`,
    `${start};2026-10-01T00:00:00+02:00;2026-11-01T00:00:00+01:00;0.31;kW.h;0.0000;0.25;24.0;Audit 2024`,
  ])
})

it('gives operators the hours of a day of 25, those without a figure empty', async () => {
  const [, ...lines] = await file(
    '/v1/energy/zones/college/figures.csv?by=hour&from=2026-10-25&to=2026-10-26',
  )
  expect(lines).toHaveLength(25)
  expect(lines[2]).toContain(
    'T02:00:00+02:00;2026-10-25T02:00:00+01:00;0.01;kW.h;0.0000;;;'.replace('T02', '2026-10-25T02'),
  )
  const missing = await file('/v1/energy/zones/college/figures.csv?by=hour&from=2026-10-02&to=2026-10-03')
  expect(missing.slice(1).map(line => line.split(';')[8])).toEqual([
    ...Array(3).fill(''),
    ...Array(21).fill('0.01'),
  ])
  const wrong = await hub.get('/v1/energy/zones/mairie/figures.csv', { authorization: `Bearer ${hub.token}` })
  expect(wrong.status).toBe(400)
})
