import type { z } from 'zod'
import { pointId } from '../model/point-id.ts'
import type { Tariff } from '../model/tariff.ts'
import { channelSchema } from './channel-schema.ts'
import { type Circuit, circuitSchema } from './circuit-schema.ts'
import type { DeviceFiles } from './device-files.ts'
import { LISTS, type ListName } from './files.ts'
import { type ForecastSource, forecastSourceSchema } from './forecast-schema.ts'
import {
  type Person,
  personSchema,
  type Rota,
  type Route,
  rotaSchema,
  routeSchema,
  type Team,
  teamSchema,
} from './on-call-schema.ts'
import type { Problem } from './problem.ts'
import {
  type Channel,
  type Connection,
  type Gateway,
  gatewaySchema,
  type MeterDocument,
  meterSchema,
  type OutOfService,
  outOfServiceSchema,
  type PointDefinition,
  type RuleDocument,
  ruleSchema,
  type Site,
  siteSchema,
  type Territory,
  territorySchema,
} from './schema.ts'
import { checkShape, shapeWithout } from './shape.ts'
import type { Path, Source } from './source.ts'
import { tariffSchema } from './tariff-schema.ts'

/**
 * What a registry says, as far as its parts have the right shape, for the checks that need more than one of
 * them. A list of which a part is left out is not `complete`: nothing is said of what needs the whole of it.
 */
export interface Draft {
  source: Source
  territory?: Territory
  sites: Entry<Site>[]
  gateways: Entry<Gateway>[]
  meters: Entry<MeterDocument>[]
  tariffs: Entry<Tariff>[]
  rules: Entry<RuleDocument>[]
  channels: Entry<Channel>[]
  people: Entry<Person>[]
  teams: Entry<Team>[]
  rotas: Entry<Rota>[]
  routes: Entry<Route>[]
  outOfService: Entry<OutOfService>[]
  circuits: Entry<Circuit>[]
  forecasts: Entry<ForecastSource>[]
  points: DraftPoint[]
  complete: ReadonlySet<ListName | 'points'>
  /** What can be referred to, by list: items that are wrong otherwise too. Absent where not every id is known. */
  ids: Partial<Record<ListName, ReadonlySet<string>>>
}

export interface Entry<T> {
  value: T
  path: Path
}

export type Device = Connection['devices'][number]

export interface DraftPoint {
  id: string
  name: string
  definition: PointDefinition
  device: Device
  connection: Connection
  gateway: Gateway
  /** The device in the registry, not the device file. */
  path: Path
}

/** Checks the shape of every item by itself, so that one mistake hides no other. */
export function draftRegistry(source: Source): { draft: Omit<Draft, 'points'>; problems: Problem[] } {
  const problems: Problem[] = []
  const complete = new Set<ListName | 'points'>([...LISTS, 'points'])
  const ids: Draft['ids'] = {}

  const items = <S extends z.ZodType>(list: ListName, schema: S): Entry<z.output<S>>[] => {
    const written = (source.value as Record<string, ({ id?: unknown } | null)[]>)[list] ?? []
    const named = written.map(item => item?.id).filter(id => typeof id === 'string')
    if (named.length === written.length) ids[list] = new Set(named)
    return written.flatMap((_, index) => {
      const path = [list, index]
      const checked = checkShape(schema, source, path)
      problems.push(...checked.problems)
      if (checked.problems.length === 0) return [{ value: checked.value!, path }]
      complete.delete(list)
      const rest = shapeWithout(schema, written[index], isPoint)
      return rest === undefined ? [] : [{ value: rest, path }]
    })
  }

  const territory = checkShape(territorySchema, source, ['territory'])
  problems.push(...territory.problems)
  const draft = {
    source,
    territory: territory.value,
    sites: items('sites', siteSchema),
    gateways: items('gateways', gatewaySchema),
    meters: items('meters', meterSchema),
    tariffs: items('tariffs', tariffSchema),
    rules: items('rules', ruleSchema),
    channels: items('channels', channelSchema),
    people: items('people', personSchema),
    teams: items('teams', teamSchema),
    rotas: items('rotas', rotaSchema),
    routes: items('routes', routeSchema),
    outOfService: items('outOfService', outOfServiceSchema),
    circuits: items('circuits', circuitSchema),
    forecasts: items('forecasts', forecastSourceSchema),
    complete,
    ids,
  }
  return { draft, problems }
}

/** Whether a path leads to a point of a device: one that is wrong is left out by itself. */
function isPoint(path: Path): boolean {
  return path.at(-2) === 'points'
}

/** Every device of a draft, with its way in the registry. */
export function devicesOf(draft: Pick<Draft, 'gateways'>) {
  return draft.gateways.flatMap(({ value: gateway, path }) =>
    gateway.connections.flatMap((connection, c) =>
      connection.devices.map((device: Device, d) => ({
        device,
        connection,
        gateway,
        path: [...path, 'connections', c, 'devices', d] as Path,
      })),
    ),
  )
}

/** The points of every device: those of its model, and its own, which win. */
export function pointsOf(draft: Pick<Draft, 'gateways'>, deviceFiles: DeviceFiles): DraftPoint[] {
  return devicesOf(draft).flatMap(place => {
    const { site, id, model, points } = place.device
    const definitions = { ...(model && deviceFiles.get(model)?.value.points), ...points }
    return Object.entries(definitions).map(([name, definition]) => ({
      ...place,
      id: pointId(site, id, name),
      name,
      definition,
    }))
  })
}
