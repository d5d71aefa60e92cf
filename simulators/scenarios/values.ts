import type { Meter, Point } from '../../registry/registry.ts'
import { type Signal, stepOf } from '../signals/instrument.ts'
import type { Load } from '../signals/load.ts'
import { uniform } from '../signals/random.ts'
import type { Course } from '../signals/weather.ts'
import type { Place, Stage } from './stage.ts'

/** What scenarios do to loads, courses and signals: for an instant that nothing concerns, nothing. */

/** What leaks from a water pipe flows through its meter, and stays counted. */
export function withLeaks(load: Load, stage: Stage, place: Place): Load {
  return withFlow(load, stage, place, 'water-leak', ({ flow }) => flow)
}

/** Heating that nobody turns down. */
export function withHeating(load: Load, stage: Stage, place: Place): Load {
  return withFlow(load, stage, place, 'heating-left-on', ({ power }) => power)
}

function withFlow<N extends 'water-leak' | 'heating-left-on'>(
  load: Load,
  stage: Stage,
  place: Place,
  name: N,
  flowOf: (scenario: ReturnType<typeof stage.acts<N>>[number]['scenario']) => number,
): Load {
  return {
    total: time =>
      stage
        .acts(name, place)
        .reduce((sum, { scenario, times }) => sum + flowOf(scenario) * times.hours(time), load.total(time)),
    rate(time) {
      const act = stage.playing(name, place, time)
      return load.rate(time) + (act ? flowOf(act.scenario) : 0)
    },
  }
}

/** A room in which the heating is left on is never cooler than this, °C. */
const COMFORT = 20.5

export function withWarmth(course: Course, stage: Stage, place: Place): Course {
  return time =>
    stage.playing('heating-left-on', place, time) ? Math.max(COMFORT, course(time)) : course(time)
}

export function withFrost(course: Course, stage: Stage, place: Place): Course {
  return time => {
    const act = stage.playing('frozen-road', place, time)
    return act ? Math.min(act.scenario.temperature, course(time)) : course(time)
  }
}

/** On a frozen road it drizzles: cold alone makes no ice. In mm/h. */
const DRIZZLE = 0.2

export function withDrizzle<W extends { precipitation: Course }>(weather: W, stage: Stage, place: Place): W {
  const precipitation: Course = time =>
    Math.max(stage.playing('frozen-road', place, time) ? DRIZZLE : 0, weather.precipitation(time))
  return { ...weather, precipitation }
}

/** What a sensor or a meter does wrong by itself. */
export function withFaults(signal: Signal, stage: Stage, point: Point, seed: number, meter?: Meter): Signal {
  const { quantity, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = point
  const shown = quantity.kind === 'index' ? withOtherStart(signal, stage, point, meter) : signal
  if (quantity.value !== 'number') return time => shown(stuckAt(stage, point, time))
  return time => {
    const at = stuckAt(stage, point, time)
    const value = shown(at) as number
    const spike = stage.playing('spike', point, at)
    if (quantity.kind === 'index') return spike ? value * spike.scenario.factor : value
    const drift = stage.playing('drift', point, at)
    const noise = stage.playing('noise', point, at)
    if (!spike && !drift && !noise) return value
    const drifted = drift ? (drift.scenario.perHour * (at - drift.span.from)) / 3_600_000 : 0
    const shaken = noise ? noise.scenario.amplitude * (2 * uniform(seed, Math.floor(at / 1000)) - 1) : 0
    const sum = (value + drifted + shaken) * (spike?.scenario.factor ?? 1)
    // A sensor saturates where its range ends; a spike is none of the sensor's.
    return rounded(spike ? sum : Math.min(max, Math.max(min, sum)))
  }
}

/** A sensor that is stuck shows what it showed when it got stuck. */
function stuckAt(stage: Stage, point: Point, time: number): number {
  return stage.playing('sensor-stuck', point, time)?.span.from ?? time
}

/**
 * A counter that was reset, or another meter in its place, counts from elsewhere. A rollover of a file is at the end of
 * what was counted up to it; one that is given now has another meter, near its end, in the place of this one.
 */
function withOtherStart(signal: Signal, stage: Stage, point: Point, meter?: Meter): Signal {
  const capacity = capacityOf(point, meter)
  const counted = (from: number, to: number) => (signal(to) as number) - (signal(from) as number)
  return time => {
    let latest: { from: number; first: number; end: number } | undefined
    const take = (from: number, first: number, end = Number.POSITIVE_INFINITY) => {
      if (from >= (latest?.from ?? 0)) latest = { from, first, end }
    }
    for (const { times } of stage.acts('counter-reset', point)) {
      const from = times.latest(time)?.from
      if (from !== undefined) take(from, 0)
    }
    for (const { times, scenario } of stage.acts('meter-replaced', point)) {
      const from = times.latest(time)?.from
      if (from !== undefined) take(from, scenario.first)
    }
    const rollovers = stage.acts('rollover', point)
    for (const { times, scenario, byHand } of rollovers) {
      const from = times.latest(time)?.from
      if (!byHand || from === undefined) continue
      const left = Math.max(counted(from, from + scenario.for), stepOf(point, meter))
      take(from, capacity - left, capacity)
    }
    if (latest) return rounded((counted(latest.from, time) + latest.first) % latest.end)
    const rollover = rollovers.findLast(({ byHand }) => !byHand)
    if (!rollover) return signal(time)
    const beyond = counted(rollover.scenario.at, time)
    return rounded(beyond < 0 ? capacity + beyond : beyond)
  }
}

/** Behind what the digits, or else the register, of a counter can show. */
function capacityOf({ source }: Point, meter?: Meter): number {
  if (meter?.digits) return 10 ** meter.digits / meter.stepsPerUnit
  if (source.driver !== 'modbus') return 1e6
  const { type, scale } = source.modbus
  const [, kind, bits] = /^([a-z]+)(\d+)$/.exec(type) ?? []
  if (kind === 'bcd') return 10 ** (Number(bits) / 4) * scale
  return kind === 'uint' && Number(bits) <= 48 ? 2 ** Number(bits) * scale : 1e6
}

/** Without what a difference of decimals leaves behind. */
function rounded(value: number): number {
  return Number(value.toFixed(6))
}
