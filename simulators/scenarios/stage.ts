import { DECLARATIONS } from '../../registry/driver-declaration.ts'
import type { Point, Registry } from '../../registry/registry.ts'
import {
  SCENARIO_NAMES,
  type Scenario,
  type ScenarioName,
  type ScenarioOf,
} from '../../registry/scenario-schema.ts'
import { tellsTime } from '../../registry/tells-time.ts'
import { type Span, type Timetable, timetable } from './timetable.ts'

/** A scenario that was given, with the times at which it goes on. */
export interface Act<N extends ScenarioName = ScenarioName> {
  id: string
  scenario: ScenarioOf<N>
  /** It was given by somebody, not by a file. */
  byHand: boolean
  /** When somebody ended it, ms UTC. */
  until?: number
  times: Timetable
}

/** A scenario that goes on, with the time that it does so. */
type Playing<N extends ScenarioName> = Act<N> & { span: Span }

/** Where something may happen: what a scenario names with `on`. */
export type Place = Pick<Point, 'site' | 'device' | 'connection' | 'gateway'> & Partial<Pick<Point, 'id'>>

/** The scenarios of running simulators. Whoever computes a value or an answer asks it what goes on. */
export interface Stage {
  /** All of a name that concern a place, over or to come as well, in the order in which they were given. */
  acts<N extends ScenarioName>(name: N, place: Place): readonly Act<N>[]
  /** The latest of a name that goes on at an instant. */
  playing<N extends ScenarioName>(name: N, place: Place, time: number): Playing<N> | undefined
  /** The latest of a name that goes on in a gateway, or in anything that it reads. */
  playingIn<N extends ScenarioName>(name: N, gateway: string, time: number): Playing<N> | undefined
  list(): readonly Act[]
  /** What may begin now on what `on` names. */
  possible(on: string): ScenarioName[]
  /** @throws RangeError in words where nothing in the registry can do this. */
  add(act: Omit<Act, 'times'>): void
  /** Ends one early, at an instant. Returns whether there was such a one. */
  end(id: string, time: number): boolean
}

/** @param own the gateways that run in this process, and so can be told to do something themselves. */
export function createStage(registry: Registry, own: Iterable<string> = []): Stage {
  const { timeZone } = registry.territory
  const points = simulatedPoints(registry)
  const gateways = new Set(own)
  let acts: readonly Act[] = []
  /** For each value that is computed: no search. */
  let found = new Map<string, readonly Act[]>()

  function change(next: readonly Act[]): void {
    acts = next
    found = new Map()
  }

  function actsOf<N extends ScenarioName>(name: N, place: Place): readonly Act<N>[] {
    if (acts.length === 0) return NONE
    const key = place.id ?? `${place.connection} ${place.site}/${place.device}`
    return find(name, key, scenario => concerns(scenario, place))
  }

  function find<N extends ScenarioName>(name: N, where: string, isThere: (scenario: Scenario) => boolean) {
    const key = `${name} ${where}`
    let own = found.get(key)
    if (!own) {
      own = acts.filter(({ scenario }) => scenario.scenario === name && isThere(scenario))
      found.set(key, own)
    }
    return own as unknown as readonly Act<N>[]
  }

  return {
    acts: actsOf,
    playing: (name, place, time) => latestOf(actsOf(name, place), time),
    playingIn(name, gateway, time) {
      if (acts.length === 0) return undefined
      const ofGateway = (scenario: Scenario) =>
        points.some(point => point.gateway === gateway && concerns(scenario, point))
      return latestOf(find(name, `of ${gateway}`, ofGateway), time)
    },
    list: () => acts,
    possible(on) {
      const there = points.filter(point => concerns({ on }, point))
      return SCENARIO_NAMES.filter(name => there.some(point => FITS[name].fits(point, gateways)))
    },
    add(act) {
      refuseMisfit(act.scenario, points, gateways)
      change([...acts, timed(act)])
    },
    end(id, until) {
      const ended = acts.find(act => act.id === id)
      if (ended) change(acts.map(act => (act === ended ? timed({ ...act, until }) : act)))
      return ended !== undefined
    },
  }

  function timed(act: Omit<Act, 'times'>): Act {
    const { at: first, for: length, every } = act.scenario
    return { ...act, times: timetable({ first, length, every, timeZone, until: act.until }) }
  }
}

const NONE: readonly never[] = []

function latestOf<N extends ScenarioName>(acts: readonly Act<N>[], time: number): Playing<N> | undefined {
  for (const act of acts.toReversed()) {
    const span = act.times.latest(time)
    if (span && time < span.to) return { ...act, span }
  }
  return undefined
}

/** Those of connections that a simulator serves. */
function simulatedPoints(registry: Registry): readonly Point[] {
  const connections = [...registry.gateways.values()].flatMap(gateway => gateway.connections)
  const played = connections.filter(connection => DECLARATIONS[connection.driver].addressOf?.(connection))
  const ids = new Set(played.map(({ id }) => id))
  return [...registry.points.values()].filter(({ connection }) => ids.has(connection))
}

function concerns({ on }: Pick<Scenario, 'on'>, { id, site, device, connection, gateway }: Place): boolean {
  const whole = `${site}/${device}`
  if (on === whole || on === site || on === connection || on === gateway) return true
  return id === undefined ? on.startsWith(`${whole}/`) : on === id
}

/** Those that run in this process. */
type Gateways = ReadonlySet<string>

/** Which points a scenario does something to; those of the answers of some drivers alone by the source. */
const FITS: Record<ScenarioName, { fits: (point: Point, own: Gateways) => boolean; what: string }> = {
  'water-leak': {
    fits: ({ quantity, quantityName }) => quantity.fluid === 'eau' || quantityName === 'flow-rate',
    what: 'a water meter',
  },
  'heating-left-on': {
    fits: ({ quantity, quantityName }) =>
      quantity.fluid === 'chaleur' || quantity.fluid === 'gaz' || quantityName === 'indoor-temperature',
    what: 'a gas or heat meter or a room',
  },
  'frozen-road': {
    fits: ({ quantityName }) => quantityName === 'surface-temperature',
    what: 'a road surface',
  },
  'sensor-stuck': { fits: () => true, what: 'a point' },
  drift: { fits: isMeasure, what: 'a measure' },
  noise: { fits: isMeasure, what: 'a measure' },
  spike: { fits: ({ quantity }) => quantity.value === 'number', what: 'a number' },
  'counter-reset': { fits: isIndex, what: 'an index' },
  'meter-replaced': { fits: isIndex, what: 'an index' },
  rollover: { fits: isIndex, what: 'an index' },
  'communication-cut': { fits: () => true, what: 'a device' },
  'connection-refused': { fits: () => true, what: 'a connection' },
  'illegal-register': { fits: () => true, what: 'a point' },
  'slow-replies': { fits: isModbus, what: 'a Modbus device' },
  'late-replies': { fits: isModbus, what: 'a Modbus device' },
  'wrong-transaction-id': { fits: isModbus, what: 'a Modbus device' },
  'clock-wrong': { fits: tellsTime, what: 'a device that tells times' },
  'power-cut': {
    fits: isOfOwn,
    what: 'a gateway in the process of its simulators (`affluent scenario power-cut` ends one that has its own)',
  },
  'gateway-clock-wrong': { fits: isOfOwn, what: 'a gateway in the process of its simulators' },
}

function isOfOwn({ gateway }: Point, own: Gateways): boolean {
  return own.has(gateway)
}

function isIndex({ quantity }: Point): boolean {
  return quantity.kind === 'index'
}

function isMeasure({ quantity }: Point): boolean {
  return quantity.kind === 'measure'
}

function isModbus({ source }: Point): boolean {
  return source.driver === 'modbus'
}

function refuseMisfit(scenario: Scenario, points: readonly Point[], own: Gateways): void {
  const { on, scenario: name } = scenario
  const there = points.filter(point => concerns(scenario, point))
  if (there.length === 0)
    throw new RangeError(`there is no simulated point, device, site, connection or gateway ${on}`)
  const { fits, what } = FITS[name]
  if (!there.some(point => fits(point, own)))
    throw new RangeError(`${name} needs ${what}, which ${on} has not`)
}
