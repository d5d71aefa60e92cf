import pino from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startFluids } from '../../fluids/fluids.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import { type Hub, MINUTE, reading, readJson, startHub } from './hub.ts'

const at = (text: string) => Date.parse(text)
const HOUR = at('2026-11-20T10:00:00Z')
const log = pino({ level: 'silent' })

let plain: Hub
let hub: Hub
let close: () => Promise<void>
beforeAll(async () => {
  plain = await startHub()
  const registry = withGas(plain.registry)
  let fluids: Awaited<ReturnType<typeof startFluids>> | undefined
  hub = await startHub({ registry, exclusions: async (...asked) => fluids?.exclusions(...asked) })
  const index = (minutes: number, value: number | null, ...quality: ['bad:timeout'] | []) =>
    reading('college/elec/index', HOUR + minutes * MINUTE, value, ...quality)
  await hub.store(
    index(-50, 999),
    index(-10, 1000),
    index(-5, null, 'bad:timeout'),
    index(10, 1001),
    index(20, 0),
    index(30, 1003),
    index(70, 1005),
    index(80, 1006),
  )
  const statement = { meter: 'college-elec', origin: 'hand', form: 'index', author: 'Mme Martin' } as const
  const noon = HOUR + 3 * HOUR_MS
  hub.statements.add([{ ...statement, start: noon, end: noon, value: 1010 }], HOUR)
  const { readings, figures, statements, revisions, clock } = hub
  const closeAfter = 10 * 24 * HOUR_MS
  fluids = await startFluids({ registry, readings, figures, statements, revisions, closeAfter, clock, log })
  close = fluids.close
  await fluids.settled()
})
afterAll(async () => {
  await close()
  await hub.close()
  await plain.close()
})

function withGas(registry: Registry): Registry {
  const elec = registry.meters.get('college-elec')!
  const gas: Meter = {
    ...elec,
    id: 'college-gaz',
    fluid: 'gaz',
    unit: 'm3',
    conversions: [{ kilowattHours: 11.28 }, { from: '2026-04-01', kilowattHours: 11.31 }],
  }
  const part: Meter = { ...elec, id: 'college-hc', within: [{ meter: 'college-elec' }] }
  const meters = [gas, part].map(({ point, ...meter }) => [meter.id, { ...meter, point: undefined }] as const)
  return { ...registry, meters: new Map<string, Meter>([...registry.meters, ...meters]) }
}

const traceOf = (meter: string, from: string, to: string) =>
  hub.json(`/v1/meters/${meter}/trace?from=${from}&to=${to}`)

it('leads from the figure of an hour to its readings, what was left out, and what counts for each site', async () => {
  const trace = await traceOf('college-elec', '2026-11-20T10:00:00Z', '2026-11-20T11:00:00Z')
  expect(trace).toMatchObject({
    meter: 'college-elec',
    point: 'college/elec/index',
    unitLabel: 'kWh',
    resolution: 0.01,
    converts: false,
    siteUnit: 'kW.h',
    within: null,
    less: [],
    from: '2026-11-20T10:00:00.000Z',
    next: null,
    revisions: [],
  })
  // From 1000 ten minutes before, 1 in twenty minutes; 2 in the next twenty; 2 in forty, of which thirty count.
  const [hour] = trace.hours
  expect(hour).toMatchObject({ steps: 400, amount: 4, readings: 3, stated: [], conversion: null })
  expect(hour.sites).toEqual([
    { site: 'college', share: 0.75, from: null, to: null, amount: 3 },
    { site: 'gymnase', share: 0.25, from: null, to: null, amount: 1 },
  ])
  expect(
    trace.readings.map(({ time, value, quality }: { time: string; value: number; quality: string }) => [
      (at(time) - HOUR) / MINUTE,
      value,
      quality,
    ]),
  ).toEqual([
    [-10, 1000, 'good'],
    [-5, null, 'bad:timeout'],
    [10, 1001, 'good'],
    [20, 0, 'good'],
    [30, 1003, 'good'],
    [70, 1005, 'good'],
  ])
  expect(trace.statements).toEqual([])
  expect(trace.leftOut).toEqual([{ time: '2026-11-20T10:20:00.000Z', value: 0, reason: 'spurious' }])
})

it('finds the reading before however far it lies, and tells what was stated', async () => {
  const trace = await traceOf('college-elec', '2026-11-20T12:00:00Z', '2026-11-20T13:00:00Z')
  // 1006 at 11:20, 1010 at 13:00: 4 kWh in 100 minutes.
  expect(trace.hours[0]).toMatchObject({
    steps: 240,
    readings: 0,
    stated: [{ origin: 'hand', amount: 2.4, share: 1, known: 'day' }],
  })
  expect(trace.readings).toMatchObject([{ time: '2026-11-20T11:20:00.000Z', value: 1006 }])
  expect(trace.statements).toMatchObject([
    { origin: 'hand', form: 'index', start: '2026-11-20T14:00:00+01:00', value: 1010 },
  ])
  expect(JSON.stringify(trace)).not.toContain('Martin')
  const later = await traceOf('college-elec', '2026-11-22T06:00:00Z', '2026-11-22T07:00:00Z')
  expect(later.hours[0]).toMatchObject({ steps: null, amount: null, coverage: 0 })
  expect(later.readings).toMatchObject([{ time: '2026-11-20T11:20:00.000Z', value: 1006 }])
})

it('converts by the coefficient of the day, and counts nothing twice', async () => {
  const [start, end] = [at('2026-11-20T10:00:00Z'), at('2026-11-20T11:00:00Z')]
  const figure = { start, end, amount: 200, coveredMs: end - start, readings: 6 }
  for (const meter of ['college-gaz', 'college-hc'])
    await hub.figures.replace(meter, 'hour', start, end, [figure])
  const gas = await traceOf('college-gaz', '2026-11-20T10:00:00Z', '2026-11-20T11:00:00Z')
  expect(gas).toMatchObject({ point: null, unitLabel: 'm³', converts: true, siteUnit: 'kW.h', readings: [] })
  expect(gas.hours[0]).toMatchObject({
    amount: 2,
    conversion: { from: '2026-04-01', kilowattHours: 11.31 },
    sites: [
      { site: 'college', amount: 16.965 },
      { site: 'gymnase', amount: 5.655 },
    ],
  })
  const part = await traceOf('college-hc', '2026-11-20T10:00:00Z', '2026-11-20T11:00:00Z')
  expect(part).toMatchObject({ within: 'college-elec', hours: [{ amount: 2, sites: [] }] })
})

it('names the revision of a closed month, and asks for no more than a day', async () => {
  const start = at('2026-09-30T22:00:00Z')
  const month = { meter: 'college-elec', start, end: at('2026-10-31T23:00:00Z'), unit: 'kW.h' } as const
  hub.revisions.add([{ ...month, number: 1, amount: '5', knownMs: 0, at: HOUR, reasons: ['closed'] }])
  const trace = await traceOf('college-elec', '2026-10-31T22:00:00Z', '2026-10-31T23:00:00Z')
  expect(trace.revisions).toMatchObject([
    { start: '2026-10-01T00:00:00+02:00', number: 1, reasons: ['closed'] },
  ])
  const day = await traceOf('college-elec', '2026-10-25', '2026-10-26')
  expect(day.hours).toHaveLength(25)
  const refused = await hub.get('/v1/meters/college-elec/trace?from=2026-10-25&to=2026-10-27')
  expect(await readJson(refused)).toMatchObject({ status: 400, errors: [{ name: 'from' }] })
  expect((await hub.get('/v1/meters/nulle-part/trace')).status).toBe(404)
})
