import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openQuarantine } from '../../store/quarantine/quarantine-store.ts'
import { systemClock } from '../bus/fixtures.ts'
import { ask } from './ask.ts'
import { READY, runAffluent, startAffluent } from './command-line.ts'
import { INDEX, makeSmallTerritory, TEMPERATURE } from './small-territory.ts'
import { until } from './until.ts'

let place: Awaited<ReturnType<typeof makeSmallTerritory>>
beforeAll(async () => {
  place = await makeSmallTerritory()
})
afterAll(() => place.remove())

const TIME = Date.UTC(2026, 10, 22, 8)
const quarantine = (...args: string[]) => runAffluent(['quarantine', ...args, ...place.flags])

it('affluent quarantine lists and replays, beside a hub that runs and without one', async () => {
  const hub = await startAffluent(['start', ...place.startFlags], READY)
  const url = hub.match[1]!
  const kept = await openQuarantine({
    folder: `${place.data}/quarantine`,
    maxBytes: 2 ** 30,
    maxAge: Infinity,
    clock: systemClock,
  })
  const reading = { point: TEMPERATURE, time: TIME, value: 7, quality: 'good', gatewayTime: TIME }
  const of = { kind: 'refused', reason: 'disk \x1b[2Jfull', time: TIME, sender: 'gw' } as const
  const numbers = { stream: 'measures', run: 'old', first: 1, last: 1 } as const
  await kept.append([
    { ...of, ...numbers, payload: reading },
    { ...of, ...numbers, first: 2, last: 2, payload: { ...reading, time: TIME + 1000 } },
    {
      kind: 'malformed',
      reason: 'not JSON',
      time: TIME,
      sender: 'gw',
      topic: 'affluent/v1/gw/readings',
      payload: '{',
    },
  ])
  kept.close()

  const listed = await quarantine('list', '--kind', 'refused', '--since', '2026-11-22')
  expect(listed.out).toContain('2 × refused of gw, 2026-11-22T08:00:00.000Z to')
  expect(listed.out).toContain('#1 2026-11-22T08:00:00.000Z refused of gw: disk ·[2Jfull\n    {"point"')
  expect(listed.out).not.toContain('malformed')
  expect(await quarantine('replay', '--id', '1')).toMatchObject({ code: 0, out: '1 item is stored now.\n' })
  const stored = () =>
    ask(`${url}/v1/points/${TEMPERATURE}/readings?from=2026-11-22T08:00:00Z&to=2026-11-22T09:00:00Z`)
  expect((await stored()).readings).toMatchObject([{ value: 7 }])
  await hub.stop('SIGTERM')

  const { code, out } = await quarantine('replay')
  expect(code).toBe(1)
  expect(out).toMatch(/^1 item is stored now\.\n1 kept, such as #3: not JSON/)
  expect((await quarantine('replay', '--id', '2')).out).toBe('0 items are stored now.\n')
})

it('a point whose unit is changed under its id keeps what is stored, and new readings are set aside', async () => {
  const other = await makeSmallTerritory()
  const hub = await startAffluent(['start', ...other.startFlags], READY)
  const latest = `${hub.match[1]}/v1/points/${INDEX}/readings?limit=1`
  await until(
    () => ask(latest),
    ({ readings }) => readings.length > 0,
  )
  await hub.stop('SIGTERM')
  const territory = await readFile(other.at('territory.yaml'), 'utf8')
  await writeFile(other.at('territory.yaml'), territory.replace('unit: kW.h', 'unit: MW.h'))

  const checked = await runAffluent(['check', ...other.flags])
  expect(checked.err).toMatch(/^warning: college\/electricite\/index was in kW\.h and is in MW\.h now/)
  const again = await startAffluent(['start', ...other.startFlags], READY)
  expect(again.err()).toContain('readings are set aside: college/electricite/index was in kW.h')
  const metrics = await (await fetch(`${again.match[1]}/metrics`)).text()
  expect(metrics).toContain('affluent_ingest_refused_points 1\n')
  await until(
    () => runAffluent(['quarantine', 'list', '--kind', 'rejected', ...other.flags]),
    ({ out }) => /rejected of gw, .* was in kW\.h/.test(out),
  )
  await again.stop('SIGTERM')
  expect((await runAffluent(['accept-unit', INDEX, ...other.flags])).out).toMatch(/is in MW\.h\./)
  expect((await runAffluent(['quarantine', 'replay', ...other.flags])).out).toMatch(
    /^\d+ items? (?:is|are) stored now\.\n$/,
  )
  await other.remove()
})
