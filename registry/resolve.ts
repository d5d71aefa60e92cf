import { quantity } from '../model/quantity.ts'
import { phonesId } from './channel-schema.ts'
import { doubtPoints } from './checks/doubts.ts'
import { doubtReach, doubtTest } from './checks/on-call.ts'
import { doubtOpenData } from './checks/open-data.ts'
import { derivedPoints, resolveDerived } from './derived/derived.ts'
import type { Draft, DraftPoint, Entry } from './draft.ts'
import { DECLARATIONS } from './driver-declaration.ts'
import type { GatewayPart } from './gateway-part.ts'
import type { Person } from './on-call-schema.ts'
import { describeProblem, sortProblems } from './problem.ts'
import type { Point, Registry, Replacement } from './registry.ts'
import { type Channel, type MeterDocument, stepsPerUnit, type Territory } from './schema.ts'
import { selectPoints } from './select.ts'
import { problemAt } from './source.ts'

/** The registry as the parts use it. The draft must be whole and checked. */
export function resolveRegistry(draft: Draft, hash: string, parts: readonly GatewayPart[]): Registry {
  const sites = byId(draft.sites)
  const all = [
    ...draft.points.map(point => resolvePoint(point, draft.territory!)),
    ...derivedPoints(draft).map(resolveDerived),
  ]
  const points = new Map(all.map(point => [point.id, point]))
  const meters = draft.meters.map(({ value, path }) => {
    const point = value.point === undefined ? undefined : points.get(value.point)!
    const powerPoint = value.powerPoint === undefined ? undefined : points.get(value.powerPoint)!
    const site = point?.site ?? value.site!
    const unit = point?.unit ?? value.unit!
    const steps = stepsPerUnit(value.resolution)!
    const replacements = resolveReplacements(value.replacements, steps)
    return { value: { ...value, point, powerPoint, site, unit, stepsPerUnit: steps, replacements }, path }
  })
  const rules = draft.rules.map(({ value: { select, ...rule }, path }) => ({
    value: { ...rule, points: selectPoints(select, all, site => sites.get(site)) },
    path,
  }))
  const watched = new Set(rules.flatMap(({ value }) => value.points.map(({ quantityName }) => quantityName)))
  const doubts = [
    ...doubtPoints(draft),
    ...doubtOpenData(draft),
    ...doubtReach(draft),
    ...doubtTest(draft, watched),
  ]
  return {
    territory: draft.territory!,
    sites,
    gateways: byId(draft.gateways),
    points,
    meters: byId(meters),
    tariffs: byId(draft.tariffs),
    rules: byId(rules),
    ...withPhones(byId(draft.channels), byId(draft.people)),
    teams: byId(draft.teams),
    rotas: byId(draft.rotas),
    routes: draft.routes.map(({ value }) => value),
    outOfService: draft.outOfService.map(({ value }) => value),
    circuits: byId(draft.circuits),
    forecasts: byId(draft.forecasts),
    hash,
    warnings: sortProblems(doubts.map(({ path, message }) => problemAt(draft.source, path, message))).map(
      describeProblem,
    ),
    gatewayParts: new Map(draft.gateways.map(({ value: { id } }, i) => [id, parts[i]!])),
  }
}

/** A channel of phones is one of its own for each person who has it: a phone that is off holds up nobody else's. */
function withPhones(
  channels: ReadonlyMap<string, Channel>,
  people: ReadonlyMap<string, Person>,
): Pick<Registry, 'channels' | 'people'> {
  const own = new Map<string, Channel>()
  const placed = [...people.values()].map(person => {
    const named = person.channels.map(id => {
      const channel = channels.get(id)!
      if (channel.type !== 'push') return id
      const phones = phonesId(id, person.id)
      own.set(phones, { ...channel, id: phones })
      return phones
    })
    return [person.id, { ...person, channels: named }] as const
  })
  return { channels: new Map([...channels, ...own]), people: new Map(placed) }
}

function resolveReplacements(replacements: MeterDocument['replacements'], steps: number): Replacement[] {
  let offset = 0
  return replacements.map(({ at, last, first }) => {
    offset += Math.round(last * steps) - Math.round(first * steps)
    return { time: Date.parse(at), offset }
  })
}

function resolvePoint(point: DraftPoint, territory: Territory): Point {
  const { id, name, definition, device, connection, gateway } = point
  const { label, quantity: quantityName, unit, interval, heartbeat, min, max, tags } = definition
  return {
    id,
    name,
    site: device.site,
    device: device.id,
    gateway: gateway.id,
    connection: connection.id,
    label: label ?? quantity(quantityName).label,
    quantityName,
    quantity: quantity(quantityName),
    unit,
    interval,
    heartbeat,
    dueWithin: heartbeat ?? interval,
    min,
    max,
    tags,
    source: resolveSource(point, territory),
  }
}

function resolveSource({ definition, device, connection }: DraftPoint, { timeZone }: Territory) {
  const { driver } = connection
  const resolved = DECLARATIONS[driver].resolve(definition[driver], device, { timeZone })
  return { driver, ...resolved } as Point['source']
}

function byId<T extends { id: string }>(entries: readonly Entry<T>[]): Map<string, T> {
  return new Map(entries.map(({ value }) => [value.id, value]))
}
