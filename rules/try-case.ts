import type { AlertEvent } from '../model/alert.ts'
import { foresightThen, type ReceivedForecast } from '../model/forecast.ts'
import type { Reading } from '../model/reading.ts'
import { HOUR_MS, MINUTE_MS } from '../model/time.ts'
import type { Registry } from '../registry/registry.ts'
import type { RuleCase } from '../registry/rule-cases.ts'
import { conditionOf } from './conditions/conditions.ts'
import { replayRule } from './replay.ts'

/** How long an event may be off what is expected, ms: time passes by the minute. */
const TOLERANCE_MS = MINUTE_MS

export interface CaseOutcome {
  passed: boolean
  /** `+30min fired ice critical`, in order. */
  expected: string[]
  told: string[]
}

/** Lets a rule hear what a case says, and holds what it tells against what is expected. */
export function tryCase(trial: RuleCase, registry: Registry): CaseOutcome {
  const { rule, point, start, expect } = trial
  const readings = readingsOf(trial)
  const to = start + (trial.until ?? (readings.at(-1)?.time ?? start) - start + HOUR_MS)
  const issued = forecastsOf(trial)
  const foresee = foresightThen(
    site => (site === point.site ? issued : []),
    source => registry.forecasts.get(source)?.staleAfter,
  )
  const condition = conditionOf(rule, point, registry, foresee)
  const events = replayRule({ registry, rule, point, condition, readings, from: start, to })
  const fits = (wanted: RuleCase['expect'][number], event: AlertEvent | undefined) =>
    event !== undefined &&
    event.type === wanted.event &&
    Math.abs(event.time - start - wanted.at) <= TOLERANCE_MS &&
    (wanted.phenomenon === undefined || wanted.phenomenon === event.alert.phenomenon) &&
    (wanted.severity === undefined || wanted.severity === event.alert.severity)
  return {
    passed: events.length === expect.length && expect.every((wanted, i) => fits(wanted, events[i])),
    expected: expect.map(({ at, event, phenomenon, severity }) => line(at, event, phenomenon, severity)),
    told: events.map(({ type, time, alert }) => line(time - start, type, alert.phenomenon, alert.severity)),
  }
}

function readingsOf({ readings, start }: RuleCase): Reading[] {
  const all = readings.flatMap(({ at, for: length = 0, every, values }) =>
    Array.from({ length: Math.floor(length / every) + 1 }, (_, i) => start + at + i * every).flatMap(time =>
      Object.entries(values).map(
        ([point, value]): Reading => ({
          ...{ point, time, value, gatewayTime: time },
          quality: value === null ? 'bad:timeout' : 'good',
        }),
      ),
    ),
  )
  return all.sort((a, b) => a.time - b.time)
}

function forecastsOf({ forecasts, point: { site }, start }: RuleCase): ReceivedForecast[] {
  return forecasts.map(({ at, source, steps }) => ({
    ...{ source, site, issued: start + at, received: start + at },
    steps: steps.map(({ at, ...values }) => ({ time: start + at, values })),
  }))
}

function line(ms: number, ...words: (string | undefined)[]): string {
  return [`+${Math.round(ms / MINUTE_MS)}min`, ...words.filter(word => word !== undefined)].join(' ')
}
