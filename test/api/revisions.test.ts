import pino from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startFluids } from '../../fluids/fluids.ts'
import { type Hub, startHub } from './hub.ts'

const log = pino({ level: 'silent' })
let hub: Hub
beforeEach(async () => {
  hub = await startHub()
})
afterEach(() => hub.close())

it('tells what was told of a closed month, what is told now, and why', async () => {
  const invoice = { meter: 'college-elec', origin: 'invoice', form: 'amount', author: 'test' } as const
  const month = { start: Date.parse('2026-09-01T00:00+02:00'), end: Date.parse('2026-10-01T00:00+02:00') }
  hub.statements.add([{ ...invoice, ...month, value: 100 }], 1)
  const fluids = await startFluids({ ...hub, closeAfter: 86_400_000, log })
  await fluids.settled()
  hub.statements.add([{ ...invoice, ...month, value: 90.5 }], 2)
  fluids.restated('college-elec')
  await fluids.settled()
  await fluids.close()

  const asked = 'from=2026-09-01&to=2026-10-01'
  const { revisions } = await hub.json(`/v1/meters/college-elec/revisions?${asked}`)
  expect(revisions).toMatchObject([
    { start: '2026-09-01T00:00:00+02:00', number: 1, amount: 100, coverage: 1, reasons: ['closed'] },
    { number: 2, amount: 90.5, unitLabel: 'kWh', reasons: ['statements'] },
  ])
  const { meters } = await hub.json(`/v1/consumption?site=college&by=month&${asked}`)
  expect(meters[0].periods).toMatchObject([{ amount: 90.5, revision: 2 }])
  expect((await hub.get('/v1/meters/none/revisions')).status).toBe(404)
})
