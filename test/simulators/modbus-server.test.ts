import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import modbus from 'modbus-serial'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registerCount } from '../../model/register-values.ts'
import { registersToValue } from '../../model/scale.ts'
import type { Point } from '../../registry/registry.ts'
import { simulateHistory } from '../../simulators/history.ts'
import { mapUnit } from '../../simulators/modbus-map.ts'
import { answerRequests, startModbusServer } from '../../simulators/modbus-server.ts'
import { log, registry, SEED, signals, stoppedAt } from './territory.ts'

const NOW = Date.parse('2026-03-11T10:10:00Z')

const points = [...registry.points.values()].filter(point => point.connection === 'modbus')
const units = new Map(
  [1, 2, 3, 4, 5].map(unit => [
    unit,
    mapUnit(
      points.filter(({ source }) => 'unit' in source && source.unit === unit),
      signals,
    ),
  ]),
)
const options = { host: '127.0.0.1', port: 0, units, clock: stoppedAt(NOW), log }

let server: Awaited<ReturnType<typeof startModbusServer>>
const client = new modbus.default()

beforeAll(async () => {
  server = await startModbusServer(options)
  await client.connectTCP('127.0.0.1', { port: server.port })
  client.setTimeout(2000)
})

afterAll(async () => {
  await new Promise<void>(resolve => client.close(() => resolve()))
  await server.close()
})

/** As a gateway reads a point. */
async function read({ source }: Point): Promise<unknown> {
  if (source.driver !== 'modbus') throw new Error('no Modbus point')
  const { table, address } = source.modbus
  client.setID(source.unit)
  if (table === 'coil') return (await client.readCoils(address, 1)).data[0]
  if (table === 'discrete') return (await client.readDiscreteInputs(address, 1)).data[0]
  const count = registerCount(source.modbus)
  const { data } =
    table === 'holding'
      ? await client.readHoldingRegisters(address, count)
      : await client.readInputRegisters(address, count)
  return registersToValue(source.modbus, data)
}

test('a client reads what the history of that moment says, in every layout', async () => {
  const history = new Map<string, unknown>()
  const moment = { from: NOW, to: NOW + 1, stepMs: 0 }
  for await (const { points, values } of simulateHistory({ registry, seed: SEED, ...moment })) {
    for (const [at, id] of points.entries()) history.set(id, values[at])
  }
  expect(points.length).toBeGreaterThan(15)
  for (const point of points) expect(await read(point), point.id).toBe(history.get(point.id))
})

test('several points are read at once, bits share a register', async () => {
  client.setID(5)
  const { data } = await client.readInputRegisters(0, 9)
  expect(data).toHaveLength(9)
  expect(data[0]).toBe(Math.round((signals.get('station/meteo/air')!(NOW) as number) * 10))
  expect((await client.readCoils(9, 2)).data.slice(0, 2)).toEqual([false, true])
  client.setID(4)
  expect((await client.readInputRegisters(9, 1)).data).toEqual([0b1000])
})

describe('exceptions', () => {
  const code = async (unit: number, request: () => Promise<unknown>) => {
    client.setID(unit)
    return request().then(
      () => undefined,
      (error: { modbusCode?: number }) => error.modbusCode,
    )
  }

  test('2 for an address that no point covers, at any place of the request', async () => {
    expect(await code(1, () => client.readHoldingRegisters(6, 1))).toBe(2)
    expect(await code(1, () => client.readHoldingRegisters(5, 2))).toBe(2)
    expect(await code(1, () => client.readInputRegisters(0, 1))).toBe(2)
    expect(await code(4, () => client.readHoldingRegisters(65_535, 2))).toBe(2)
  })

  test('11 for a unit that is not there', async () => {
    expect(await code(9, () => client.readHoldingRegisters(0, 1))).toBe(11)
  })

  test('1 for whatever writes', async () => {
    expect(await code(1, () => client.writeRegister(0, 1))).toBe(1)
    expect(await code(1, () => client.writeRegisters(0, [1, 2]))).toBe(1)
    expect(await code(5, () => client.writeCoil(9, true))).toBe(1)
  })

  test('3 for more than a request may ask', async () => {
    expect(await code(1, () => client.readHoldingRegisters(0, 126))).toBe(3)
    expect(await code(5, () => client.readCoils(9, 2001))).toBe(3)
  })

  test('4 for a value that does not fit its register', async () => {
    const [point] = points.filter(({ id }) => id === 'station/meteo/air')
    const frozen = new Map([[point!.id, () => -5000]])
    const broken = await startModbusServer({ ...options, units: new Map([[5, mapUnit([point!], frozen)]]) })
    const other = new modbus.default()
    await other.connectTCP('127.0.0.1', { port: broken.port })
    other.setID(5)
    await expect(other.readInputRegisters(0, 1)).rejects.toMatchObject({ modbusCode: 4 })
    await new Promise<void>(resolve => other.close(() => resolve()))
    await broken.close()
  })
})

describe('on the wire', () => {
  const REQUEST = Buffer.from('000700000006010300000004', 'hex')
  const open = async (): Promise<Socket> => {
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  }
  const received = (stream: Duplex, length: number): Promise<Buffer> =>
    new Promise(resolve => {
      let data = Buffer.alloc(0)
      stream.on('data', (part: Buffer) => {
        data = Buffer.concat([data, part])
        if (data.length >= length) resolve(data)
      })
    })

  test('requests that arrive in pieces or together are answered in order', async () => {
    const [near, far] = duplexPair()
    answerRequests(far, (unit, request) => Buffer.concat([Buffer.from([unit]), request]))
    const second = Buffer.from(REQUEST)
    second[1] = 8
    const bytes = Buffer.concat([REQUEST, second])
    for (const [from, to] of [
      [0, 3],
      [3, 9],
      [9, 24],
    ] as const) {
      await new Promise(resolve => near.write(bytes.subarray(from, to), resolve))
    }
    const answers = await received(near, 26)
    expect(answers.toString('hex')).toBe(
      '000700000007010103000000040008000000070101030000000 4'.replace(' ', ''),
    )
  })

  test('an answer carries the transaction and the unit of its request', async () => {
    const socket = await open()
    socket.write(REQUEST)
    expect((await received(socket, 17)).subarray(0, 9).toString('hex')).toBe('00070000000b010308')
    socket.destroy()
  })

  test('a stream that is not Modbus is cut off', async () => {
    const socket = await open()
    socket.write('GET / HTTP/1.1\r\n\r\n')
    await once(socket, 'close')
  })

  test('the server closes at once, with clients connected', async () => {
    const closing = await startModbusServer(options)
    const socket = connect(closing.port, '127.0.0.1')
    await once(socket, 'connect')
    const closed = once(socket, 'close')
    const start = performance.now()
    await closing.close()
    await closed
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
