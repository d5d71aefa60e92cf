import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SCENARIO_NAMES } from '../../registry/scenario-schema.ts'
import { type Director, openDirector } from '../../simulators/scenarios/director.ts'
import { registry as simulated } from '../simulators/territory.ts'
import { type Hub, NOW, readJson, startHub } from './hub.ts'

let director: Director | undefined
let hub: Hub
beforeAll(async () => {
  hub = await startHub({ director: () => director })
})
afterAll(() => hub.close())

const asked = (method: string, path: string, body?: object, token = hub.token) =>
  fetch(`${hub.url}/v1/scenarios${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    body: body ? JSON.stringify(body) : null,
  })
const start = (body: object) => asked('POST', '', body)
const told = async (site = 'gymnase') => readJson(await asked('GET', `?on=${site}`))

it('is for accounts only', async () => {
  expect((await hub.get('/v1/scenarios')).status).toBe(401)
  expect((await asked('POST', '', {}, 'wrong')).status).toBe(401)
  expect((await asked('DELETE', '/x', undefined, 'wrong')).status).toBe(401)
})

it('says that no devices are simulated here', async () => {
  expect(await told()).toEqual({ simulated: false, time: null, possible: [], scenarios: [] })
  const refused = await start({ scenario: 'drift', on: 'gymnase', for: '1h' })
  expect(refused.status).toBe(409)
  expect(await refused.json()).toMatchObject({ detail: 'No devices are simulated in this process.' })
})

it('starts, tells and ends what the devices of a site can play', async () => {
  const kept = join(hub.folder, 'scenarios.json')
  director = await openDirector({ registry: hub.registry, kept, now: () => NOW })
  const { simulated, time, possible } = await told()
  expect([simulated, time]).toEqual([true, '2026-11-22T11:00:00.000Z'])
  expect(possible).toContain('drift')
  expect(possible).not.toContain('water-leak')

  const started = await start({ scenario: 'drift', on: 'gymnase/air', for: '1h', perHour: 2 })
  expect(started.status).toBe(201)
  const { id } = (await started.json()) as { id: string }
  expect((await told()).scenarios).toEqual([
    {
      id,
      scenario: 'drift',
      on: 'gymnase/air',
      start: '2026-11-22T11:00:00.000Z',
      end: '2026-11-22T12:00:00.000Z',
      every: null,
      playing: true,
      byHand: true,
      ended: null,
    },
  ])
  expect((await told('college')).scenarios).toEqual([])
  expect((await asked('DELETE', `/${id}`)).status).toBe(204)
  expect((await told()).scenarios).toMatchObject([{ playing: false, ended: '2026-11-22T11:00:00.000Z' }])
})

it('refuses in words what cannot be played', async () => {
  const detail = async (body: object) => {
    const answer = await start(body)
    expect(answer.status).toBe(400)
    return ((await answer.json()) as { detail: string }).detail
  }
  expect(await detail({ scenario: 'water-leak', on: 'gymnase', for: '1h' })).toBe(
    'water-leak needs a water meter, which gymnase has not.',
  )
  expect(await detail({ scenario: 'drift', on: 'gymnase', for: 'long' })).toContain('write a duration like')
  expect(await detail({ scenario: 'rain', on: 'gymnase', for: '1h' })).toContain('scenario')
  expect((await asked('DELETE', '/unknown')).status).toBe(400)
})

describe('every kind, right now', () => {
  let now = NOW
  beforeAll(async () => {
    const kept = join(hub.folder, 'every-kind.json')
    director = await openDirector({ registry: simulated, gateways: ['gw'], kept, now: () => now })
  })

  it.each(SCENARIO_NAMES)('%s starts, is told, and ends', async scenario => {
    const { possible } = await told('gw')
    expect(possible).toContain(scenario)
    const started = await start({ scenario, on: 'gw', for: '1h' })
    expect(started.status).toBe(201)
    const { id } = (await started.json()) as { id: string }
    now += 1000
    const tell = async () =>
      (await told('gw')).scenarios.find((each: { id: string }) => each.id === id) as object
    expect(await tell()).toMatchObject({ scenario, playing: true, byHand: true, ended: null })
    const place = { site: 'college', device: 'eau', connection: 'modbus', gateway: 'gw' }
    expect(director!.stage.playing(scenario, place, now)).toBeDefined()
    expect((await asked('DELETE', `/${id}`)).status).toBe(204)
    expect(await tell()).toMatchObject({ playing: false, ended: new Date(now).toISOString() })
    expect(director!.stage.playing(scenario, place, now)).toBeUndefined()
  })
})
