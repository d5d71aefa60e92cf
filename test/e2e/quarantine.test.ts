import { afterAll, beforeAll, expect, it } from 'vitest'
import { openQuarantine } from '../../store/quarantine/quarantine-store.ts'
import { systemClock } from '../bus/fixtures.ts'
import { ask } from './ask.ts'
import { READY, runAffluent, startAffluent } from './command-line.ts'
import { makeSmallTerritory, TEMPERATURE } from './small-territory.ts'

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
