import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSiteConsumption } from '../../api/consumption/site-consumption.ts'
import { startFluids } from '../../fluids/fluids.ts'
import { startOfLocalDate } from '../../model/calendar.ts'
import { toColumns } from '../../model/reading.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { openFigureStore } from '../../store/figures/figure-store.ts'
import { openRevisionStore } from '../../store/revisions.ts'
import { openStatementStore } from '../../store/statements/statement-store.ts'
import { building, meter, registry } from './territory.ts'

const ZONE = 'Europe/Paris'
const log = pino({ level: 'silent' })
const clock = { now: () => startOfLocalDate('2026-06-01', ZONE), elapsed: () => 0 }
const electricity = meter('elec', 'college-a', { allocations: [{ site: 'college-a', share: 0.5 }] })
const territory = registry([building('college-a')], [electricity], ZONE)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-fluids-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function openStores() {
  const readings = await openEmbeddedReadingStore({
    file: join(folder, 'readings.duckdb'),
    timeZone: ZONE,
    log,
  })
  const figures = await openFigureStore({ file: join(folder, 'figures.duckdb'), log })
  const statements = openStatementStore({ file: join(folder, 'statements.sqlite') })
  const revisions = openRevisionStore({ file: join(folder, 'revisions.sqlite') })
  const closeAfter = 10 * 86_400_000
  const opened = { readings, figures, statements, revisions, closeAfter }
  const fluids = await startFluids({ registry: territory, ...opened, clock, log })
  return { ...opened, fluids, of: openSiteConsumption({ registry: territory, figures }) }
}

/** An index every ten minutes, a step of 0.1 kWh each, over local dates; the last one stands at midnight. */
function steady(from: string, to: string, first: number) {
  const start = startOfLocalDate(from, ZONE)
  const count = (startOfLocalDate(to, ZONE) - start) / 600_000
  const readings = Array.from({ length: count + 1 }, (_, n) => {
    const time = start + n * 600_000
    return {
      point: electricity.point.id,
      time,
      value: (first + n) / 10,
      quality: 'good',
      gatewayTime: time,
    } as const
  })
  return toColumns(readings)
}

it('figures follow the real stores: a month, a gap of two months, a late reading, a restart', async () => {
  const from = startOfLocalDate('2026-03-01', ZONE)
  const to = clock.now()
  const march = 31 * 144 - 6

  let hub = await openStores()
  await hub.readings.write(steady('2026-03-01', '2026-04-01', 0), [])
  hub.fluids.changed(electricity.point.id, from, startOfLocalDate('2026-04-01', ZONE))
  await hub.fluids.settled()
  const amounts = async () =>
    (await hub.of('college-a', 'month', from, to))[0]!.rows.map(({ amount }) => amount)
  expect(await amounts()).toEqual([String(march / 20), null, null])

  await hub.fluids.close()
  await hub.readings.write(steady('2026-05-31', '2026-06-01', march + 60 * 144), [])
  hub.fluids = await startFluids({ ...hub, registry: territory, clock, log })
  await hub.fluids.settled()
  expect(await amounts()).toEqual([String(march / 20), '216', '223.2'])

  const late = startOfLocalDate('2026-05-01', ZONE)
  await hub.readings.write(
    toColumns([
      {
        point: electricity.point.id,
        time: late,
        value: (march + 1440) / 10,
        quality: 'good',
        gatewayTime: late,
      },
    ]),
    [],
  )
  hub.fluids.changed(electricity.point.id, late, late)
  await hub.fluids.settled()
  const total = (march + 61 * 144) / 20
  expect(await amounts()).toEqual([
    String(march / 20),
    '72',
    String(Math.round((total - march / 20 - 72) * 10) / 10),
  ])

  const before = await hub.figures.allConsumption('hour', 0, to)
  await hub.fluids.close()
  await hub.readings.close()
  await hub.figures.close()
  hub.statements.close()
  hub.revisions.close()
  hub = await openStores()
  await hub.fluids.settled()
  expect(await hub.figures.allConsumption('hour', 0, to)).toEqual(before)

  const [march29] = (await hub.of('college-a', 'day', startOfLocalDate('2026-03-29', ZONE), late))[0]!.rows
  expect(march29).toMatchObject({ amount: '6.9', coverage: 1 })
  await hub.fluids.close()
  await hub.readings.close()
  await hub.figures.close()
  hub.statements.close()
  hub.revisions.close()
})
