import { expect } from 'vitest'
import { type AlertEvent, eventKey } from '../../model/alert.ts'
import type { Foresight } from '../../model/forecast.ts'
import type { QualityCode } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'
import type { Registry } from '../../registry/registry.ts'
import { storedOf } from '../../rules/catch-up.ts'
import { conditionOf } from '../../rules/conditions/conditions.ts'
import { present } from '../../rules/moment.ts'
import { openOutOfService } from '../../rules/out-of-service.ts'
import { beginWatch, type Watch } from '../../rules/watch.ts'
import { MIN, memoryReadings, START, SURFACE, testClock, testRegistry } from './territory.ts'

/** A rule in YAML flow style on the surface of the test territory, whose one value is said minute by minute. */
export async function liveSurfaceRule(rule: string) {
  const registry = await testRegistry([rule])
  const live = await liveRule(registry, [...registry.rules.keys()][0]!, SURFACE)
  return {
    ...live,
    /** So many minutes at a value; null is bad. */
    at: (value: number | null, minutes: number) => live.say(minutes, { [SURFACE]: value }),
    silent: (minutes: number) => live.say(minutes, {}),
  }
}

type Spelt<V> = Pick<Awaited<ReturnType<typeof liveRule>>, 'restart' | 'told'> & {
  at(value: V, minutes: number): Promise<void>
}

/**
 * Lives through spells twice, once with restarts, and expects the same to have happened at the same time.
 * @param warmUp what comes before them
 */
export async function expectNoRestartShows<V>(
  open: () => Promise<Spelt<V>>,
  spells: readonly { value: V; minutes: number; restart: boolean }[],
  warmUp: (run: Spelt<V>) => Promise<void> = async () => {},
) {
  const [one, other] = [await open(), await open()]
  for (const run of [one, other]) await warmUp(run)
  for (const { value, minutes, restart } of spells) {
    for (const run of [one, other]) await run.at(value, minutes)
    if (restart) await other.restart()
  }
  expect(other.told()).toEqual(one.told())
}

/**
 * A rule on one point as the hub runs it, with a store beside it and a clock that goes by the minute.
 * @param past what the store holds of before, ascending
 */
export async function liveRule(
  registry: Registry,
  ruleId: string,
  pointId: string,
  past: readonly Reading[] = [],
  foresee?: Foresight,
) {
  const rule = registry.rules.get(ruleId)!
  const point = registry.points.get(pointId)!
  const plan = { rule, point, condition: conditionOf(rule, point, registry, foresee) }
  const isOutOfService = openOutOfService(registry)
  const clock = testClock()
  const stored = [...past]
  const events: AlertEvent[] = []
  let watch: Watch
  async function begin() {
    const store = memoryReadings(stored)
    const { recent, hours } = await storedOf(store, [plan], present(clock))
    const readings = [...recent.values()].flat().sort((a, b) => a.time - b.time)
    watch = beginWatch({
      ...{
        ...plan,
        registry,
        at: present(clock),
        alert: watch?.alert,
        recent: readings,
        hours: hours.get(point.id),
      },
      isInhibited: ({ now }) => isOutOfService(rule, point, now),
    })
  }
  await begin()
  const note = (event: AlertEvent | undefined) => event && events.push(event)
  return {
    events,
    watch: () => watch,
    restart: begin,
    /** The hub is stopped for so many minutes, and hears nothing. */
    async away(minutes: number) {
      clock.advance(minutes * MIN)
      await begin()
    },
    /** What happened, as `minute event danger`. */
    told: () =>
      events.map(event =>
        [Math.round((event.time - START) / MIN), eventKey(event), event.alert.phenomenon]
          .filter(each => each !== undefined)
          .join(' '),
      ),
    /** Each point says so every minute; what is null is bad. Then a minute has passed. */
    async say(minutes: number, values: Readonly<Record<string, Value>>, quality: QualityCode = 'good') {
      for (let i = 0; i < minutes; i++) {
        for (const [point, value] of Object.entries(values)) {
          const time = clock.now()
          const reading: Reading = {
            ...{ point, time, value, gatewayTime: time },
            quality: value === null ? 'bad:timeout' : quality,
          }
          stored.push(reading)
          if (watch.points.includes(point)) note(watch.read(reading, present(clock)))
        }
        note(watch.tick(present(clock)))
        clock.advance(MIN)
      }
    },
  }
}
