import pino from 'pino'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../publication/publish.ts'
import type { Checked } from '../../publication/published.ts'
import { dueAfter, nextTime, startSchedule } from '../../publication/schedule.ts'
import { until } from '../e2e/until.ts'

const ZONE = 'Europe/Paris'
const at = (text: string) => Date.parse(text)

describe('the next time', () => {
  it('is a local time of day, also where the clocks change', () => {
    expect(nextTime(at('2026-10-24T03:00:00Z'), ['05:00'], ZONE)).toBe(at('2026-10-25T04:00:00Z'))
    expect(nextTime(at('2026-10-24T02:59:59Z'), ['05:00'], ZONE)).toBe(at('2026-10-24T03:00:00Z'))
    expect(nextTime(at('2026-11-01T05:00:00Z'), ['05:00', '17:30'], ZONE)).toBe(at('2026-11-01T16:30:00Z'))
    expect(nextTime(at('2026-11-01T05:00:00Z'), [], ZONE)).toBeUndefined()
  })

  it('is late two hours afterwards', () => {
    expect(dueAfter(at('2026-11-01T05:00:00Z'), ['05:00'], ZONE)).toBe(at('2026-11-02T06:00:00Z'))
    expect(dueAfter(at('2026-11-01T05:00:00Z'), [], ZONE)).toBeUndefined()
  })
})

/** A schedule of one dataset that looks all the time; what it has published last is kept beside it. */
function start(now: string, last: Checked | undefined, outcome: () => Outcome[] | Error) {
  const state = { now: at(now), last, published: 0, settled: 0 }
  const lines: string[] = []
  const schedule = startSchedule({
    publisher: {
      async publish() {
        state.published++
        const found = outcome()
        if (found instanceof Error) throw found
        if (!found[0]!.error) state.last = { time: state.now, registry: 'now' }
        return found
      },
    },
    checked: () => [state.last],
    registry: { hash: 'now', territory: { timeZone: ZONE } },
    times: ['05:00'],
    settled: async () => {
      state.settled++
    },
    lookMs: 1,
    clock: { now: () => state.now, elapsed: () => 0 },
    log: pino({ base: undefined }, { write: (line: string) => void lines.push(JSON.parse(line).msg) }),
  })
  const looks = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setTimeout(resolve, 1))
  }
  return { state, lines, schedule, looks }
}

describe('a schedule', () => {
  it('publishes what never was, what the registry changed, and each day, once the figures are in step', async () => {
    const { state, schedule, looks } = start('2026-11-01T12:00:00Z', undefined, () => [
      { dataset: 'a', withdrawn: [] },
    ])
    await until(
      () => state.published,
      count => count === 1,
    )
    expect(state.settled).toBe(1)
    await looks()
    expect(state.published).toBe(1)
    state.now = at('2026-11-02T04:00:00Z')
    await until(
      () => state.published,
      count => count === 2,
    )
    state.last = { time: state.now, registry: 'before' }
    await until(
      () => state.published,
      count => count === 3,
    )
    await schedule.close()
    state.now = at('2026-11-09T04:00:00Z')
    await looks()
    expect(state.published).toBe(3)
  })

  it('tries again what fails, and says what became of it', async () => {
    const outcomes: (Outcome[] | Error)[] = [
      new Error('no thread'),
      [{ dataset: 'a', withdrawn: [], error: 'the store is away' }],
      [{ dataset: 'a', withdrawn: [3] }],
    ]
    const { state, lines, schedule } = start(
      '2026-11-01T12:00:00Z',
      undefined,
      () => outcomes[state.published - 1]!,
    )
    await until(
      () => state.published,
      count => count === 3,
    )
    await schedule.close()
    expect(lines).toEqual([
      'the open data could not be published; the last version stays',
      'a could not be published, its last version stays: the store is away',
      'versions were withdrawn',
    ])
  })
})
