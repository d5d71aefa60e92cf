import { describe, expect, it } from 'vitest'
import { backoffMs } from '../../gateway/backoff.ts'
import { PollSchedule, phaseOf } from '../../gateway/polling.ts'
import { modbusPoint } from './points.ts'

const fast = modbusPoint('fast', {}, { interval: 10_000 })
const slow = modbusPoint('slow', {}, { interval: 600_000 })
const T = 1_800_000_000_000 // a multiple of both

describe('the schedule of polls', () => {
  it('is due at the instants t with t % interval = 0 of the epoch, points of one instant together', () => {
    const schedule = new PollSchedule([fast, slow], T - 3000, 0)
    expect(schedule.take(T - 3000)).toEqual([])
    expect(schedule.sleepMs(T - 3000)).toBe(3000)
    expect(schedule.take(T - 1)).toEqual([])
    expect(schedule.take(T)).toEqual([fast, slow])
    expect(schedule.take(T)).toEqual([])
    expect(schedule.sleepMs(T + 1)).toBe(9999)
    expect(schedule.take(T + 10_000)).toEqual([fast])
  })

  it('is spread by the phases of its connections, over a second at most', () => {
    const phases = Array.from({ length: 1000 }, (_, i) => phaseOf(i, 1000))
    const slots = Map.groupBy(phases, phase => phase)
    expect([...slots.values()].map(({ length }) => length)).toEqual(Array(50).fill(20))
    expect(Math.max(...phases)).toBeLessThan(1000)
    expect(phaseOf(0, 1)).toBe(0)
    const schedule = new PollSchedule([fast, slow], T, 250)
    expect(schedule.sleepMs(T)).toBe(250)
    expect(schedule.take(T + 249)).toEqual([])
    expect(schedule.take(T + 250)).toEqual([fast, slow])
    expect(schedule.sleepMs(T + 250)).toBe(10_000)
    expect(schedule.take(T + 10_249)).toEqual([])
    expect(schedule.take(T + 10_250)).toEqual([fast])
  })

  it('makes up once for instants that were missed, never in a burst', () => {
    const schedule = new PollSchedule([fast, slow], T - 1, 0)
    // A read that took 35 s ran over three instants of the one and the only one of the other.
    expect(schedule.sleepMs(T + 35_000)).toBe(0)
    expect(schedule.take(T + 35_000)).toEqual([fast, slow])
    expect(schedule.take(T + 35_001)).toEqual([])
    expect(schedule.sleepMs(T + 35_001)).toBe(4999)
  })

  it('makes points due at once on demand, and once', () => {
    const schedule = new PollSchedule([fast, slow], T + 1, 0)
    schedule.demand([slow])
    expect(schedule.sleepMs(T + 2)).toBe(0)
    expect(schedule.take(T + 2)).toEqual([slow])
    expect(schedule.take(T + 3)).toEqual([])
    schedule.demand([slow])
    expect(schedule.take(T + 600_000)).toEqual([slow, fast])
  })

  it('asks what did not answer again after a minute, unless it is due before', () => {
    const schedule = new PollSchedule([fast, slow], T, 0)
    schedule.retry([fast, slow], T + 1)
    expect(schedule.take(T + 59_999)).toEqual([fast])
    expect(schedule.sleepMs(T + 60_999)).toBe(0)
    expect(schedule.take(T + 60_999)).toEqual([fast])
    expect(schedule.sleepMs(T + 60_999)).toBe(1)
    expect(schedule.take(T + 61_000)).toEqual([slow])
    expect(schedule.take(T + 61_001)).toEqual([])
    // Whatever asks it before: never twice, nor again for that.
    schedule.retry([slow], T + 590_000)
    schedule.retry([slow], T + 591_000)
    expect(schedule.take(T + 600_000)).toEqual([fast, slow])
    expect(schedule.take(T + 660_000)).toEqual([fast])
  })

  it('goes on when the civil clock is set back, and looks again soon in case it is set forward', () => {
    const schedule = new PollSchedule([slow], T, 0)
    expect(schedule.take(T - 3_600_000)).toEqual([slow])
    expect(schedule.take(T - 3_600_000)).toEqual([])
    expect(schedule.sleepMs(T - 3_600_000 + 1)).toBe(30_000)
  })
})

describe('the back-off', () => {
  it('tries again at once, then after pauses that double up to 30 s, spread by half', () => {
    expect([0, 1, 2, 3, 10].map(attempt => backoffMs(attempt, 1))).toEqual([0, 500, 1000, 2000, 30_000])
    expect([0, 1, 2, 3, 10].map(attempt => backoffMs(attempt, 0))).toEqual([0, 250, 500, 1000, 15_000])
  })
})
