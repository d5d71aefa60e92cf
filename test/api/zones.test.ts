import { afterAll, beforeAll, expect, it } from 'vitest'
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
  const zones = [
    { id: 'classes', name: 'Salles de classe', meters: ['college-elec'] },
    { id: 'cuisine', name: 'Cuisine', meters: [] },
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

it('a building without zones says so, and a site that is not there is refused', async () => {
  const { buildings } = await hub.json('/v1/energy/zones')
  expect(buildings[1]).toMatchObject({ site: 'gymnase', zones: [], missing: ['no-zones'] })
  expect((await hub.get('/v1/energy/zones?site=mairie')).status).toBe(400)
})
