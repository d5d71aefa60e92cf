import { type Logger, pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { startConnection } from '../../../../gateway/connection.ts'
import { createDriver } from '../../../../gateway/drivers/modbus/modbus.ts'
import type { Clock } from '../../../../model/clock.ts'
import type { ConnectionStatus } from '../../../../model/delivery.ts'
import {
  encodeRegisters,
  REGISTER_ORDERS,
  REGISTER_TYPES,
  type RegisterType,
  WORD_ORDERS,
} from '../../../../model/register-values.ts'
import type { Point } from '../../../../registry/registry.ts'
import type { ModbusSource } from '../../../../registry/schema.ts'
import { closeLater } from '../../../close-later.ts'
import { findPeer } from '../../../peers/cache.ts'
import { startPymodbus } from '../../../peers/python.ts'
import { Collector, clock, handClock, log, told } from '../../collector.ts'
import { modbusConnection, modbusPoint } from '../../points.ts'
import { type Answer, exception, registers, startDevice } from './device.ts'

function driverFor(
  port: number,
  { time = clock, timeout = 200, logger = log }: { time?: Clock; timeout?: number; logger?: Logger } = {},
) {
  return createDriver({
    connection: modbusConnection({ port, timeout }),
    folder: '',
    clock: time,
    log: logger,
  })
}

async function sessionFor(port: number, options?: Parameters<typeof driverFor>[1]) {
  const session = closeLater(await driverFor(port, options).connect())
  return {
    lost: session.lost,
    async read(...points: Point[]): Promise<string[]> {
      const { all, deliver } = new Collector()
      await session.read(points, deliver)
      return told(all)
    },
  }
}

describe('reading a Modbus device', () => {
  const ordersOf = (type: RegisterType) =>
    (type.endsWith('64') ? WORD_ORDERS : REGISTER_ORDERS).flatMap(wordOrder =>
      REGISTER_ORDERS.map(byteOrder => ({ wordOrder, byteOrder })),
    )
  const values = {
    bool: true,
    uint16: 65_000,
    int16: -12_345,
    uint32: 4_000_000_001,
    int32: -2_000_000_001,
    uint48: 281_474_976_710_655,
    int48: -140_737_488_355_328,
    uint64: 9_007_199_254_740_991,
    int64: -9_007_199_254_740_991,
    float32: -21.3,
    float64: 1234.56789,
    bcd16: 9876,
    bcd32: 98_765_432,
    bcd48: 987_654_321_098,
    bcd64: 9_007_199_254_740_991,
    string: 'iEM3155',
  }

  it.runIf(findPeer('python'))('every type in every order, from pymodbus (trap 5)', async () => {
    const points: Point[] = []
    const expected: string[] = []
    const holding: number[] = []
    for (const type of REGISTER_TYPES) {
      for (const order of ordersOf(type)) {
        const name = `${type}-${order.wordOrder}-${order.byteOrder}`
        const layout = { type, ...order, bit: type === 'bool' ? 9 : undefined, length: 6 }
        const quantity = ({ bool: 'fault', string: 'identification' } as const)[type as string]
        points.push(modbusPoint(name, { address: holding.length, ...layout }, { quantity }))
        holding.push(...encodeRegisters(layout, values[type]))
        expected.push(`${name}=${values[type]}`)
      }
    }
    const peer = closeLater(await startPymodbus({ 7: { holding: { 0: holding } } }))
    const session = await sessionFor(peer.port)
    const onUnit7 = points.map(point => ({ ...point, source: { ...point.source, unit: 7 } }) as Point)
    expect((await session.read(...onUnit7)).sort()).toEqual(expected.sort())
  })

  it.runIf(findPeer('python'))(
    'the eight orders of 64 bits, as they are written down, from pymodbus (trap 5)',
    async () => {
      const written = {
        'big-big': [0x0001, 0x0203, 0x0405, 0x0607],
        'big-little': [0x0100, 0x0302, 0x0504, 0x0706],
        'little-big': [0x0607, 0x0405, 0x0203, 0x0001],
        'little-little': [0x0706, 0x0504, 0x0302, 0x0100],
        'big-little-big': [0x0203, 0x0001, 0x0607, 0x0405],
        'big-little-little': [0x0302, 0x0100, 0x0706, 0x0504],
        'little-big-big': [0x0405, 0x0607, 0x0001, 0x0203],
        'little-big-little': [0x0504, 0x0706, 0x0100, 0x0302],
      }
      const peer = closeLater(await startPymodbus({ 1: { holding: { 0: Object.values(written).flat() } } }))
      const points = Object.keys(written).map((name, i) => {
        const cut = name.lastIndexOf('-')
        const wordOrder = name.slice(0, cut) as ModbusSource['wordOrder']
        const byteOrder = name.slice(cut + 1) as ModbusSource['byteOrder']
        return modbusPoint(name, { address: 4 * i, type: 'uint64', wordOrder, byteOrder })
      })
      const answers = await (await sessionFor(peer.port)).read(...points)
      expect(answers).toEqual(points.map(({ name }) => `${name}=${0x0001020304050607}`))
    },
  )

  it.runIf(findPeer('python'))('the four tables, scale and offset, from pymodbus', async () => {
    const peer = closeLater(
      await startPymodbus({
        1: {
          holding: { 100: [0, 21_345] },
          input: { 100: [815] },
          coil: { 3: [false, true] },
          discrete: { 3: [true, false] },
        },
      }),
    )
    const session = await sessionFor(peer.port)
    const answers = await session.read(
      modbusPoint('energy', { address: 100, type: 'uint32', scale: 0.1 }),
      modbusPoint('temperature', { table: 'input', address: 100, scale: 0.1, offset: -100 }),
      modbusPoint('coil', { table: 'coil', address: 4, type: 'bool' }),
      modbusPoint('discrete', { table: 'discrete', address: 4, type: 'bool' }),
    )
    expect(answers.sort()).toEqual(['coil=true', 'discrete=false', 'energy=2134.5', 'temperature=-18.5'])
  })

  it.runIf(findPeer('python'))('the states of an enumeration, from pymodbus', async () => {
    const peer = closeLater(await startPymodbus({ 1: { holding: { 0: [2, 0, 7, 0x0300] } } }))
    const session = await sessionFor(peer.port)
    const states = { 0: 'off', 2: 'heating' }
    const mode = { quantity: 'operating-mode' } as const
    const answers = await session.read(
      modbusPoint('heating', { states }, mode),
      modbusPoint('off', { address: 1, states }, mode),
      modbusPoint('unnamed', { address: 2, states }, mode),
      modbusPoint('running', { address: 3, bits: { first: 8, count: 8 }, states: { 0: false, 3: true } }),
    )
    expect(answers.sort()).toEqual(['heating=heating', 'off=off', 'running=true', 'unnamed=bad:undecodable'])
  })

  it('what cannot be decoded, or is said to be no value, is bad alone', async () => {
    const device = closeLater(
      await startDevice((r, reply) => reply(registers(r, [0xffff, 0xffff, 0xffff, 0xffff, 5, 0x8000]))),
    )
    const session = await sessionFor(device.port)
    expect(
      await session
        .read(
          modbusPoint('beyond', { type: 'uint64' }),
          modbusPoint('nan', { type: 'float32' }),
          modbusPoint('decimal', { type: 'bcd16' }),
          modbusPoint('next', { address: 4 }),
          modbusPoint('broken', { address: 5, type: 'int16', unavailable: [0x8000] }),
        )
        .then(answers => answers.sort()),
    ).toEqual([
      'beyond=bad:undecodable',
      'broken=bad:sensor-fault',
      'decimal=bad:undecodable',
      'nan=bad:sensor-fault',
      'next=5',
    ])
  })
})

describe('trap 1: one bad register fails the whole batch', () => {
  const points = Array.from({ length: 10 }, (_, address) => modbusPoint(`p${address}`, { address }))
  const onlyP5Bad = points.map(({ name }, i) => (i === 5 ? 'p5=bad:exception' : `${name}=${i}`))

  it.runIf(findPeer('python'))('pymodbus: only the point that does not exist is bad', async () => {
    const peer = closeLater(await startPymodbus({ 1: { holding: { 0: [0, 1, 2, 3, 4], 6: [6, 7, 8, 9] } } }))
    const session = await sessionFor(peer.port)
    expect((await session.read(...points)).sort()).toEqual(onlyP5Bad)
  })

  it('remembers what was refused, tries it again now and then, and sees it recover', async () => {
    let refused = true
    const device = closeLater(
      await startDevice((request, reply) => {
        const addresses = Array.from({ length: request.count }, (_, i) => request.address + i)
        if (refused && addresses.includes(5)) reply(exception(request, 2))
        else reply(registers(request, addresses))
      }),
    )
    const time = handClock()
    const session = await sessionFor(device.port, { time })
    const requestsOf = async () => {
      device.requests.length = 0
      expect((await session.read(...points)).sort()).toEqual(onlyP5Bad)
      return device.requests.length
    }
    await requestsOf()
    await requestsOf()
    // The good parts only: 0 to 4, 6, 7, 8 and 9.
    expect(await requestsOf()).toBe(4)
    time.advance(3_600_000)
    refused = false
    device.requests.length = 0
    expect((await session.read(...points)).sort()).toEqual(points.map(({ name }, i) => `${name}=${i}`))
    expect(device.requests).toHaveLength(1)
  })

  it('another exception marks the points of its request, without asking one by one', async () => {
    const device = closeLater(await startDevice((request, reply) => reply(exception(request, 4))))
    const session = await sessionFor(device.port)
    expect(await session.read(points[0]!, points[1]!)).toEqual(['p0=bad:exception', 'p1=bad:exception'])
    expect(device.requests).toHaveLength(1)
  })
})

describe('a register to which a device is silent, where others answer exception 2', () => {
  const points = Array.from({ length: 10 }, (_, address) => modbusPoint(`p${address}`, { address }))
  const allBut = (bad: string) =>
    points.map(({ name }, i) => (name === bad ? `${name}=bad:timeout` : `${name}=${i}`))

  it.each([0, 5, 9])('is found, costs one time-out a read at most, and is seen to recover: %i', async at => {
    let silent = true
    let timeouts = 0
    const device = closeLater(
      await startDevice((request, reply) => {
        const addresses = Array.from({ length: request.count }, (_, i) => request.address + i)
        if (silent && addresses.includes(at)) timeouts++
        else reply(registers(request, addresses))
      }),
    )
    const time = handClock()
    const driver = driverFor(device.port, { time, timeout: 200 })
    const read = async () => {
      const { all, deliver } = new Collector()
      timeouts = 0
      const session = closeLater(await driver.connect())
      await session.read(points, deliver)
      expect(timeouts).toBeLessThanOrEqual(1)
      time.advance(10_000)
      return told(all).sort()
    }
    const reads = []
    for (let i = 0; i < 10; i++) reads.push(await read())
    for (const samples of reads) expect(samples).toHaveLength(points.length)
    expect(reads.slice(-3)).toEqual([1, 2, 3].map(() => allBut(`p${at}`)))
    // As long as it is silent, nothing is asked together with it.
    device.requests.length = 0
    for (let i = 0; i < 10; i++) expect(await read()).toEqual(allBut(`p${at}`))
    const asked = device.requests.filter(({ address, count }) => address <= at && at < address + count)
    expect(asked.length).toBeGreaterThan(0)
    for (const { count } of asked) expect(count).toBe(1)
    silent = false
    time.advance(3_600_000)
    await read()
    for (let i = 0; i < 5; i++) expect(await read()).toEqual(points.map(({ name }, i) => `${name}=${i}`))
    device.requests.length = 0
    await read()
    expect(device.requests).toHaveLength(1)
  })

  it('never makes the whole unit wait: what is asked beside it is read each time', async () => {
    const [silent, sound] = [modbusPoint('silent', { address: 0 }), modbusPoint('sound', { address: 50 })]
    const device = closeLater(
      await startDevice((request, reply) => {
        if (request.address > 0) reply(registers(request, [7]))
      }),
    )
    const session = await sessionFor(device.port, { time: handClock(), timeout: 200 })
    await session.read(silent, sound)
    for (let i = 0; i < 4; i++) expect(await session.read(silent, sound)).toContain('sound=7')
    // It is left alone for the pause.
    expect(device.requests.filter(({ address }) => address === 0)).toHaveLength(2)
  })
})

describe('trap 2: one dead slave starves all the others on the line', () => {
  const dead = [modbusPoint('dead-1', { unit: 1 }), modbusPoint('dead-2', { unit: 1, address: 50 })]
  const alive = modbusPoint('alive', { unit: 2 })
  const all = [...dead, alive]

  it('costs one time-out, then is asked last, then is left alone for growing pauses', async () => {
    const device = closeLater(
      await startDevice((request, reply) => {
        if (request.unit === 2) reply(registers(request, [42]))
      }),
    )
    const time = handClock()
    const session = await sessionFor(device.port, { time, timeout: 50 })
    const bad = ['dead-1=bad:timeout', 'dead-2=bad:timeout']
    const asked = () => device.requests.splice(0).map(request => request.unit)
    expect(await session.read(...all)).toEqual([...bad, 'alive=42'])
    expect(asked()).toEqual([1, 2])
    expect(await session.read(...all)).toEqual(['alive=42', ...bad])
    expect(asked()).toEqual([2, 1])
    time.advance(4999)
    expect(await session.read(...all)).toEqual(['alive=42', ...bad])
    expect(asked()).toEqual([2])
    time.advance(1)
    await session.read(...all)
    expect(asked()).toEqual([2, 1])
    time.advance(9999)
    await session.read(...all)
    expect(asked()).toEqual([2])
  })

  it('of many that are dead one a read is asked, each in its turn', async () => {
    const device = closeLater(
      await startDevice((request, reply) => {
        if (request.unit === 9) reply(registers(request, [42]))
      }),
    )
    const time = handClock()
    const session = await sessionFor(device.port, { time, timeout: 40 })
    const many = [9, 1, 2, 3].map(unit => modbusPoint(`u${unit}`, { unit }))
    const asked = async () => {
      const answers = await session.read(...many)
      expect(answers.sort()).toEqual(['u1=bad:timeout', 'u2=bad:timeout', 'u3=bad:timeout', 'u9=42'])
      return device.requests.splice(0).map(request => request.unit)
    }
    expect(await asked()).toEqual([9, 1, 2, 3])
    for (const turn of [1, 2, 3, 1, 2]) {
      time.advance(3_600_000)
      expect(await asked()).toEqual([9, turn])
    }
  })

  it('a gateway that says that its unit is silent (exception 11) is believed', async () => {
    const device = closeLater(
      await startDevice((request, reply) =>
        reply(request.unit === 2 ? registers(request, [42]) : exception(request, 11)),
      ),
    )
    const session = await sessionFor(device.port)
    expect(await session.read(...all)).toEqual(['dead-1=bad:timeout', 'dead-2=bad:timeout', 'alive=42'])
    expect((await session.read(...all))[0]).toBe('alive=42')
  })

  it('a unit that comes back is read again', async () => {
    let silent = true
    const device = closeLater(
      await startDevice((request, reply) => {
        if (!silent) reply(registers(request, [7]))
      }),
    )
    const session = await sessionFor(device.port, { timeout: 50 })
    expect(await session.read(...dead)).toEqual(['dead-1=bad:timeout', 'dead-2=bad:timeout'])
    silent = false
    expect((await session.read(...dead)).sort()).toEqual(['dead-1=7', 'dead-2=7'])
  })
})

describe('trap 2: a slow slave starves all the others on the line', () => {
  const INTERVAL = 1000
  const slow = (unit: number) =>
    Array.from({ length: 10 }, (_, i) => modbusPoint(`slow-${unit}-${i}`, { unit, address: i * 10 }))

  /** Reads so many cycles of one second by a clock that only answers move on. */
  async function readCycles(
    points: Point[],
    {
      took,
      cycles,
      answer = (request, reply) => reply(registers(request, [request.address])),
    }: { took: Record<number, number>; cycles: number; answer?: Answer },
  ) {
    const time = handClock()
    const device = closeLater(
      await startDevice((request, reply) => {
        time.advance(took[request.unit] ?? 0)
        answer(request, reply)
      }),
    )
    const session = closeLater(await driverFor(device.port, { time }).connect())
    const { all, deliver } = new Collector()
    const left = new Set<string>()
    const starts: number[] = []
    for (let cycle = 0; cycle < cycles; cycle++) {
      const start = time.elapsed()
      starts.push(start)
      const until = (Math.floor(start / INTERVAL) + 1) * INTERVAL
      const leave = (_points: readonly Point[], who: string) => left.add(who)
      await session.read(points, deliver, { until, leave })
      if (time.elapsed() < until) time.advance(until - time.elapsed())
    }
    const names = all.map(({ point }) => point.name)
    return {
      names,
      told: told(all),
      left: [...left],
      place: `127.0.0.1:${device.port}`,
      missed: starts.map((start, cycle) => Math.floor(start / INTERVAL) - cycle).filter(late => late > 0)
        .length,
    }
  }

  it('costs them nothing: it is read in the time that they leave, each of its registers in turn', async () => {
    const { names, left, place, missed } = await readCycles([...slow(1), quick], {
      took: { 1: 800 },
      cycles: 21,
    })
    expect(missed).toBe(0)
    expect(names.filter(name => name === 'quick')).toHaveLength(21)
    const order = slow(1).map(({ name }) => name)
    expect(names.filter(name => name !== 'quick')).toEqual([...order, ...order, order[0]])
    expect(left).toEqual([`unit 1 on ${place}`])
  })

  it('whose one answer takes longer than their interval gets its share of the line, and no more', async () => {
    const { names, missed } = await readCycles([...slow(1), quick], { took: { 1: 1800 }, cycles: 20 })
    expect(missed).toBe(0)
    expect(names.filter(name => name === 'quick')).toHaveLength(20)
    // 1.8 s of every 4 s: the next instant after twice as long.
    expect(names.filter(name => name !== 'quick')).toHaveLength(5)
  })

  it('gets its share too where the others need more than the time there is', async () => {
    const busy = Array.from({ length: 50 }, (_, i) => modbusPoint(`busy-${i}`, { unit: 10 + i }))
    const { names } = await readCycles([...slow(1), ...busy], {
      took: Object.fromEntries([[1, 50], ...busy.map((_, i) => [10 + i, 25])]),
      cycles: 4,
    })
    // 1.25 s a cycle for the others, and as much for it: all of its ten registers.
    expect(names.filter(name => name.startsWith('slow'))).toHaveLength(40)
  })

  /** One that has no register at one address, and says so its own way; each other one holds its address. */
  const lacking =
    (address: number, say: Answer): Answer =>
    (request, reply) => {
      const { address: first, count } = request
      if (request.unit === 1 && first <= address && address < first + count) say(request, reply)
      else
        reply(
          registers(
            request,
            Array.from({ length: count }, (_, i) => first + i),
          ),
        )
    }
  const quick = modbusPoint('quick', { unit: 2 })
  const ofSlow = (samples: string[]) => samples.filter(sample => sample !== 'quick=0')

  it('is asked all of a block that it refuses, half by half', async () => {
    const block = Array.from({ length: 8 }, (_, address) => modbusPoint(`p${address}`, { address }))
    const { told, missed } = await readCycles([...block, quick], {
      ...{ took: { 1: 800 }, cycles: 100 },
      answer: lacking(2, (request, reply) => reply(exception(request, 2))),
    })
    expect(missed).toBe(0)
    const values = block.map(({ name }, i) => `${name}=${i === 2 ? 'bad:exception' : i}`)
    const all = ofSlow(told)
    for (const some of [all, all.slice(-20)]) expect([...new Set(some)].sort()).toEqual(values)
  })

  it('that is silent to one register is asked for each of the others in turn', async () => {
    const { told, missed } = await readCycles([...slow(1).slice(0, 5), quick], {
      ...{ took: { 1: 800 }, cycles: 22 },
      answer: lacking(20, () => {}),
    })
    expect(missed).toBe(0)
    const lap = [0, 1, 3, 4].map(i => `slow-1-${i}=${i * 10}`)
    const good = ofSlow(told).filter(sample => !sample.endsWith('bad:timeout'))
    expect(good).toEqual(good.map((_, i) => lap[i % 4]))
    expect(good.length).toBeGreaterThan(16)
    expect(new Set(ofSlow(told))).toEqual(new Set([...lap, 'slow-1-2=bad:timeout']))
  })

  it('goes on where it was left when some of its registers are read alone in between, and nothing is left to ask', async () => {
    const time = handClock()
    const device = closeLater(
      await startDevice((request, reply) => {
        time.advance(800)
        lacking(20, () => {})(request, reply)
      }),
    )
    const session = closeLater(await driverFor(device.port, { time }).connect())
    const { all, deliver } = new Collector()
    const points = slow(1).slice(0, 5)
    // There is time for one request beside the other unit.
    const read = (some: readonly Point[]) =>
      session.read(some, deliver, { until: time.elapsed() + 1000, leave: () => {} })
    for (let cycle = 0; cycle < 9; cycle++) {
      await read([...points, quick])
      time.advance(200)
      await read([points[2]!])
    }
    const lap = [0, 1, 3, 4].map(i => `slow-1-${i}=${i * 10}`)
    const good = ofSlow(told(all)).filter(sample => !sample.endsWith('bad:timeout'))
    expect(good.slice(0, 8)).toEqual([...lap, ...lap])
  })

  it('that is silent to a block with a register that it lacks is asked for the rest of it', async () => {
    const block = Array.from({ length: 4 }, (_, address) => modbusPoint(`p${address}`, { address }))
    const other = modbusPoint('other', { address: 50 })
    const { told } = await readCycles([...block, other, quick], {
      ...{ took: { 1: 800 }, cycles: 30 },
      answer: lacking(2, () => {}),
    })
    const last = ofSlow(told).slice(-12)
    expect([...new Set(last)].sort()).toEqual(['other=50', 'p0=0', 'p1=1', 'p2=bad:timeout', 'p3=3'])
  })

  it('is waited for where there is nobody else, or only others that are as slow', async () => {
    const alone = await readCycles(slow(1), { took: { 1: 800 }, cycles: 2 })
    expect(alone.names).toHaveLength(20)
    const both = await readCycles([...slow(1), ...slow(2)], { took: { 1: 800, 2: 800 }, cycles: 1 })
    expect(both.names).toHaveLength(20)
    expect(both.names.slice(0, 4)).toEqual(['slow-1-0', 'slow-2-0', 'slow-1-1', 'slow-2-1'])
    expect([...alone.left, ...both.left]).toEqual([])
  })
})

describe('trap 3: several unit ids behind one ip:port', () => {
  it('one request at a time is under way', async () => {
    let underWay = 0
    let most = 0
    const device = closeLater(
      await startDevice((request, reply) => {
        most = Math.max(most, ++underWay)
        setImmediate(() => {
          underWay--
          reply(registers(request, [request.unit]))
        })
      }),
    )
    const session = await sessionFor(device.port)
    const points = [1, 2, 3].flatMap(unit =>
      [0, 50].map(address => modbusPoint(`u${unit}-${address}`, { unit, address })),
    )
    expect(await session.read(...points)).toHaveLength(6)
    expect(most).toBe(1)
    expect(device.connections()).toBe(1)
  })
})

describe('trap 4: a late reply after a time-out shifts every later answer by one', () => {
  it('drops the late reply by its transaction id', async () => {
    let late: (() => void) | undefined
    const device = closeLater(
      await startDevice((request, reply) => {
        const answer = () => reply(registers(request, [request.address]))
        if (!late) late = answer
        else {
          late()
          late = () => {}
          answer()
        }
      }),
    )
    const session = await sessionFor(device.port, { timeout: 50 })
    const [a, b, c] = [111, 222, 333].map(address => modbusPoint(`at-${address}`, { address }))
    expect(await session.read(a!)).toEqual(['at-111=bad:timeout'])
    expect(await session.read(b!)).toEqual(['at-222=222'])
    expect(await session.read(c!)).toEqual(['at-333=333'])
    expect(await session.read(a!)).toEqual(['at-111=111'])
  })
})

describe('what is said of a fault', () => {
  it('names the place, the unit and the registers, and says what to do, in log, sample and status', async () => {
    const device = closeLater(
      await startDevice((request, reply) => {
        if (request.unit === 4) return
        if (request.unit === 5) reply(exception(request, 11))
        else if (request.address === 70) reply(exception(request, 2))
        else if (request.address !== 200) reply(registers(request, [1]))
      }),
    )
    const place = `127.0.0.1:${device.port}`
    const probe = `affluent probe modbus ${place}`
    const missing = `unit 3 on ${place} answers exception 2 for holding address 70 (40071): the device has no such register; addresses count from 0 here, from 1 in many manuals: try address: 69, address: 40071 where the number in the manual is the address, or see which it has: ${probe} --unit 3 --from 50 --to 90`
    const silent = `unit 3 on ${place} does not answer for holding address 200 (40201), and does for others; see which it has: ${probe} --unit 3 --from 180 --to 220`
    const away = `unit 4 on ${place} does not answer for holding address 0 (40001) within 400 ms: check its unit number (${probe} lists those that answer), or give a longer timeout`
    const behind = `unit 5 on ${place} answers exception 11 for input address 9 (30010): the converter hears nothing from this unit: check its unit number, its baud rate and parity, and the wires A and B`
    const points = [
      modbusPoint('good', { unit: 3 }),
      modbusPoint('missing', { unit: 3, address: 70 }),
      modbusPoint('silent', { unit: 3, address: 200 }),
      modbusPoint('away', { unit: 4 }),
      modbusPoint('behind', { unit: 5, table: 'input', address: 9 }),
    ]
    const lines: string[] = []
    const logger = pino({ level: 'warn' }, { write: line => void lines.push(JSON.parse(line).msg) })
    const driver = driverFor(device.port, { time: handClock(), timeout: 400, logger })
    const session = closeLater(await driver.connect())
    for (let read = 0; read < 2; read++) {
      const { all, deliver } = new Collector()
      await session.read(points, deliver)
      expect(Object.fromEntries(all.map(({ point, fault }) => [point.name, fault]))).toEqual({
        good: undefined,
        missing,
        silent,
        away,
        behind,
      })
    }
    expect(lines.sort()).toEqual([missing, silent, away, behind].sort())

    const statuses = new Collector<ConnectionStatus>()
    const connection = startConnection({
      driver: driverFor(device.port),
      points: points.slice(0, 2),
      clock,
      log,
      deliver: () => {},
      onStatus: status => statuses.deliver([status]),
    })
    closeLater(connection)
    const { state, error } = await statuses.next(status => status.error !== undefined)
    expect([state, error]).toEqual(['connected', `a-site/a-device/missing: ${missing}`])
  })
})

describe('losing the connection', () => {
  const point = modbusPoint('power', {}, { interval: 50 })

  it('a connection that was cut without a word is made anew after two time-outs', async () => {
    const device = closeLater(await startDevice(() => {}))
    const session = await sessionFor(device.port, { timeout: 50 })
    await session.read(point)
    await session.read(point)
    await expect(session.lost).resolves.toMatchObject({ message: expect.stringContaining('lost') })
  })

  it('a request under way fails at once, not after the time-out', async () => {
    const device = closeLater(await startDevice(() => device.hangUp()))
    const session = await sessionFor(device.port, { timeout: 3_600_000 })
    await expect(session.read(point)).rejects.toThrow(/connection to 127\.0\.0\.1:\d+ lost/)
  })

  it('an address where nobody listens is named', async () => {
    const device = await startDevice(() => {})
    await device.close()
    await expect(driverFor(device.port).connect()).rejects.toThrow(
      `cannot connect to 127.0.0.1:${device.port}: connect ECONNREFUSED`,
    )
  })

  it.runIf(findPeer('python'))('pymodbus restarts: bad readings in between, then values again', async () => {
    const contents = { 1: { holding: { 0: [42] } } }
    const peer = await startPymodbus(contents)
    const { all, deliver, next } = new Collector()
    const connection = closeLater(
      startConnection({
        driver: driverFor(peer.port),
        points: [point],
        clock,
        log,
        deliver,
        onStatus: () => {},
      }),
    )
    await next(sample => sample.value === 42)
    await peer.close()
    const down = all.length
    await next(sample => sample.quality === 'bad:disconnected' && sample.value === null, down)
    closeLater(await startPymodbus(contents, peer.port))
    const up = all.length
    await next(sample => sample.value === 42 && sample.quality === 'good', up)
    await connection.close()
  })
})
