import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AlertEvent } from '../../model/alert.ts'
import type { Reading } from '../../model/reading.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import { loadRegistry } from '../../registry/load.ts'
import { pointsOf } from '../../rules/catch-up.ts'
import { conditionOf } from '../../rules/conditions/conditions.ts'
import { replayRule } from '../../rules/replay.ts'
import { formatTime } from '../../rules/text.ts'
import { loadRecordings } from '../../simulators/recordings.ts'
import { createSignals } from '../../simulators/signals/signals.ts'

const FROM = Date.UTC(2026, 6, 1)
const TO = Date.UTC(2027, 6, 1)
const STEP = 5 * MINUTE_MS

const registry = await loadRegistry(join(import.meta.dirname, '../../demo'), { environment: {} })
const recordings = await loadRecordings()
const signals = createSignals({ registry, seed: 1, recordings })
const rule = registry.rules.get('etat-de-chaussee')!

/** A year of the recorded weather at a station of the demonstration, every five minutes. */
function* readingsOf(points: readonly { id: string }[]): Iterable<Reading> {
  const shown = points.map(({ id }) => ({ id, signal: signals.get(id)! }))
  for (let time = FROM; time < TO; time += STEP) {
    for (const { id, signal } of shown)
      yield { point: id, time, value: signal(time), quality: 'good', gatewayTime: time }
  }
}

function yearAt(site: string): AlertEvent[] {
  const point = registry.points.get(`${site}/meteo/surface-temperature`)!
  const condition = conditionOf(rule, point, registry)
  const own = pointsOf({ rule, point, condition }).filter(each => each.site === site)
  return replayRule({
    registry,
    rule,
    point,
    condition,
    readings: readingsOf(own),
    from: FROM,
    to: TO,
    tickMs: STEP,
  })
}

const line = ({ type, time, alert }: AlertEvent) =>
  `${formatTime(time, registry.territory.timeZone, 'en')} ${type} ${alert.phenomenon} ${alert.severity} ${alert.lastValue}`

describe('a year of the recorded weather', () => {
  test.each(['station-col-des-trois-croix', 'station-viaduc-de-la-ferte'])('at %s', async site => {
    const events = yearAt(site)
    await expect(`${events.map(line).join('\n')}\n`).toMatchFileSnapshot(`testdata/road-year-${site}.txt`)
    // No danger in summer, and each one ends.
    const summer = events.filter(({ time }) => [5, 6, 7].includes(new Date(time).getUTCMonth()))
    expect(summer).toEqual([])
    expect(events.filter(({ type }) => type === 'fired')).toHaveLength(
      events.filter(({ type }) => type === 'resolved').length,
    )
    // Nothing comes and goes within the quarter of an hour that a danger must be over.
    for (const { alert } of events.filter(
      ({ type, alert }) => type === 'resolved' && alert.severity === 'critical',
    ))
      expect(alert.resolvedAt! - alert.firedAt).toBeGreaterThan(HOUR_MS / 4)
  })
})
