import { expect, it } from 'vitest'
import type { Alert, AlertEvent } from '../../model/alert.ts'
import { bandsOf } from '../../model/alert-history.ts'

const event = (time: number, more: Partial<Alert>) =>
  ({ time, alert: { state: 'firing', severity: 'warning', phenomenon: 'watch', ...more } }) as AlertEvent

it('what was said of a point goes from one change to the next, without holes', () => {
  const events = [
    event(50, {}),
    event(120, { phenomenon: 'ice', severity: 'critical' }),
    // Who takes it over changes nothing of the road.
    event(130, { phenomenon: 'ice', severity: 'critical', state: 'acknowledged' }),
    event(180, { phenomenon: 'ice', severity: 'critical', state: 'resolved' }),
    event(250, { phenomenon: 'hoar' }),
  ]
  expect(bandsOf(events, { start: 100, end: 200 })).toEqual([
    { start: 100, end: 120, danger: { phenomenon: 'watch', severity: 'warning' } },
    { start: 120, end: 180, danger: { phenomenon: 'ice', severity: 'critical' } },
    { start: 180, end: 200, danger: undefined },
  ])
  expect(bandsOf([], { start: 100, end: 200 })).toEqual([{ start: 100, end: 200 }])
})
