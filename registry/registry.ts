import type * as drivers from '../gateway/drivers/drivers.ts'
import type { MeasuredQuantityName, Quantity, QuantityName } from '../model/quantity.ts'
import type { Tariff } from '../model/tariff.ts'
import type { Unit } from '../model/units.ts'
import type { Circuit } from './circuit-schema.ts'
import type { DerivedFrom } from './derived/derived.ts'
import type { ForecastSource } from './forecast-schema.ts'
import type { GatewayPart } from './gateway-part.ts'
import type { Person, Rota, Route, Team } from './on-call-schema.ts'
import type {
  Channel,
  DriverName,
  Gateway,
  MeterDocument,
  OutOfService,
  RuleDocument,
  Site,
  Territory,
  Text,
} from './schema.ts'

/** The registry as the parts use it: checked, device files applied, references resolved. */
export interface Registry {
  territory: Territory
  sites: ReadonlyMap<string, Site>
  gateways: ReadonlyMap<string, Gateway>
  /** Every point of every device, by point id, in the order of the files; then those that the hub works out. */
  points: ReadonlyMap<string, Point>
  meters: ReadonlyMap<string, Meter>
  tariffs: ReadonlyMap<string, Tariff>
  rules: ReadonlyMap<string, Rule>
  channels: ReadonlyMap<string, Channel>
  people: ReadonlyMap<string, Person>
  teams: ReadonlyMap<string, Team>
  rotas: ReadonlyMap<string, Rota>
  /** In the order of the files: the first that fits an alert is its route. */
  routes: readonly Route[]
  outOfService: readonly OutOfService[]
  /** Of the winter service. */
  circuits: ReadonlyMap<string, Circuit>
  /** Of the weather at the roads. */
  forecasts: ReadonlyMap<string, ForecastSource>
  /** SHA-256 (hex) over the canonical content, device files included; secrets by name, not by value. */
  hash: string
  /** What may well be right, but most often is a slip; with file and line. */
  warnings: readonly string[]
  /** What each gateway needs of it, by gateway id. */
  gatewayParts: ReadonlyMap<string, GatewayPart>
}

export interface Point {
  /** `<site>/<device>/<name>` */
  id: string
  name: string
  site: string
  device: string
  /** Its sender. */
  gateway: string
  /** Empty where no device is read. */
  connection: string
  label: Text
  quantityName: QuantityName
  quantity: Quantity
  unit: Unit
  /** How often it is read or worked out, ms. */
  interval: number
  /** Of a state or an index that is told only when it changes: how often it is told again, ms. */
  heartbeat?: number
  /** The next reading is due within so long, ms: the heartbeat, or else the interval. */
  dueWithin: number
  min?: number
  max?: number
  /** Its own; those of its site are the site's. */
  tags?: readonly string[]
  /** Where to read it: the one that fits the connection's driver; or of what it is worked out. */
  source: PointSources[DriverName] | DerivedSource
}

interface DerivedSource extends DerivedFrom {
  driver: 'derived'
}

/** A point that a device has. */
export type MeasuredPoint = Point & { source: PointSources[DriverName]; quantityName: MeasuredQuantityName }

export function isMeasured(point: Point): point is MeasuredPoint {
  return point.source.driver !== 'derived'
}

/** The gateway that a point is about, where the hub works it out of one. */
export function gatewayNoticed({ source }: Point): string | undefined {
  return source.driver === 'derived' ? source.gateway : undefined
}

export function measuredPoints({ points }: Pick<Registry, 'points'>): MeasuredPoint[] {
  return [...points.values()].filter(isMeasured)
}

/** With what the device says for all its points; names are placed. */
export type PointSources = { [N in DriverName]: { driver: N } & ReturnType<Drivers[N]['resolve']> }

type Drivers = typeof drivers
export type MqttPointSource = PointSources['mqtt']

export interface Meter
  extends Omit<MeterDocument, 'point' | 'site' | 'unit' | 'replacements' | 'powerPoint'> {
  /** What carries its index; without it, the meter is known by statements only. */
  point: Point | undefined
  /** What tells the power of the same meter. */
  powerPoint?: Point | undefined
  /** Where it stands. */
  site: string
  replacements: readonly Replacement[]
  unit: Unit
  /** Steps of the resolution in one unit: index × stepsPerUnit is an integer. */
  stepsPerUnit: number
}

/** A meter whose index is read. */
export type ReadMeter = Meter & { point: Point }

export function isRead(meter: Meter): meter is ReadMeter {
  return meter.point !== undefined
}

/** From an instant on, ms UTC, a meter's indexes are so many steps behind those of the first one under its name. */
export interface Replacement {
  time: number
  offset: number
}

export interface Rule extends Omit<RuleDocument, 'select'> {
  points: readonly Point[]
}
