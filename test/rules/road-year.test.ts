import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AlertEvent } from '../../model/alert.ts'
import type { Reading } from '../../model/reading.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import { loadRegistry } from '../../registry/load.ts'
import { pointsOf } from '../../rules/catch-up.ts'
import { conditionOf } from '../../rules/conditions/conditions.ts'
import type { Group } from '../../rules/conditions/heard.ts'
import { replayRule } from '../../rules/replay.ts'
import { watchOutlook } from '../../rules/road-outlook.ts'
import { formatTime } from '../../rules/text.ts'
import { loadRecordings } from '../../simulators/recordings.ts'
import { createSignals } from '../../simulators/signals/signals.ts'
import {
  detected,
  falseShare,
  livesOf,
  medianLead,
  onsetsOf,
  rowOf,
  scoreOf,
  spellsOf,
  sumOf,
  watchesOf,
} from './outlook-score.ts'

const FROM = Date.UTC(2026, 6, 1)
const TO = Date.UTC(2027, 6, 1)
const STEP = 5 * MINUTE_MS

const registry = await loadRegistry(join(import.meta.dirname, '../../demo'), { environment: {} })
const recordings = await loadRecordings()
const signals = createSignals({ registry, seed: 1, recordings })
const roadRule = registry.rules.get('etat-de-chaussee')!
const outlookRule = registry.rules.get('verglas-attendu')!

/** A year of the recorded weather at a station of the demonstration, every five minutes. */
function* readingsOf(
  points: readonly { id: string }[],
  { from, to, step } = { from: FROM, to: TO, step: STEP },
): Iterable<Reading> {
  const shown = points.map(({ id }) => ({ id, signal: signals.get(id)! }))
  for (let time = from; time < to; time += step) {
    for (const { id, signal } of shown)
      yield { point: id, time, value: signal(time), quality: 'good', gatewayTime: time }
  }
}

const surfaceAt = (site: string) => registry.points.get(`${site}/meteo/surface-temperature`)!

const years = new Map<string, AlertEvent[]>()
function yearAt(site: string): AlertEvent[] {
  const year = years.get(site) ?? replayYear(site)
  years.set(site, year)
  return year
}

function replayYear(site: string, rule = roadRule, span = { from: FROM, to: TO, step: STEP }): AlertEvent[] {
  const point = surfaceAt(site)
  const condition = conditionOf(rule, point, registry)
  const own = pointsOf({ rule, point, condition }).filter(each => each.site === site)
  return replayRule({
    registry,
    rule,
    point,
    condition,
    readings: readingsOf(own, span),
    ...{ from: span.from, to: span.to, tickMs: span.step },
  })
}

const line = ({ type, time, alert }: AlertEvent) =>
  `${formatTime(time, registry.territory.timeZone, 'en')} ${type} ${alert.phenomenon} ${alert.severity} ${alert.lastValue}`

/** The cold half of it, seen less often. */
const WINTER = { from: Date.UTC(2026, 9, 1), to: Date.UTC(2027, 4, 1), step: 2 * STEP }

/** The moments at which ice or hoar was expected. */
function expectedAt(site: string): number[] {
  const { points, nothing, hear, outlook } = watchOutlook(roadRule, surfaceAt(site), registry)
  const expected: number[] = []
  let memory = nothing
  const take = (group: Group) => {
    memory = hear(memory, group)
    if (outlook(memory, group.at).state === 'expected') expected.push(group.at.now)
  }
  let group: Group | undefined
  for (const reading of readingsOf(points, WINTER)) {
    const at = { now: reading.time, elapsed: reading.time - FROM }
    if (group?.at.now !== at.now) {
      if (group) take(group)
      group = { readings: [], at }
    }
    group.readings.push({ reading, at })
  }
  return expected
}

const SITES = ['station-col-des-trois-croix', 'station-viaduc-de-la-ferte']

describe('a year of the recorded weather', () => {
  test.each(SITES)('at %s', async site => {
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

  // The surface is modelled from the recorded weather of the air: the figures are of the model, not of a road.
  test('the outlook tells most of ice and hoar ahead, earlier than WATCH does', async () => {
    const scores = SITES.map(site => scoreOf(onsetsOf(yearAt(site)), spellsOf(expectedAt(site))))
    const outlook = sumOf(scores)
    const told = sumOf(
      SITES.map(site => {
        const events = replayYear(site, outlookRule, WINTER)
        return scoreOf(onsetsOf(yearAt(site)), livesOf(events))
      }),
    )
    const watch = sumOf(SITES.map(site => scoreOf(onsetsOf(yearAt(site)), watchesOf(yearAt(site)))))
    expect(outlook.onsets).toBeGreaterThan(20)
    expect(detected(outlook)).toBeGreaterThan(0.55)
    expect(falseShare(outlook)).toBeLessThan(0.45)
    expect(detected(outlook)).toBeGreaterThan(detected(watch))
    expect(medianLead(outlook)).toBeGreaterThan(1.5 * medianLead(watch))
    // What nothing has told began when it began to rain or snow.
    for (const [i, site] of SITES.entries()) {
      const rate = signals.get(`${site}/meteo/precipitation-rate`)!
      const rains = (time: number) => Number(rate(time)) > 0
      const began = scores[i]!.missed.map(time => !rains(time - HOUR_MS) && rains(time))
      expect(began).not.toContain(false)
    }
    const documented = await readFile(join(import.meta.dirname, '../../docs/rules.md'), 'utf8')
    expect(documented).toContain(
      [rowOf('Outlook', outlook), rowOf('Rule `verglas-attendu`', told), rowOf('WATCH alone', watch)].join(
        '\n',
      ),
    )
  })
})
