import { writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { closeLater } from '../close-later.ts'
import { freePort } from '../peers/process.ts'
import { ask } from './ask.ts'
import { READY, runAffluent, startAffluent } from './command-line.ts'
import { INDEX, makeSmallTerritory, TEMPERATURE } from './small-territory.ts'
import { until } from './until.ts'

it('affluent scenario starts, lists and ends what running simulators play, and refuses in words', async () => {
  const place = await makeSmallTerritory()
  closeLater({ close: place.remove })
  const simulators = await startAffluent(['simulate', ...place.flags], /^college:/m)
  const scenario = (...args: string[]) => runAffluent(['scenario', ...args, ...place.flags])
  const start = (name: string, on: string, ...more: string[]) => scenario('start', name, '--on', on, ...more)

  expect((await scenario('list')).out).toMatch(/^None\. There are: water-leak, /)
  const drift = await start('drift', TEMPERATURE, '--for', '1h', '--set', 'perHour=4')
  const [, id] = /^([0-9a-f]{8}): drift on college\/ambiance\/temperature perHour=4, /.exec(drift.out) ?? []
  expect(id, drift.err).toBeDefined()
  expect((await start('rollover', INDEX)).out).toContain(`: rollover on ${INDEX}, `)
  const listed = (await scenario('list')).out.trim().split('\n')
  expect(listed).toEqual([drift.out.trim(), expect.stringContaining('rollover')])
  expect(await scenario('end', id!)).toMatchObject({ code: 0, out: `${id} has ended\n` })
  expect((await scenario('list')).out).toMatch(new RegExp(`^${id}: drift .*; ended 20`))

  for (const [args, said] of [
    [['rain', INDEX], "Expected 'water-leak' | 'heating-left-on'"],
    [['drift', 'nowhere'], 'there is no simulated point, device, site, connection or gateway nowhere'],
    [['water-leak', 'college'], 'water-leak needs a water meter, which college has not'],
    [['drift', TEMPERATURE, '--for', 'long'], 'write a duration like'],
    [['drift', TEMPERATURE, '--set', 'speed=2'], 'speed'],
    [['drift', TEMPERATURE, '--set', 'perHour'], 'Write it like flow=0.4.'],
  ] as const) {
    const [name, on, ...more] = args
    const { code, err } = await start(name, on, ...more)
    expect([code === 0, err], args.join(' ')).toEqual([false, expect.stringContaining(said)])
  }
  const refused = 'power-cut needs a gateway in the process of its simulators'
  expect((await start('power-cut', 'gw')).err).toContain(refused)
  expect((await scenario('end', id!.replace(/./, 'x'))).err).toContain('there is no scenario x')
  await simulators.stop('SIGTERM')
  expect((await start('drift', TEMPERATURE)).err).toContain('no simulators run in this process')
})

it('affluent scenario power-cut ends a gateway, which misses nothing that it had read', async () => {
  const [modbusPort, mqttPort] = [await freePort(), await freePort()]
  const place = await makeSmallTerritory({ modbusPort })
  closeLater({ close: place.remove })
  await writeFile(
    place.at('gateway.yaml'),
    `territory: territory.yaml\nroles: [gateway]\nmqtt: { url: "mqtt://127.0.0.1:${mqttPort}" }\n`,
  )
  const ofGateway = ['--hub', place.at('gateway.yaml'), '--data', place.at('gateway')]
  const cut = (flags: readonly string[]) => runAffluent(['scenario', 'power-cut', ...flags])
  await startAffluent(
    ['simulate', ...place.flags],
    new RegExp(`^college: 127\\.0\\.0\\.1:${modbusPort}$`, 'm'),
  )
  let gateway = await startAffluent(['start', ...ofGateway], READY)
  const roles = ['--roles', 'broker,ingest,fluids,rules,api', '--mqtt-port', String(mqttPort)]
  // A data folder of its own: the simulators hold the control socket of the other.
  const ofHub = place.startFlags.with(place.startFlags.indexOf(place.data), place.at('hub'))
  const hub = await startAffluent(['start', ...ofHub, ...roles], READY)
  const get = (path: string) => ask(hub.match[1] + path)
  const times = async (): Promise<number[]> =>
    (await get(`/v1/points/${INDEX}/readings?limit=10000`)).readings.map(({ time }: { time: string }) =>
      Date.parse(time),
    )
  await until(times, ({ length }) => length > 5)

  const { code, out, err } = await cut(ofGateway)
  expect(code, err).toBe(0)
  expect(out).toMatch(/^The gateway was process \d+: start it again$/m)
  const shown = () => get('/v1/gateways').then(({ gateways }) => gateways[0])
  // It could not say goodbye: the broker does.
  await until(shown, ({ online }) => !online)
  expect((await cut(ofGateway)).err).toContain('no gateway runs on this data folder')
  const off = Date.now()

  gateway = await startAffluent(['start', ...ofGateway], READY)
  await until(times, all => all.at(-1)! > off)
  await until(shown, ({ online }) => online)
  const { streams } = await get('/v1/completeness?by=day')
  expect(streams.map(({ missing }: { missing: number }) => missing)).toEqual([0, 0])

  const refused = await cut(['--hub', place.at('hub.yaml'), '--data', place.at('hub')])
  expect(refused.err).toMatch(/this process is broker, .* as well: a power cut is for a gateway alone/)
  for (const process of [gateway, hub]) await process.stop('SIGTERM')
})

it('a gateway beside its simulators loses its power, on a timetable and by command, and has a wrong clock', async () => {
  const place = await makeSmallTerritory()
  closeLater({ close: place.remove })
  const from = Date.now()
  const cut = { scenario: 'power-cut', on: 'gw', at: new Date(from).toISOString(), for: '6s' }
  await writeFile(place.at('scenarios.yaml'), JSON.stringify([cut]))
  await writeFile(
    place.at('hub.yaml'),
    'territory: territory.yaml\nsimulators: { historyMonths: 0, scenarios: scenarios.yaml }\nstore: { kind: embedded }\n',
  )
  const hub = await startAffluent(['start', ...place.startFlags], READY)
  const scenario = (...args: string[]) => runAffluent(['scenario', ...args, ...place.flags])
  const get = (path: string) => ask(hub.match[1] + path)
  const times = async (): Promise<number[]> =>
    (await get(`/v1/points/${INDEX}/readings?limit=10000`)).readings.map(({ time }: { time: string }) =>
      Date.parse(time),
    )
  const shown = () => get('/v1/gateways').then(({ gateways }) => gateways[0])

  // It has no power yet when the hub starts.
  expect((await until(times, ({ length }) => length > 5))[0]).toBeGreaterThanOrEqual(from + 6000)
  await until(shown, ({ online }) => online)
  const started = Date.now()
  const { out, err } = await scenario('start', 'power-cut', '--on', 'college', '--for', '3s')
  expect(out, err).toContain(': power-cut on college, ')
  await until(shown, ({ online }) => !online)
  await until(shown, ({ online }) => online)
  const after = Date.now()
  const all = await until(times, all => all.at(-1)! > after)
  const holes = all.slice(1).map((time, i) => (time > started ? time - all[i]! : 0))
  expect(Math.max(...holes)).toBeGreaterThan(2000)
  const { streams } = await get('/v1/completeness?by=day')
  expect(streams.map(({ missing }: { missing: number }) => missing)).toEqual([0, 0])

  await scenario('start', 'gateway-clock-wrong', '--on', 'gw', '--for', '1h', '--set', 'by=5min')
  const ahead = `from=${new Date(after).toISOString()}&to=${new Date(after + 3_600_000).toISOString()}`
  await until(
    async () => (await get(`/v1/points/${INDEX}/readings?limit=10000&${ahead}`)).readings,
    all => all.at(-1)?.quality === 'uncertain:clock',
  )
  await until(shown, ({ clockOffsetSeconds }) => Math.abs(clockOffsetSeconds + 300) < 5)
  await hub.stop('SIGTERM')
})
