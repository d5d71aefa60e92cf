import pino from 'pino'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { startFluids } from '../../fluids/fluids.ts'
import type { Meter } from '../../registry/registry.ts'
import { type Hub, readJson, startHub } from './hub.ts'

const log = pino({ level: 'silent' })
let hub: Hub
/** The meters whose figures are to be computed anew, in order. */
let restated: string[]
beforeEach(async () => {
  restated = []
  hub = await startHub({ restated: meter => restated.push(meter) })
})
afterEach(() => hub.close())

const PATH = '/v1/meters/college-elec/statements'
const account = () => ({ authorization: `Bearer ${hub.token}` })
const state = (body: object, path = PATH) =>
  hub.post(path, { ...account(), 'content-type': 'application/json' }, JSON.stringify(body))

it('keeps what was read by hand, with who said it, and counts it', async () => {
  const fluids = await startFluids({ ...hub, closeAfter: 86_400_000, log })
  for (const [at, index] of [
    ['2026-09-01', '1200,5'],
    ['2026-10-01', 1300.5],
  ])
    expect((await state({ origin: 'hand', at, index, source: 'Carnet de la loge' })).status).toBe(200)
  expect(restated).toEqual(['college-elec', 'college-elec'])
  for (const meter of restated) fluids.restated(meter)
  await fluids.settled()
  await fluids.close()

  const { statements } = await readJson(await hub.get(PATH, account()))
  expect(statements).toMatchObject([
    { origin: 'hand', start: '2026-10-01T00:00:00+02:00', value: 1300.5, author: 'tester', state: 'counts' },
    { value: 1200.5, counted: 1200.5, difference: 0, source: 'Carnet de la loge', ended: null },
  ])
  const asked = '/v1/consumption?site=college&by=month&from=2026-09-01&to=2026-10-01'
  const [month] = (await hub.json(asked)).meters[0].periods
  expect(month).toMatchObject({
    amount: 100,
    coverage: 1,
    readings: 0,
    stated: [{ origin: 'hand', amount: 100, share: 1, known: 'month' }],
  })
  const [day] = (await hub.json('/v1/consumption?site=college&by=day&from=2026-09-01&to=2026-09-02'))
    .meters[0].periods
  expect(day).toMatchObject({ coverage: 0, stated: [{ known: 'month' }] })

  // What was made of it says nothing any more.
  expect((await state({ reason: 'another meter' }, `${PATH}/${statements[0].id}/withdraw`)).status).toBe(204)
  const [taken] = (await readJson(await hub.get(PATH, account()))).statements
  expect(taken).toMatchObject({ id: statements[0].id, state: null, counted: null })
})

it('takes a statement back with its reason, and keeps it', async () => {
  await state({ origin: 'invoice', from: '2026-09-01', to: '2026-10-01', amount: '120', unit: 'kWh' })
  const listed = async () => (await readJson(await hub.get(PATH, account()))).statements
  const [{ id }] = await listed()
  expect((await state({ reason: 'wrong meter' }, `/v1/meters/autre/statements/${id}/withdraw`)).status).toBe(
    404,
  )
  expect((await state({ reason: 'wrong meter' }, `${PATH}/${id}/withdraw`)).status).toBe(204)
  expect((await state({ reason: 'once more' }, `${PATH}/${id}/withdraw`)).status).toBe(404)
  expect(restated).toEqual(['college-elec', 'college-elec'])
  expect(await listed()).toMatchObject([{ id, ended: { by: 'tester', reason: 'wrong meter' }, state: null }])
})

it('replaces what is said otherwise of the same time, and repeats nothing', async () => {
  const invoice = { origin: 'invoice', from: '2026-09-01', to: '2026-10-01' }
  const outcome = async (amount: number) => readJson(await state({ ...invoice, amount }))
  expect(await outcome(120)).toEqual({ added: 1, repeated: 0, replaced: 0 })
  expect(await outcome(120)).toEqual({ added: 0, repeated: 1, replaced: 0 })
  expect(await outcome(130)).toEqual({ added: 1, repeated: 0, replaced: 1 })
  const { statements } = await readJson(await hub.get(PATH, account()))
  expect(statements).toMatchObject([
    { value: 130, ended: null },
    { value: 120, ended: { by: 'tester', reason: 'another value was stated' } },
  ])
})

it.each([
  [{ origin: 'hand', at: '2026-09-01' }, 'index', 'give either at and index, or from, to and amount'],
  [{ origin: 'hand', at: '2026-09-01', index: 1, amount: 2 }, 'index', 'give either at and index'],
  [{ origin: 'hand', at: '2026-09-31', index: 1 }, 'at', '2026-09-31 is no date or time'],
  [{ origin: 'hand', at: '2026-03-29T02:30', index: 1 }, 'at', '2026-03-29T02:30 is no date or time'],
  [{ origin: 'hand', at: '2027-09-01', index: 1 }, 'at', '2027-09-01 has not come yet'],
  [{ origin: 'hand', at: '2026-09-01', from: '2026-08-01', index: 1 }, 'from', 'does not go with an index'],
  [
    { origin: 'hand', at: '2026-09-01', index: 1.001 },
    'index',
    'finer than the resolution of the meter, 0.01 kWh',
  ],
  [{ origin: 'hand', at: '2026-09-01', index: -1 }, 'index', '-1 is no number from 0 on'],
  [{ origin: 'hand', at: '2026-09-01', index: 1, unit: 'm³' }, 'unit', 'is no unit of this meter'],
  [{ origin: 'invoice', from: '2026-09-01', to: '2026-09-01', amount: 1 }, 'to', 'must be after from'],
  [{ origin: 'invoice', from: '2026-09-01', amount: 1 }, 'to', 'is not given'],
  [
    { origin: 'correction', from: '2026-09-01', to: '2026-09-02', amount: 1 },
    'reason',
    'a correction says why',
  ],
  [
    { origin: 'correction', at: '2026-09-01', index: 1, reason: 'x' },
    'index',
    'a correction says what was counted',
  ],
])('%j is refused by field', async (body, field, message) => {
  const answer = await state(body)
  expect(answer.status).toBe(400)
  const problem = await readJson(answer)
  expect(problem.errors).toHaveLength(1)
  expect(problem.errors[0]).toMatchObject({ in: 'body', name: field })
  expect(problem.detail).toContain(message)
  expect(hub.statements.extent('college-elec')).toBeUndefined()
})

it('takes other units by their power of ten, exactly', async () => {
  await state({ origin: 'invoice', from: '2026-09-01', to: '2026-10-01', amount: '1.23456', unit: 'MWh' })
  const { statements } = await readJson(await hub.get(PATH, account()))
  expect(statements[0].value).toBe(1234.56)
})

it('takes gas in kWh on a meter that counts m³, and shows what was written', async () => {
  const gas: Meter = {
    ...hub.registry.meters.get('college-elec')!,
    ...{ id: 'gaz', point: undefined, fluid: 'gaz', unit: 'm3', resolution: 1, stepsPerUnit: 1 },
    conversions: [{ kilowattHours: 11.28 }, { from: '2026-09-01', kilowattHours: 11.31 }],
  }
  const served = await startHub({ registry: { ...hub.registry, meters: new Map([['gaz', gas]]) } })
  onTestFinished(() => served.close())
  const path = '/v1/meters/gaz/statements'
  const headers = { authorization: `Bearer ${served.token}` }
  const post = (body: object) =>
    served.post(path, { ...headers, 'content-type': 'application/json' }, JSON.stringify(body))
  const invoice = { origin: 'invoice', amount: '1131', unit: 'kWh', to: '2026-10-01' }
  const refused = await post({ ...invoice, from: '2026-08-01' })
  expect(refused.status).toBe(400)
  expect((await readJson(refused)).errors).toMatchObject([{ in: 'body', name: 'to' }])
  expect((await post({ ...invoice, from: '2026-09-01' })).status).toBe(200)
  const { amountUnits, statements } = await readJson(await served.get(path, headers))
  expect(amountUnits).toEqual(['m³', 'kWh', 'MWh', 'Wh', 'L'])
  expect(statements).toMatchObject([{ value: 100, written: { value: 1131, unit: 'kW.h', unitLabel: 'kWh' } }])
})

it('is not for strangers', async () => {
  expect((await hub.get(PATH)).status).toBe(401)
  expect((await hub.post(PATH, {})).status).toBe(401)
  expect((await hub.get('/v1/meters/none/statements', account())).status).toBe(404)
})
