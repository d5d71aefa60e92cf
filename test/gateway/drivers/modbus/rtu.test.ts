import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createDriver } from '../../../../gateway/drivers/modbus/modbus.ts'
import type { Clock } from '../../../../model/clock.ts'
import type { Point } from '../../../../registry/registry.ts'
import type { ModbusConnection } from '../../../../registry/schema.ts'
import { startModbusServer } from '../../../../simulators/modbus-server.ts'
import { closeLater } from '../../../close-later.ts'
import { findPeer } from '../../../peers/cache.ts'
import { startPymodbus } from '../../../peers/python.ts'
import { Collector, clock, handClock, log, told } from '../../collector.ts'
import { modbusConnection, modbusPoint } from '../../points.ts'
import { type Answer, exception, registers, rtuFrame, startDevice } from './device.ts'

async function sessionFor(fields: Partial<ModbusConnection>, time: Clock = clock) {
  const driver = createDriver({ connection: modbusConnection(fields), folder: '', clock: time, log })
  const session = closeLater(await driver.connect())
  return {
    lost: session.lost,
    async read(...points: Point[]): Promise<string[]> {
      const { all, deliver } = new Collector()
      await session.read(points, deliver)
      return told(all)
    },
  }
}

const serial = (path: string) =>
  ({ path, baudRate: 9600, parity: 'none', dataBits: 8, stopBits: 1 }) satisfies ModbusConnection['serial']

const CONTENTS = {
  7: {
    holding: { 0: [1, 2, 3], 300: Array.from({ length: 125 }, (_, i) => i) },
    coil: { 3: [true, false, true] },
  },
  8: { input: { 10: [815] } },
}
const POINTS = [
  modbusPoint('first', { unit: 7, address: 0 }),
  modbusPoint('third', { unit: 7, address: 2 }),
  modbusPoint('last-of-125', { unit: 7, address: 424 }),
  modbusPoint('coil', { unit: 7, table: 'coil', address: 5, type: 'bool' }),
  modbusPoint('missing', { unit: 7, address: 200 }),
  modbusPoint('other-unit', { unit: 8, table: 'input', address: 10 }),
]
const ANSWERS = [
  'coil=true',
  'first=1',
  'last-of-125=124',
  'missing=bad:exception',
  'other-unit=815',
  'third=3',
]

describe('frames of a serial line', () => {
  it.runIf(findPeer('python'))('over a serial line, from pymodbus: units, tables, refusals', async () => {
    const peer = closeLater(await startPymodbus(CONTENTS, 0, 'serial'))
    const session = await sessionFor({ host: undefined, serial: serial(peer.path) })
    const filled = Array.from({ length: 124 }, (_, i) => modbusPoint(`r${i}`, { unit: 7, address: 300 + i }))
    expect((await session.read(...POINTS)).sort()).toEqual(ANSWERS)
    expect(await session.read(...filled)).toEqual(filled.map(({ name }, i) => `${name}=${i}`))
    await peer.set(7, 'holding', 0, [4])
    expect(await session.read(POINTS[0]!)).toEqual(['first=4'])
  })

  it.runIf(findPeer('python'))('over TCP, from pymodbus', async () => {
    const { port } = closeLater(await startPymodbus(CONTENTS, 0, 'rtu-over-tcp'))
    const session = await sessionFor({ port, framing: 'rtu' })
    expect((await session.read(...POINTS)).sort()).toEqual(ANSWERS)
  })

  it('over TCP, from our own simulator, which passes over what is no request', async () => {
    const unit = { read: (_: unknown, address: number, count: number) => Array(count).fill(address) }
    const server = await startModbusServer({
      ...{ host: '127.0.0.1', port: 0, framing: 'rtu', clock, log },
      units: new Map([[7, unit]]),
    })
    closeLater(server)
    const session = await sessionFor({ port: server.port, framing: 'rtu', timeout: 50 })
    const [here, nobody] = [modbusPoint('here', { unit: 7, address: 5 }), modbusPoint('nobody', { unit: 9 })]
    expect(await session.read(nobody, here)).toEqual(['here=5', 'nobody=bad:timeout'].reverse())
    expect(await session.read(here)).toEqual(['here=5'])

    // Silence is no exception of a gateway.
    const socket = connect(server.port, '127.0.0.1')
    closeLater({ close: () => socket.destroy() })
    const ask = (unit: number) => rtuFrame([unit, 3, 0, 5, 0, 1])
    socket.write(Buffer.concat([ask(9), Buffer.from([7, 3]), ask(7)]))
    const [answered] = (await once(socket, 'data')) as [Buffer]
    expect([...answered]).toEqual([...rtuFrame([7, 3, 2, 0, 5])])
  })

  it('a serial line that is not there is named', async () => {
    const driver = createDriver({
      ...{
        connection: modbusConnection({ host: undefined, serial: serial('/dev/tty-of-nobody') }),
        folder: '',
      },
      ...{ clock, log },
    })
    await expect(driver.connect()).rejects.toThrow(/cannot open the serial line \/dev\/tty-of-nobody: .*/)
  })

  it.runIf(findPeer('python'))('a serial line that goes away is lost', async () => {
    const peer = await startPymodbus(CONTENTS, 0, 'serial')
    const session = await sessionFor({ host: undefined, serial: serial(peer.path) })
    expect(await session.read(POINTS[0]!)).toEqual(['first=1'])
    await peer.close()
    await expect(session.lost).resolves.toMatchObject({ message: expect.stringContaining(peer.path) })
  })
})

/** A device that answers as it is told, and a session with it. */
async function talkTo(answer: Answer, fields: Partial<ModbusConnection> = {}, time?: Clock) {
  const device = closeLater(await startDevice(answer, 0, 'rtu'))
  const session = await sessionFor({ port: device.port, framing: 'rtu', timeout: 100, ...fields }, time)
  return { device, session }
}

const point = (address: number, unit = 1) => modbusPoint(`at-${address}`, { unit, address })

describe('trap 4 without transaction ids', () => {
  it('a late reply is not taken for the answer to the same question, asked again', async () => {
    let asked = 0
    const { session } = await talkTo((request, reply) => {
      const nth = ++asked
      setTimeout(() => reply(registers(request, [nth])), nth === 1 ? 150 : 0)
    })
    expect(await session.read(point(5))).toEqual(['at-5=bad:timeout'])
    // On a busy machine the late one comes with the next one, and it is asked once more.
    expect(await session.read(point(5))).toEqual([`at-5=${asked}`])
    expect(asked).toBeGreaterThan(1)
    expect(await session.read(point(5))).toEqual([`at-5=${asked}`])
  })

  it('an answer that comes with the next one is not taken for it: that is asked again, once', async () => {
    const { device, session } = await talkTo((request, reply) => {
      const answer = registers(request, Array(request.count).fill(request.address))
      if (device.requests.length === 2) device.say(rtuFrame([1, ...registers({ ...request, count: 1 }, [5])]))
      if (device.requests.length > 1) reply(answer)
    })
    expect(await session.read(point(5))).toEqual(['at-5=bad:timeout'])
    expect(await session.read(point(6))).toEqual(['at-6=6'])
    expect(await session.read(point(7))).toEqual(['at-7=7'])
    expect(device.requests.map(({ address, count }) => [address, count])).toEqual([
      [5, 1],
      [6, 1],
      [6, 1],
      [7, 1],
    ])
  })

  it('a device that is silent about a register that it lacks is asked for no other for it', async () => {
    const time = handClock()
    const lacking: Answer = (request, reply) => {
      if (request.address !== 5 && request.count === 1) reply(registers(request, [request.address]))
    }
    const { session } = await talkTo(lacking, {}, time)
    // While another unit answers, the connection is kept.
    const other = point(9, 2)
    expect(await session.read(point(5), other)).toEqual(['at-5=bad:timeout', 'at-9=9'])
    time.advance(60_000)
    expect((await session.read(point(6), other)).sort()).toEqual(['at-6=6', 'at-9=9'])
  })

  it('a unit that keeps what it is asked while it stalls is believed when it has answered all of it', async () => {
    const time = handClock()
    const kept: (() => void)[] = []
    const { device, session } = await talkTo(
      (request, reply) => {
        const { unit, address, count } = request
        const answer = () => reply(registers(request, Array(count).fill(address)))
        if (unit === 2 && device.requests.filter(asked => asked.unit === 2).length <= 3) kept.push(answer)
        else answer()
        if (kept.length === 3) for (const late of kept.splice(0)) setTimeout(late, 20 * kept.length)
      },
      // A busy machine has answers late, too.
      { timeout: 300 },
      time,
    )
    const wide = (address: number) => modbusPoint(`at-${address}`, { unit: 2, address, type: 'uint32' })
    const sound = point(9)
    const both = [wide(20), wide(40)]
    for (let i = 0; i < 2; i++) {
      expect((await session.read(...both, sound)).sort()).toEqual([
        'at-20=bad:timeout',
        'at-40=bad:timeout',
        'at-9=9',
      ])
      time.advance(600_000)
    }
    const good = [20, 40].map(address => `at-${address}=${address * 65_537}`)
    for (let i = 0; i < 3; i++)
      expect((await session.read(...both, sound)).sort()).toEqual([...good, 'at-9=9'])
  })

  it('an answer of another length than those that are owed is believed at once', async () => {
    const { device, session } = await talkTo((request, reply) => {
      if (request.address !== 5) reply(registers(request, Array(request.count).fill(request.address)))
    })
    await session.read(point(5))
    const wide = modbusPoint('wide', { address: 6, type: 'uint32' })
    expect(await session.read(wide)).toEqual([`wide=${6 * 65_537}`])
    expect(await session.read(point(7))).toEqual(['at-7=7'])
    expect(device.requests.map(({ address }) => address)).toEqual([5, 6, 7])
  })

  it('a unit that is silent about registers that it lacks is found by one that it has', async () => {
    const time = handClock()
    const { session } = await talkTo(
      (request, reply) => {
        const isThere = request.unit === 1 || (request.address === 20 && request.count === 1)
        if (isThere) reply(registers(request, [request.address]))
      },
      {},
      time,
    )
    const points = [point(1), point(10, 2), point(20, 2)]
    const read = async () => {
      const answers = await session.read(...points)
      time.advance(600_000)
      return answers.sort()
    }
    await read()
    for (let i = 0; i < 4; i++) expect(await read()).toEqual(['at-10=bad:timeout', 'at-1=1', 'at-20=20'])
  })

  it('a unit that is silent to one register loses no reading of the others, however often it is tried', async () => {
    const time = handClock()
    const { device, session } = await talkTo(
      (request, reply) => {
        if (request.count === 1 && request.address !== 20) reply(registers(request, [request.address]))
      },
      {},
      time,
    )
    const points = [point(10), point(20), point(30)]
    await session.read(...points)
    for (let i = 0; i < 5; i++) {
      time.advance(600_000)
      expect((await session.read(...points)).sort()).toEqual(['at-10=10', 'at-20=bad:timeout', 'at-30=30'])
    }
    expect(device.requests.filter(({ address }) => address === 20)).toHaveLength(6)
  })

  it('after a silence that stays one, the next question waits once as long', async () => {
    const times: number[] = []
    const { session } = await talkTo((request, reply) => {
      times.push(performance.now())
      if (times.length > 1) reply(registers(request, Array(request.count).fill(7)))
    })
    await session.read(point(5))
    expect(await session.read(point(5))).toEqual(['at-5=7'])
    // Where the device hears the first one late there is less between them; without a pause there is half of it.
    expect(times[1]! - times[0]!).toBeGreaterThan(150)
  })
})

describe('a noisy line', () => {
  it('an answer is found behind noise, and in pieces', async () => {
    const { device, session } = await talkTo(
      request => {
        const frame = rtuFrame([request.unit, ...registers(request, [815])])
        device.say(Buffer.concat([Buffer.from([0, 1, 3, 0xff, 1]), frame.subarray(0, 4)]))
        setTimeout(() => device.say(frame.subarray(4)), 10)
      },
      { timeout: 5000 },
    )
    expect(await session.read(point(5))).toEqual(['at-5=815'])
  })

  it('an answer of another unit, of another length, or with a wrong sum is none', async () => {
    const { device, session } = await talkTo(request => {
      const wrong = rtuFrame([1, ...registers(request, [2])])
      wrong[wrong.length - 1]! ^= 1
      for (const bytes of [rtuFrame([2, ...registers(request, [1])]), wrong, rtuFrame([1, 3, 4, 0, 3, 0, 3])])
        device.say(bytes)
    })
    expect(await session.read(point(5))).toEqual(['at-5=bad:timeout'])
  })

  it('a refusal is one', async () => {
    const { session } = await talkTo((request, reply) => reply(exception(request, 2)))
    expect(await session.read(point(5))).toEqual(['at-5=bad:exception'])
  })
})

describe('pacing', () => {
  it('leaves the device a pause before each request', async () => {
    const times: number[] = []
    const { session } = await talkTo(
      (request, reply) => {
        times.push(performance.now())
        reply(registers(request, [1]))
      },
      { pause: 40 },
    )
    await session.read(point(1), point(10), point(20))
    expect(times.slice(1).map((time, i) => time - times[i]! > 35)).toEqual([true, true])
  })
})

describe('several dead units on one line', () => {
  it('take nothing of the time of the next one with the quiet that follows them', async () => {
    const device = closeLater(
      await startDevice(
        (request, reply) => {
          if (request.unit !== 1) reply(registers(request, [request.unit]))
        },
        0,
        'rtu',
      ),
    )
    const connection = modbusConnection({ port: device.port, framing: 'rtu', timeout: 400 })
    const driver = createDriver({ connection, folder: '', clock, log })
    const session = closeLater(await driver.connect())
    const { all, deliver } = new Collector()
    const left: string[] = []
    const others = [2, 3].flatMap(unit =>
      [10, 20].map(address => modbusPoint(`${unit}-${address}`, { unit, address })),
    )
    // A third of it is less than the quiet, and far more than an answer takes; what is not in time would be left.
    const until = clock.elapsed() + 1000
    await session.read([point(1), ...others], deliver, { until, leave: (_, who) => left.push(who) })
    expect(left).toEqual([])
    expect(told(all)).toEqual(['at-1=bad:timeout', '2-10=2', '3-10=3', '2-20=2', '3-20=3'])
  })

  it('are no reason to connect anew while another answers', async () => {
    const { device, session } = await talkTo(
      (request, reply) => {
        if (request.unit === 1) reply(registers(request, [1]))
      },
      { timeout: 30 },
    )
    const all = [1, 2, 3, 4].map(unit => point(unit, unit))
    for (let i = 0; i < 2; i++) await session.read(...all)
    expect(await session.read(all[0]!)).toEqual(['at-1=1'])
    expect(device.connections()).toBe(1)
  })
})
