import { describe, expect, it, onTestFinished } from 'vitest'
import { startConnection } from '../../gateway/connection.ts'
import type { Deliver, Driver, Sample, Session } from '../../gateway/driver.ts'
import type { Clock } from '../../model/clock.ts'
import type { ConnectionStatus } from '../../model/delivery.ts'
import type { QualityCode } from '../../model/quality.ts'
import type { Point } from '../../registry/registry.ts'
import { Collector, clock, log } from './collector.ts'
import { modbusPoint } from './points.ts'

const power = modbusPoint('power', {}, { interval: 50 })
const NOON = Date.UTC(2026, 10, 22, 12)
const energy = modbusPoint('energy', {}, { interval: 50 })

/** A driver in memory: every point reads 1, unless told otherwise. */
function fakeDriver({
  connecting = async () => {},
  reading = async () => {},
  quality = () => 'good',
  speaks = false,
}: {
  connecting?: () => Promise<void>
  reading?: (points: readonly Point[]) => Promise<void>
  quality?: (point: Point) => QualityCode
  speaks?: boolean
} = {}) {
  const reads: string[][] = []
  let say: Deliver = () => {}
  let lose = (_: Error) => {}
  let sessions = 0
  const driver: Driver = {
    async connect() {
      await connecting()
      sessions++
      const lost = Promise.withResolvers<Error>()
      lose = lost.resolve
      const session: Session = {
        lost: lost.promise,
        async read(points, deliver) {
          reads.push(points.map(point => point.name))
          await reading(points)
          deliver(
            points.map(point => {
              const said = quality(point)
              return { point, value: said === 'good' ? 1 : null, quality: said }
            }),
          )
        },
        close: async () => lose(new Error('closed')),
      }
      if (!speaks) return session
      return {
        ...session,
        subscribe: async (_points, deliver) => {
          say = deliver
        },
      }
    },
  }
  return {
    driver,
    reads,
    sessions: () => sessions,
    lose: (message: string) => lose(new Error(message)),
    say: (point: Point, what: Omit<Sample, 'point'> = { value: 2, quality: 'good' }) =>
      say([{ point, ...what }]),
  }
}

function start(driver: Driver, points: Point[], check: Deliver = () => {}, time: Clock = clock) {
  const samples = new Collector()
  const statuses = new Collector<ConnectionStatus>()
  const connection = startConnection({
    driver,
    points,
    clock: time,
    log,
    deliver: delivered => {
      samples.deliver(delivered)
      check(delivered)
    },
    onStatus: status => statuses.deliver([status]),
  })
  onTestFinished(() => connection.close())
  return { connection, samples, statuses }
}

describe('the time of a cycle', () => {
  it('is up when points are due again: many slow devices never hold up what is read often', async () => {
    const slow = ['a', 'b', 'c', 'd'].map(device => ({
      ...modbusPoint(device, {}, { interval: 3_600_000 }),
      device,
    }))
    // Each of them takes longer than the interval of the other point.
    const driver = fakeDriver({
      reading: points =>
        new Promise(resolve => setTimeout(resolve, points.some(point => slow.includes(point)) ? 60 : 0)),
    })
    const { samples } = start(driver.driver, [...slow, power])
    for (const point of slow) await samples.next(sample => sample.point === point)
    const reads = driver.reads.map(names => names.join())
    expect(reads.filter(names => names !== 'power')).toEqual(['a', 'b', 'c', 'd'])
    const order = reads.slice(0, reads.indexOf('d') + 1)
    expect(order).toEqual(['power', 'a', 'power', 'b', 'power', 'c', 'power', 'd'])
  })

  it('is enough for one slow device even where what is read often takes all of it', async () => {
    const slow = ['a', 'b'].map(device => ({ ...modbusPoint(device, {}, { interval: 3_600_000 }), device }))
    const { driver } = fakeDriver({ reading: () => new Promise(resolve => setTimeout(resolve, 60)) })
    const { samples } = start(driver, [...slow, power])
    for (const point of slow) await samples.next(sample => sample.point === point)
  })
})

describe('points that a read leaves for want of time', () => {
  it('are read with what is due next, and the status says once which device is too slow', async () => {
    const lost = Promise.withResolvers<Error>()
    const readAt = new Map<Point, number>()
    let reads = 0
    let isSlow = true
    const session: Session = {
      lost: lost.promise,
      async read(points, deliver, time) {
        const inOrder = points.toSorted((a, b) => (readAt.get(a) ?? 0) - (readAt.get(b) ?? 0))
        const some = isSlow ? inOrder.slice(0, 1) : inOrder
        for (const point of some) readAt.set(point, ++reads)
        deliver(some.map(point => ({ point, value: 1, quality: 'good' })))
        time!.leave(inOrder.slice(some.length), 'unit 1')
      },
      close: async () => lost.resolve(new Error('closed')),
    }
    const hourly = modbusPoint('hourly', {}, { interval: 3_600_000 })
    const { samples, statuses } = start({ connect: async () => session }, [power, energy, hourly])
    await samples.next(sample => sample.point === hourly)
    const said = await statuses.next(({ error }) => error !== undefined)
    expect(said).toEqual({ state: 'connected', error: expect.stringMatching(/^unit 1 answers too slowly /) })
    const { length } = samples.all
    for (const point of [power, energy]) await samples.next(sample => sample.point === point, length + 4)
    expect(statuses.all.at(-1)).toBe(said)
    isSlow = false
    await statuses.next(({ error }) => error === undefined, statuses.all.indexOf(said))
  })

  it('of long intervals are not left until then', async () => {
    const hourly = ['a', 'b'].map(name => modbusPoint(name, {}, { interval: 3_600_000 }))
    const { driver } = fakeDriver()
    const withoutTime: Driver = {
      async connect() {
        const session = await driver.connect()
        return {
          ...session,
          read(points, deliver, time) {
            const [first, ...rest] = points
            time!.leave(rest, 'unit 1')
            return session.read([first!], deliver)
          },
        }
      },
    }
    const { samples, statuses } = start(withoutTime, [power, ...hourly])
    for (const point of hourly) await samples.next(sample => sample.point === point)
    // It takes no longer than its interval.
    expect(statuses.all.at(-1)).toEqual({ state: 'connected' })
  })
})

describe('keeping a connection', () => {
  it('reads every point as soon as it is connected, whatever its interval', async () => {
    const hourly = modbusPoint('hourly', {}, { interval: 3_600_000 })
    const { samples } = start(fakeDriver().driver, [hourly])
    await samples.next(sample => sample.value === 1)
  })

  it('says nothing of its points while it connects for the first time, however often they are due', async () => {
    const { driver } = fakeDriver({ connecting: () => new Promise(resolve => setTimeout(resolve, 200)) })
    const { samples } = start(driver, [power])
    await samples.next(sample => sample.value === 1)
    expect(samples.all[0]).toMatchObject({ value: 1, quality: 'good' })
  })

  it('tries again at once when the first attempt fails, and tells why meanwhile', async () => {
    const failures = ['nobody answers there', 'nobody answers there']
    const { driver } = fakeDriver({
      connecting: async () => {
        const failure = failures.pop()
        if (failure) throw new Error(failure)
      },
    })
    const { samples, statuses } = start(driver, [power])
    await statuses.next(({ state, error }) => state === 'failed' && error === 'nobody answers there')
    await samples.next(sample => sample.value === null && sample.quality === 'bad:disconnected')
    await samples.next(sample => sample.value === 1)
    expect(statuses.all.at(-1)).toEqual({ state: 'connected' })
  })

  it('asks what did not answer again long before its interval is over, and what is refused only then', async () => {
    const [silent, refused] = ['silent', 'refused'].map(name =>
      modbusPoint(name, {}, { interval: 86_400_000 }),
    ) as [Point, Point]
    let ahead = 0
    const fake = fakeDriver({
      quality: point => {
        if (point === refused) return 'bad:exception'
        return point === silent && ahead === 0 ? 'bad:timeout' : 'good'
      },
    })
    const { samples } = start(fake.driver, [power, silent, refused], () => {}, {
      ...clock,
      now: () => NOON + clock.elapsed() + ahead,
    })
    await samples.next(sample => sample.point === silent && sample.quality === 'bad:timeout')
    ahead = 61_000
    await samples.next(sample => sample.point === silent && sample.value === 1)
    expect(samples.all.filter(sample => sample.point === refused)).toHaveLength(1)
  })

  it('reads again at once, when it is back, only what was missed', async () => {
    const hourly = modbusPoint('hourly', {}, { interval: 3_600_000 })
    let down = false
    const fake = fakeDriver({
      connecting: async () => {
        if (down) throw new Error('nobody answers there')
      },
    })
    const { samples } = start(fake.driver, [power, hourly])
    await samples.next(sample => sample.point === hourly && sample.value === 1)
    down = true
    fake.lose('closed by the device')
    await samples.next(sample => sample.point === power && sample.quality === 'bad:disconnected')
    down = false
    await samples.next(sample => sample.point === power && sample.value === 1, samples.all.length)
    expect(fake.reads.filter(names => names.includes('hourly'))).toHaveLength(1)
  })

  it('connects again when the session is lost', async () => {
    const fake = fakeDriver()
    const { samples, statuses } = start(fake.driver, [power])
    await samples.next(sample => sample.value === 1)
    fake.lose('closed by the device')
    await statuses.next(({ state, error }) => state === 'failed' && error === 'closed by the device')
    await statuses.next(({ state }) => state === 'connected', statuses.all.length - 1)
    expect(fake.sessions()).toBe(2)
  })

  it('reads of points that speak by themselves only those that stay silent (trap 8)', async () => {
    const fake = fakeDriver({ speaks: true })
    const { samples } = start(fake.driver, [power, energy], delivered => {
      if (delivered.some(sample => sample.point === energy && sample.value === 1)) fake.say(power)
    })
    await samples.next(sample => sample.point === energy && sample.value === 1, 6)
    expect(fake.reads[0]).toEqual(['power', 'energy'])
    expect(fake.reads.slice(1).every(names => names.length === 1 && names[0] === 'energy')).toBe(true)
  })

  it('shows what is wrong with points of which all speak by themselves, and that it is over', async () => {
    const fake = fakeDriver({ speaks: true })
    const fault = 'the server says BadSensorFailure'
    let what: Omit<Sample, 'point'> = { value: null, quality: 'bad:sensor-fault', fault }
    const speaking = setInterval(() => fake.say(power, what), 5)
    onTestFinished(() => clearInterval(speaking))
    const { statuses } = start(fake.driver, [power])
    const said = await statuses.next(({ error }) => error !== undefined)
    expect(said).toEqual({ state: 'connected', error: `${power.id}: ${fault}` })
    what = { value: 2, quality: 'good' }
    await statuses.next(({ error }) => error === undefined, statuses.all.indexOf(said))
    expect(statuses.all.at(-1)).toEqual({ state: 'connected' })
  })

  it('says nothing of points that a read leaves out: who cannot be asked is not disconnected', async () => {
    const fake = fakeDriver()
    const driver: Driver = {
      async connect() {
        const session = await fake.driver.connect()
        return {
          ...session,
          read: (points, deliver) =>
            session.read(
              points.filter(p => p === power),
              deliver,
            ),
        }
      },
    }
    const { samples } = start(driver, [power, energy])
    const from = samples.all.indexOf(await samples.next(sample => sample.value === 1))
    await samples.next(() => true, from + 4)
    expect(samples.all.slice(from).map(({ point }) => point.name)).not.toContain('energy')
  })
})

describe('trap 9: an uncaught exception ends a poll loop for good', () => {
  it('of the driver: the points are bad, the status says why, and polling goes on', async () => {
    let broken = true
    const { driver } = fakeDriver({
      reading: async () => {
        if (broken) throw new TypeError('x is not a function')
      },
    })
    const { samples, statuses } = start(driver, [power])
    await statuses.next(({ state, error }) => state === 'failed' && error === 'x is not a function')
    await samples.next(({ value, quality }) => value === null && quality === 'bad:disconnected')
    broken = false
    const { length } = samples.all
    await samples.next(sample => sample.value === 1, length)
    await statuses.next(({ state, error }) => state === 'connected' && !error, 2)
  })

  it('of the journal: the status says why, and polling goes on', async () => {
    let full = true
    const { samples, statuses } = start(fakeDriver().driver, [power], () => {
      if (full) throw new Error('no space left on device')
    })
    await samples.next(() => true, 3)
    expect(statuses.all.at(-1)).toEqual({ state: 'connected', error: 'no space left on device' })
    full = false
    await statuses.next(({ state, error }) => state === 'connected' && !error, 3)
  })
})

describe('closing', () => {
  it('is quick while a connect hangs, and nothing is delivered afterwards', async () => {
    const hanging = Promise.withResolvers<void>()
    const fake = fakeDriver({ connecting: () => hanging.promise })
    const { connection, samples, statuses } = start(fake.driver, [power])
    await statuses.next(({ state }) => state === 'connecting')
    const begin = performance.now()
    await connection.close()
    expect(performance.now() - begin).toBeLessThan(1900)
    hanging.resolve()
    await new Promise(setImmediate)
    expect(samples.all).toEqual([])
  })
})
