import { describe, expect, it } from 'vitest'
import {
  dueAgain,
  planStep,
  SENDING_LIMITS,
  type SentBatch,
  type StreamProgress,
  startOver,
} from '../../bus/sending.ts'

const limits = { ...SENDING_LIMITS, batchSize: 100, flushDelayMs: 50, acknowledgementTimeoutMs: 1000 }
const sent = (first: number, last: number, fields: Partial<SentBatch> = {}): SentBatch => {
  return { first, last, backlog: false, repeats: 0, due: 5000, ...fields }
}
/** A stream with `backlog` entries from before the connection and `live` ones since. */
const stream = (backlog: number, live: number, fields: Partial<StreamProgress> = {}): StreamProgress => {
  const begun = startOver(backlog + 1, 1000)
  return { ...begun, next: backlog + live + 1, ...fields }
}
const plan = (streams: StreamProgress[], now: number, backlogFrom = 0) =>
  planStep(streams, backlogFrom, now, limits)

describe('what a sender does next', () => {
  it('waits for an event when there is nothing to send', () => {
    expect(plan([stream(0, 0)], 100)).toEqual({ waitUntil: Number.POSITIVE_INFINITY })
  })

  it('sends live entries at once, and lets them wait no longer than the flush delay after others', () => {
    expect(plan([stream(0, 3)], 0)).toMatchObject({ send: { from: 1, limit: 3, backlog: false } })
    expect(plan([stream(0, 3, { liveSent: 0 })], 49)).toEqual({ waitUntil: 50 })
    expect(plan([stream(0, 3, { liveSent: 0 })], 50)).toMatchObject({
      send: { from: 1, limit: 3, backlog: false },
    })
  })

  it('sends a full batch at once', () => {
    expect(plan([stream(0, 250)], 0)).toMatchObject({ send: { from: 1, limit: 100, backlog: false } })
  })

  it('sends live entries before the backlog, which follows at its rate', () => {
    const streams = [stream(5000, 120)]
    expect(plan(streams, 60)).toMatchObject({ send: { from: 5001, backlog: false } })
    const afterLive = [stream(5000, 120, { live: 5121 })]
    expect(plan(afterLive, 60)).toMatchObject({ send: { from: 1, limit: 100, backlog: true } })
    expect(plan(afterLive, 60, 80)).toEqual({ waitUntil: 80 })
  })

  it('sends the streams in the order of their priority', () => {
    const streams = [stream(400, 0), stream(400, 100)]
    expect(plan(streams, 60)).toMatchObject({ send: { stream: 1, backlog: false } })
    expect(plan([stream(400, 100), stream(0, 100)], 60)).toMatchObject({
      send: { stream: 0, backlog: false },
    })
    expect(plan([stream(400, 0), stream(400, 0)], 60)).toMatchObject({ send: { stream: 0, backlog: true } })
  })

  it('keeps within the window and leaves half of it to live entries', () => {
    const half = [sent(1, 500, { backlog: true })]
    const waiting = stream(5000, 200, { underWay: half, backlog: 501 })
    expect(plan([waiting], 60)).toMatchObject({ send: { from: 5001, backlog: false } })
    expect(plan([{ ...waiting, live: 5201 }], 60)).toEqual({ waitUntil: 5000 })
    const full = stream(0, 2000, { underWay: [sent(1, 990)], live: 991 })
    expect(plan([full], 60)).toMatchObject({ send: { from: 991, limit: 10 } })
    expect(plan([{ ...full, underWay: [sent(1, 1000)], live: 1001 }], 60)).toEqual({ waitUntil: 5000 })
  })

  it('sends again first what was not acknowledged in time', () => {
    const late = sent(11, 30, { due: 1000, repeats: 2, backlog: true })
    expect(plan([stream(0, 500, { underWay: [late] })], 1000)).toEqual({
      send: { stream: 0, from: 11, limit: 20, backlog: true, repeats: 3, of: late },
    })
  })

  it('waits twice as long for each repeat, up to a limit', () => {
    const waits = [0, 1, 2, 3, 9].map(repeats => dueAgain(0, repeats, { ...limits, longestTimeoutMs: 6000 }))
    expect(waits).toEqual([1000, 2000, 4000, 6000, 6000])
  })
})
