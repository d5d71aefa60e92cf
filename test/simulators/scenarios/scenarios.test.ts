import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Sample, Session } from '../../../gateway/driver.ts'
import { createDriver as createModbusDriver } from '../../../gateway/drivers/modbus/modbus.ts'
import { createDriver as createOpcuaDriver } from '../../../gateway/drivers/opcua/opcua.ts'
import type { Registry } from '../../../registry/registry.ts'
import { SCENARIO_NAMES } from '../../../registry/scenario-schema.ts'
import type { ModbusConnection, OpcuaConnection } from '../../../registry/schema.ts'
import { openDirector } from '../../../simulators/scenarios/director.ts'
import { startSimulators } from '../../../simulators/simulators.ts'
import { closeLater } from '../../close-later.ts'
import { until } from '../../e2e/until.ts'
import { DAY, HOUR, log, registry, SEED } from '../territory.ts'

/** A Wednesday at 3 at night: nobody is in the collège. */
const NIGHT = Date.UTC(2026, 2, 11, 2)
const at = (time: number) => new Date(time).toISOString()

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'affluent-scenarios-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

interface Setting {
  folder?: string
  speed?: number
  timeout?: number
  start?: number
  /** Simulates the devices of OPC-UA, too: loading what they have of the standard takes half a second. */
  opcua?: boolean
}

const withoutOpcua: Registry = {
  ...registry,
  gateways: new Map(
    [...registry.gateways].map(([id, gateway]) => [
      id,
      { ...gateway, connections: gateway.connections.filter(({ driver }) => driver !== 'opcua') },
    ]),
  ),
}

/** Simulators that play scenarios from a file, at a time that is set by hand, and a gateway's drivers on them. */
async function play(
  scenarios: readonly object[],
  { folder = makeFolder(), speed, timeout = 300, start = NIGHT, opcua: simulatesOpcua = false }: Setting = {},
) {
  const file = join(folder, 'scenarios.yaml')
  writeFileSync(file, JSON.stringify(scenarios))
  const clock = { time: start, now: () => clock.time, elapsed: () => performance.now() }
  const simulators = await startSimulators({
    ...{ registry: simulatesOpcua ? registry : withoutOpcua, seed: SEED, ports: 'any' },
    ...{ scenarios: file, speed, clock, log, folder },
  })
  closeLater(simulators)
  const [modbus, opcua] = registry.gateways.get('gw')!.connections as [ModbusConnection, OpcuaConnection]
  const context = { folder, clock, log }
  const sessions = new Map<string, Session>()
  const connect = async (id: string) => {
    const address = simulators.addresses.get(id)!
    return id === 'modbus'
      ? createModbusDriver({ connection: { ...modbus, timeout }, address, ...context }).connect()
      : createOpcuaDriver({ connection: opcua, address, ...context }).connect()
  }
  async function read(id: string, time = clock.time): Promise<Sample> {
    clock.time = time
    const point = registry.points.get(id)!
    const session = sessions.get(point.connection) ?? closeLater(await connect(point.connection))
    sessions.set(point.connection, session)
    let sample: Sample | undefined
    await session.read([point], samples => {
      sample ??= samples[0]
    })
    return sample!
  }
  async function value(id: string, time?: number): Promise<number> {
    const { value, quality } = await read(id, time)
    if (typeof value !== 'number') throw new Error(`${id}: ${quality}`)
    return value
  }
  return { clock, connect, read, value, director: simulators.director }
}

describe('what is measured', () => {
  it('a leak flows through the meter at night, and stays counted', async () => {
    const leak = { scenario: 'water-leak', on: 'college/eau', at: at(NIGHT), for: '2h', flow: 0.4 }
    const [usual, leaking] = [await play([]), await play([leak])]
    expect(await usual.value('college/eau/flow', NIGHT + HOUR)).toBe(0)
    expect(await leaking.value('college/eau/flow', NIGHT + HOUR)).toBe(0.4)
    expect(await leaking.value('college/eau/flow', NIGHT + 3 * HOUR)).toBe(0)
    const lost = async (time: number) =>
      (await leaking.value('college/eau/index', time)) - (await usual.value('college/eau/index', time))
    expect(await lost(NIGHT - HOUR)).toBe(0)
    expect(await lost(NIGHT + HOUR)).toBeCloseTo(0.4, 2)
    expect(await lost(NIGHT + DAY)).toBeCloseTo(0.8, 2)
  })

  it('heating that is left on is counted at night, and warms the room', async () => {
    const left = { scenario: 'heating-left-on', on: 'gw', at: at(NIGHT), for: '8h', power: 30 }
    const [usual, warm] = [await play([]), await play([left])]
    const time = NIGHT + HOUR
    const more = async (id: string) => (await warm.value(id, time)) - (await usual.value(id, time))
    expect(await more('college/chaleur/power')).toBeCloseTo(30_000, 0)
    expect(await more('college/chaleur/index')).toBeCloseTo(0.03, 3)
    expect(await usual.value('foyer/gaz/temperature', time)).toBeLessThan(20)
    expect(await warm.value('foyer/gaz/temperature', time)).toBeGreaterThanOrEqual(20.5)
  })

  it('a road freezes, by night as by day', async () => {
    const frost = { scenario: 'frozen-road', on: 'station', at: at(NIGHT), for: '1d', temperature: -4 }
    const road = await play([frost])
    expect(await road.value('station/meteo/surface', NIGHT + 10 * HOUR)).toBeLessThanOrEqual(-4)
    expect(await road.value('station/meteo/surface', NIGHT + DAY + 10 * HOUR)).toBeGreaterThan(-4)
  })

  it('a sensor sticks, drifts, is noisy, shows a spike', async () => {
    const on = 'station/meteo/air'
    const hour = (n: number) => ({ on, at: at(NIGHT + n * HOUR), for: '1h' })
    const sensor = await play([
      { scenario: 'sensor-stuck', ...hour(0) },
      { scenario: 'drift', ...hour(1), perHour: 4 },
      { scenario: 'noise', ...hour(2), amplitude: 2 },
      { scenario: 'spike', ...hour(3), factor: 3 },
    ])
    const plain = await play([])
    const difference = async (time: number) => (await sensor.value(on, time)) - (await plain.value(on, time))
    expect(await sensor.value(on, NIGHT + 0.9 * HOUR)).toBe(await plain.value(on, NIGHT))
    expect(await difference(NIGHT + 1.5 * HOUR)).toBeCloseTo(2, 1)
    const noise = [await difference(NIGHT + 2.2 * HOUR), await difference(NIGHT + 2.3 * HOUR)]
    expect(new Set(noise).size).toBe(2)
    for (const each of noise) expect(Math.abs(each)).toBeLessThan(2.1)
    const spike = (await sensor.value(on, NIGHT + 3.5 * HOUR)) / (await plain.value(on, NIGHT + 3.5 * HOUR))
    expect(spike).toBeCloseTo(3, 0)
    expect(await difference(NIGHT + 4.5 * HOUR)).toBe(0)
  })

  it('a counter is reset, replaced, rolls over', async () => {
    const on = 'college/eau/index'
    const event = (scenario: string, more = {}) => ({ scenario, on, at: at(NIGHT), for: '1h', ...more })
    const day = NIGHT + 8 * HOUR
    const plain = await play([])
    const used = (await plain.value(on, day)) - (await plain.value(on, NIGHT))
    expect(used).toBeGreaterThan(0.1)
    const reset = await play([event('counter-reset')])
    expect(await reset.value(on, NIGHT - 1000)).toBe(await plain.value(on, NIGHT - 1000))
    expect(await reset.value(on, day)).toBeCloseTo(used, 2)
    const replaced = await play([event('meter-replaced', { first: 12.5 })])
    expect(await replaced.value(on, day)).toBeCloseTo(12.5 + used, 2)
    const rollover = await play([event('rollover')])
    // Eight digits of a thousandth.
    expect(await rollover.value(on, NIGHT - 12 * HOUR)).toBeGreaterThan(99_990)
    expect(await rollover.value(on, day)).toBeCloseTo(used, 2)
  })

  it('a counter that is told now to roll over nears its end, and is beyond it when the time is over', async () => {
    const on = 'college/eau/index'
    const [plain, { director, value }] = [await play([]), await play([])]
    const [before, end] = [await value(on), NIGHT + 10 * HOUR]
    const { id } = director.start({ scenario: 'rollover', on: 'college', for: '10h' })
    const used = (await plain.value(on, end)) - (await plain.value(on, NIGHT))
    expect(used).toBeGreaterThan(0.1)
    expect(await value(on, NIGHT)).toBeCloseTo(100_000 - used, 3)
    expect(await value(on, end - HOUR / 6)).toBeGreaterThan(99_999)
    expect(await value(on, end)).toBeLessThan(0.1)
    director.end(id)
    // What has rolled over counts on, and history stays what it was.
    const later = (await plain.value(on, NIGHT + DAY)) - (await plain.value(on, end))
    expect((await value(on, NIGHT + DAY)) - (await value(on, end))).toBeCloseTo(later, 3)
    expect(await value(on, NIGHT - 1000)).toBe(before)
  })

  it('a counter that counts nothing rolls over with what comes next', async () => {
    const { director, value } = await play([])
    director.start({ scenario: 'rollover', on: 'college/eau', for: '10min' })
    expect(await value('college/eau/index', NIGHT + HOUR)).toBe(99_999.999)
    expect(await value('college/eau/index', NIGHT + 10 * HOUR)).toBeLessThan(10)
  })
})

describe('how devices answer', () => {
  const hour = (scenario: string, on: string, more = {}) => ({
    ...{ scenario, on, at: at(NIGHT), for: '1h' },
    ...more,
  })

  it('one device falls silent, the others on its line do not, and it comes back', async () => {
    const { read } = await play(
      [hour('communication-cut', 'college/eau'), hour('communication-cut', 'foyer/gtb')],
      { opcua: true },
    )
    expect(await read('college/eau/index')).toMatchObject({ value: null, quality: 'bad:timeout' })
    expect(await read('college/electricite/index')).toMatchObject({ quality: 'good' })
    expect(await read('foyer/gtb/power')).toMatchObject({ value: null, quality: 'bad:disconnected' })
    expect(await read('college/eau/index', NIGHT + HOUR)).toMatchObject({ quality: 'good' })
    expect(await read('foyer/gtb/power', NIGHT + HOUR)).toMatchObject({ quality: 'good' })
  })

  it('a register is denied, and no other', async () => {
    const { read } = await play([hour('illegal-register', 'college/eau/index')])
    expect(await read('college/eau/index')).toMatchObject({ value: null, quality: 'bad:exception' })
    expect(await read('college/eau/flow')).toMatchObject({ quality: 'good' })
  })

  it.each([
    ['modbus', 'ECONNREFUSED'],
    ['opcua', 'nobody answers there'],
  ])('nobody listens for %s, and then somebody does again', async (id, refusal) => {
    const { clock, connect } = await play([hour('connection-refused', id)], { opcua: true })
    await until(
      () =>
        connect(id).then(
          session => session.close(),
          (error: Error) => error.message,
        ),
      message => typeof message === 'string' && message.includes(refusal),
    )
    clock.time = NIGHT + HOUR
    await until(
      () =>
        connect(id).then(
          session => session.close().then(() => 'connected'),
          () => 'refused',
        ),
      state => state === 'connected',
    )
  })

  it('slow answers are good while they come in time', async () => {
    const slow = [hour('slow-replies', 'college', { delay: '100ms' })]
    const { read } = await play(slow, { timeout: 5000 })
    const before = performance.now()
    expect(await read('college/eau/index')).toMatchObject({ quality: 'good' })
    expect(performance.now() - before).toBeGreaterThan(95)
  })

  it('trap 4: late answers and those with a wrong transaction id are never taken for another', async () => {
    const late = [hour('late-replies', 'college', { delay: '400ms' })]
    for (const scenarios of [late, [hour('wrong-transaction-id', 'college')]]) {
      const world = await play(scenarios)
      for (const id of ['college/eau/index', 'college/electricite/index', 'college/chaleur/index']) {
        // Where several in a row do not come, the connection is given up, too.
        const { value } = await world.read(id).catch((): Partial<Sample> => ({ value: null }))
        expect(value).toBeNull()
      }
    }
  })

  it('trap 7: a clock that is wrong is in the times of OPC-UA', async () => {
    const { read } = await play([hour('clock-wrong', 'foyer/gtb', { by: '3h' })], { opcua: true })
    // The first statement of a server may be an old one: its time counts for nothing.
    await read('foyer/gtb/power')
    const later = NIGHT + 60_000
    expect(await read('foyer/gtb/power', later)).toMatchObject({ quality: 'good', time: later + 3 * HOUR })
  })
})

describe('scenarios', () => {
  it('come again at the same local time, also when the clocks change', async () => {
    // 02:30 in Paris on Friday; the clocks change on Sunday the 29th.
    const first = Date.UTC(2026, 2, 27, 1, 30)
    const leak = { scenario: 'water-leak', on: 'college/eau', at: at(first), for: '30min', every: 'day' }
    const { value } = await play([leak])
    const flow = (time: number) => value('college/eau/flow', time)
    expect(await flow(first + 60_000)).toBe(0.5)
    expect(await flow(first + 3 * DAY - HOUR + 60_000)).toBe(0.5)
    expect(await flow(first + 3 * DAY + 60_000)).toBe(0)
  })

  it('given now are kept over a restart, so that no meter goes back, and can be ended', async () => {
    const folder = makeFolder()
    const kept = join(folder, 'kept.json')
    let now = NIGHT
    const open = () => openDirector({ registry, kept, now: () => now })
    const first = await open()
    const place = { site: 'college', device: 'eau', connection: 'modbus', gateway: 'gw' }
    const { id } = first.start({ scenario: 'water-leak', on: 'college/eau', for: '2h' })
    now += HOUR
    const hours = (director: typeof first, time: number) =>
      director.stage.acts('water-leak', place)[0]!.times.hours(time)
    expect(hours(await open(), now)).toBe(1)
    const second = await open()
    second.end(id)
    expect(hours(second, now + DAY)).toBe(1)
    expect(second.stage.playing('water-leak', place, now)).toBeUndefined()
    expect(hours(await open(), now + DAY)).toBe(1)
    expect(() => second.end('unknown')).toThrow('there is no scenario unknown that was given by hand')
  })

  it('that nothing can play are refused by file and line, or by name', async () => {
    const folder = makeFolder()
    const file = join(folder, 'scenarios.yaml')
    writeFileSync(
      file,
      [
        `- { scenario: water-leak, on: station, at: "${at(NIGHT)}", for: 1h }`,
        `- { scenario: drift, on: nowhere, at: "${at(NIGHT)}", for: 1h }`,
        `- { scenario: rain, on: station, at: "${at(NIGHT)}", for: 1h }`,
        `- { scenario: spike, on: station, at: tomorrow, for: long }`,
        '',
      ].join('\n'),
    )
    const opened = openDirector({ registry, file, kept: join(folder, 'kept.json'), now: () => NIGHT })
    const { message } = await opened.then(
      () => new Error('it was taken'),
      (error: Error) => error,
    )
    expect(message).toMatch(/scenarios\.yaml:3:\d+ \[2\]\.scenario: expected 'water-leak'/)
    expect(message).toMatch(/:4:\d+ \[3\]\.at: write a time like/)
    writeFileSync(file, `- { scenario: water-leak, on: station, at: "${at(NIGHT)}", for: 1h }\n`)
    await expect(
      openDirector({ registry, file, kept: join(folder, 'kept.json'), now: () => NIGHT }),
    ).rejects.toThrow(/scenarios\.yaml:1:\d+ \[0\]: water-leak needs a water meter, which station has not/)
    const director = await openDirector({ registry, kept: join(folder, 'kept.json'), now: () => NIGHT })
    expect(() => director.start({ scenario: 'drift', on: 'nowhere', for: '1h' })).toThrow(
      'there is no simulated point, device, site, connection or gateway nowhere',
    )
    expect(() => director.start({ scenario: 'rollover', on: 'station/meteo', for: '1h' })).toThrow(
      'rollover needs an index, which station/meteo has not',
    )
    expect(() => director.start({ scenario: 'water-leak', on: 'college', for: '1h', flow: -1 })).toThrow(
      'flow',
    )
  })

  it('are all in the documentation', () => {
    const text = readFileSync(new URL('../../../docs/simulators.md', import.meta.url), 'utf8')
    for (const name of SCENARIO_NAMES) expect(text).toContain(`| \`${name}\` |`)
  })
})

describe('time that runs faster', () => {
  it('moves what is measured, not the times of it, and goes on after a restart', async () => {
    const folder = makeFolder()
    const plain = await play([])
    const fast = await play([], { folder, speed: 60 })
    const id = 'college/electricite/index'
    const value = await fast.value(id, NIGHT + 60_000)
    expect(value).toBe(await plain.value(id, NIGHT + HOUR))
    const restarted = await play([], { folder, speed: 1, start: NIGHT + 60_000 })
    expect(await restarted.value(id, NIGHT + 120_000)).toBe(await plain.value(id, NIGHT + HOUR + 60_000))
  })
})
