import type { Severity } from '../../../../model/alert.ts'
import type { Energy } from '../../../../model/energy.ts'
import type { ExclusionReason } from '../../../../model/exclusion.ts'
import type { Fluid } from '../../../../model/fluid.ts'
import type { Period } from '../../../../model/period.ts'
import type { QualityCode } from '../../../../model/quality.ts'
import type { QuantityName } from '../../../../model/quantity.ts'
import type { QuarantineKind } from '../../../../model/quarantine.ts'
import type { Value } from '../../../../model/reading.ts'
import type { ResponseKind } from '../../../../model/response.ts'
import type { RoadState } from '../../../../model/road-state.ts'
import type {
  DrivingCondition,
  TreatmentProduct,
  WinterDecision,
  WinterPhenomenon,
} from '../../../../model/winter-service.ts'

/** The answers of the API, as api/README.md describes them. Times are RFC 3339 texts. */

export interface Text {
  fr: string
  en: string
}

export interface Territory {
  id: string
  name: Text
  timeZone: string
  language: keyof Text
  publisher: { name: string; url: string; email: string }
  /** Rings of [longitude, latitude]. */
  outline: [number, number][][]
  registry: string
  version: string
}

export type SiteKind = 'building' | 'road-station' | 'traffic-counter' | 'street-lighting' | 'vehicle-fleet'
export type SiteState = 'alert' | 'unknown' | 'normal'

export interface Site {
  id: string
  name: string
  kind: SiteKind
  use: string | null
  position: { lat: number; lon: number }
  address: string | null
  commune: string
  rnb: string | null
  /** m² */
  floorArea: number | null
  road: string | null
  openData: boolean
  fluids: Fluid[]
  pointCount: number
  unknownPoints: number
  activeAlerts: number
  worstSeverity: Severity | null
  state: SiteState
}

export interface Point {
  id: string
  site: string
  device: string
  name: string
  label: Text
  quantity: QuantityName
  kind: 'index' | 'measure' | 'state'
  valueType: 'number' | 'boolean' | 'string'
  unit: string
  unitLabel: string
  intervalMs: number
}

export interface SiteDetail extends Site {
  points: Point[]
  meters: Meter[]
  alerts: Alert[]
}

export interface Meter {
  id: string
  fluid: Fluid
  unitLabel: string
  resolution: number
}

/** What somebody says that a meter showed or counted. */
export interface Statement {
  id: number
  origin: 'correction' | 'distributor' | 'hand' | 'invoice' | 'estimate'
  form: 'index' | 'amount'
  start: string
  end: string
  value: number
  /** As it was written, where a coefficient made the value of it. */
  written: { value: number; unitLabel: string } | null
  author: string
  source: string | null
  reason: string | null
  ended: { by: string; reason: string } | null
  state: 'counts' | 'overruled' | 'contradicts' | null
  /** What the consumption has in its place. */
  counted: number | null
}

export interface Statements {
  /** What an amount may be stated in, the own unit first. */
  amountUnits: string[]
  statements: Statement[]
}

export interface StatementOutcome {
  added: number
  repeated: number
  replaced: number
}

export interface Reading {
  time: string
  value: Value
  quality: QualityCode
}

export interface LatestPoint {
  point: string
  reading: Reading | null
}

export interface LatestPoints {
  time: string
  points: LatestPoint[]
}

export interface Aggregate {
  start: string
  end: string
  first: Value
  min: number | null
  max: number | null
  mean: number | null
}

export interface Aggregates {
  point: string
  from: string
  to: string
  aggregates: Aggregate[]
}

export interface ConsumptionPeriod {
  start: string
  end: string
  amount: number | null
  coverage: number
  /** What of it was stated rather than read; the sums of the console do not tell. */
  stated?: Stated[]
}

export interface Stated {
  origin: Statement['origin']
  amount: number
}

/** What the hours of a meter came from. */
export interface Trace {
  meter: string
  point: string | null
  site: string
  fluid: Fluid
  unitLabel: string
  resolution: number
  converts: boolean
  siteUnitLabel: string
  within: string | null
  less: { meter: string; site: string }[]
  hours: (ConsumptionPeriod & {
    steps: number | null
    readings: number
    stated: Stated[]
    conversion: { from: string | null; kilowattHours: number } | null
    sites: { site: string; share: number; from: string | null; amount: number | null }[]
  })[]
  readings: Reading[]
  next: string | null
  leftOut: { time: string; value: Value; reason: ExclusionReason }[] | null
  statements: Pick<Statement, 'id' | 'origin' | 'form' | 'start' | 'end' | 'value'>[]
  revisions: {
    start: string
    number: number
    at: string
    reasons: ('closed' | 'readings' | 'statements' | 'registry' | 'found')[]
  }[]
}

export interface FluidConsumption {
  fluid: Fluid
  unit: string
  unitLabel: string
  periods: ConsumptionPeriod[]
}

export interface SiteConsumption {
  site: string
  by: Period
  fluids: FluidConsumption[]
}

interface Amount {
  start: string
  end: string
  amount: number | null
}

export interface SiteComparison {
  from: string
  to: string
  referenceYear: number | null
  fluids: {
    fluid: Fluid
    unitLabel: string
    now: Amount
    before: Amount
    reference: Amount | null
    /** Of 1. */
    change: number | null
    referenceChange: number | null
    /** kWh PCI */
    perSquareMetre: number | null
    /** kWh of primary energy */
    primaryPerSquareMetre: number | null
    litresPerPerson: number | null
  }[]
}

export interface AccountGap {
  what: 'no-energy' | 'no-consumption' | 'partly-measured' | 'no-conversion' | 'no-emission-factor'
  energy: Energy | null
}

interface AccountLine {
  energy: Energy
  unitLabel: string
  amount: number | null
  source: 'meters' | 'stated'
  /** Of 1. */
  coverage: number
  /** kWh PCI */
  finalEnergy: number | null
  kgCO2e: number | null
  emissionSource: string | null
}

export interface TertiarySite {
  site: string
  case: string
  perimeter: 'own' | 'shared' | 'common'
  declarant: string | null
  buildings: string[]
  station: string | null
  activities: { name: string; floorArea: number }[]
  /** m² */
  floorArea: number
  energies: AccountLine[]
  vehicleCharging: number | null
  kgCO2e: number | null
  kgCO2ePerSquareMetre: number | null
  reference: {
    year: number
    energies: AccountLine[]
    finalEnergy: number | null
    perSquareMetre: number | null
  }
  finalEnergy: number | null
  perSquareMetre: number | null
  targets: { year: number; finalEnergy: number | null; perSquareMetre: number | null }[]
  path: number | null
  change: number | null
  onPath: boolean | null
  missing: {
    declaration: ('no-declarant' | 'no-buildings' | 'no-station')[]
    year: AccountGap[]
    reference: AccountGap[]
  }
}

/** What a meter counts at night, in the unit in an hour. */
export interface Nights {
  hours: { from: number; to: number }
  nights: { date: string; minimum: number | null; usual: number | null; excess: number | null }[]
}

/** The décret tertiaire of a year. */
export interface TertiaryAnswer {
  year: number
  factors: { name: string; version: string }
  sites: TertiarySite[]
}

export type FindingKind =
  | 'outside-opening'
  | 'climate-outside-opening'
  | 'base-load-drift'
  | 'continuous-flow'
  | 'night-flow'
  | 'heating-and-cooling'

export interface Finding {
  kind: FindingKind
  meters: string[]
  unitLabel: string
  since: string
  until: string | null
  amount: number
  /** Euros */
  cost: number | null
  /** Of 1. */
  coverage: number
}

export interface FindingsUnknown {
  kind: FindingKind
  reason:
    | 'no-opening'
    | 'no-base-load'
    | 'few-hours'
    | 'few-days'
    | 'few-reference-days'
    | 'no-floor-area'
    | 'no-conversion'
  meters: string[]
}

export interface SiteFindings {
  from: string
  to: string
  findings: Finding[]
  unknown: FindingsUnknown[]
}

export interface WasteRanking {
  from: string
  to: string
  byAmount: {
    unit: string
    unitLabel: string
    sites: { site: string; name: string; amount: number; cost: number | null; findings: Finding[] }[]
  }[]
}

/** Euros; null where nothing is known. */
export interface Cost {
  start: string
  end: string
  consumption: number | null
  fixed: number | null
  vat: number | null
  total: number | null
  /** Of 1: how much of the period has both a use and a price. */
  priced: number
}

export interface SiteCosts {
  periods: Cost[]
  total: Cost | null
  withoutTariff: string[]
}

export interface Alert {
  id: string
  rule: string
  ruleName: Text | null
  point: string
  pointLabel: Text | null
  site: string
  siteName: string | null
  severity: Severity
  phenomenon: string | null
  phenomenonName: Text | null
  state: 'firing' | 'acknowledged' | 'resolved'
  since: string
  firedAt: string
  /** How often its danger has changed since. */
  change: number
  acknowledgedAt: string | null
  acknowledgedBy: string | null
  /** While it is told to nobody. */
  shelved: { by: string; until: string; reason: string | null } | null
  resolvedAt: string | null
  /** Why it is resolved though its condition may still hold. */
  ended: 'rule-gone' | null
  value: Value
  lastValue: Value
  unitLabel: string | null
  message: Text
  /** What to do. */
  advice: Text | null
  /** In lists, and of one alert. */
  onTheWay?: OnTheWay[]
}

/** What alerts of a site have told of, by rule and point, without holes. */
export interface AlertHistory {
  from: string
  to: string
  histories: {
    rule: string
    point: string
    /** A severity of null: no alert was live. */
    bands: { from: string; to: string; phenomenon: string | null; severity: Severity | null }[]
  }[]
}

/** Who has said that they go to an alert. */
export interface OnTheWay {
  by: string
  since: string
}

export interface Circuit {
  id: string
  name: Text
  sections: { id: string; road: string; fromPk: string; toPk: string; label: string | null }[]
  /** Ids of sites. */
  stations: string[]
}

/** The state of each road that a rule watches, now and in the last twelve hours. */
export interface RoadStates {
  time: string
  from: string
  roads: RoadStateHistory[]
  /** Stations of which no rule tells a state. */
  unwatched: { site: string; siteName: string; road: string | null }[]
}

export interface RoadStateHistory {
  site: string
  siteName: string
  road: string | null
  rule: string
  point: string
  unitLabel: string
  state: RoadState
  /** Null: for longer than is told. */
  since: string | null
  surface: number | null
  bands: { from: string; to: string; state: RoadState }[]
}

export interface Outlooks {
  time: string
  until: string
  roads: {
    point: string
    siteName: string
    road: string | null
    state: 'now' | 'expected' | 'none' | 'unknown'
    danger: string | null
    at: string | null
  }[]
}

export interface ForecastIssue {
  source: string
  site: string
  issued: string
  /** Temperatures in °C, what falls in mm/h until the next step. */
  steps: {
    time: string
    surfaceTemperature: number | null
    airTemperature: number | null
    dewPoint: number | null
    precipitationRate: number | null
  }[]
}

export interface Forecasts {
  time: string
  sources: { id: string; name: Text | null; sites: string[]; staleAfterSeconds: number }[]
  forecasts: ForecastIssue[]
}

/** What was seen, decided or done on the roads of a circuit. */
export type WinterFact = { time: string; circuit: string; remark: string | null } & (
  | { kind: 'condition'; section: string; condition: DrivingCondition; phenomenon: WinterPhenomenon }
  | { kind: 'decision'; decision: WinterDecision; reason: string; alert: string | null }
  | {
      kind: 'treatment'
      end: string
      product: TreatmentProduct
      dosage: number | null
      /** Null: the whole circuit. */
      sections: string[] | null
      alert: string | null
      /** SHA-256 */
      photos: string[]
    }
)

export type WinterEntry = { id: string; author: string; correctedBy: string | null } & (
  | WinterFact
  | { kind: 'correction'; time: string; corrects: string; reason: string; replacement: WinterFact | null }
)

export interface OutOfService {
  id: string
  sites: string[] | null
  points: string[] | null
  rules: string[] | null
  from: string
  to: string
  reason: string
}

export type AlertEventType =
  | 'fired'
  | 'worsened'
  | 'changed'
  | 're-alarmed'
  | 'acknowledged'
  | 'shelved'
  | 'unshelved'
  | 'resolved'

export interface AlertDetail extends Alert {
  responses: { kind: ResponseKind; by: string; time: string }[]
  events: {
    type: AlertEventType
    time: string
    actor: string
    phenomenon: string | null
    phenomenonName: Text | null
    value: Value
  }[]
}

export interface Gateway {
  id: string
  name: string
  online: boolean
  time: string | null
  registryMatches: boolean | null
  registryProblem: string | null
  connections: {
    id: string
    driver: string
    state: 'connecting' | 'connected' | 'failed' | 'unknown'
    error: string | null
    lastReading: string | null
  }[]
  waiting: { alerts: number; indexes: number; measures: number }
  outbox: {
    /** Of 1; at 1 the oldest entries are given up. */
    share: number
    /** Null for a stream to which nothing is written. */
    timeLeftSeconds: Record<'alerts' | 'indexes' | 'measures', number | null>
  } | null
  /** How far the hub's clock is ahead of its own. */
  clockOffsetSeconds: number | null
}

export interface Quarantine {
  groups: {
    kind: QuarantineKind
    sender: string
    reason: string
    items: number
    from: string
    to: string
  }[]
}

export interface Session {
  actor: string | null
  role: 'administrator' | 'crew' | 'reader' | null
  /** What is not open data. */
  mayRead: boolean
}

/** What `/v1/live` sends, by the name of the event. */
export interface LiveEvents {
  heartbeat: { time: string }
  readings: { readings: (Reading & { point: string })[] }
  alert: { type: AlertEventType; time: string; actor: string; alert: Alert }
  gateway: Gateway
}

export interface Scenario {
  id: string
  scenario: string
  on: string
  start: string
  end: string
  every: 'day' | 'week' | null
  playing: boolean
  byHand: boolean
  ended: string | null
}

export interface Scenarios {
  simulated: boolean
  time: string | null
  possible: string[]
  scenarios: Scenario[]
}

export interface RegistryProblem {
  file: string
  line: number | null
  column: number | null
  path: string
  message: string
}

/** How what is in force stands to the files of the registry. */
export interface RegistryStanding {
  hash: string
  since: string
  refused: { time: string; problems: RegistryProblem[] } | null
  awaitsRestart: string[]
  processes: { sender: string; role: string; registry: string; problem: string | null }[]
}

export interface RuleLine {
  id: string
  name: Text
  condition: string
  severity: Severity
  points: number
  active: number
  shelved: number
  outOfService: boolean
}

export interface WrittenRule {
  id: string
  file: string
  line: number
  hash: string
  text: string
  locked: 'read-only' | 'followed' | null
  points: string[]
  active: number
}

export interface RuleProblem {
  file: string | null
  line: number | null
  column: number | null
  path: string
  message: Text
}

export interface CheckedRule {
  problems: RuleProblem[]
  effects: { points: string[]; alertsKept: number; alertsEnded: number } | null
}

/** A case beside the rules that is not told as expected. */
export interface FailedCase {
  place: string
  name: string
  expected: string[]
  told: string[]
}

/** What became of a rule that was sent to be saved. */
export type SavedRule =
  | { id: string; registry: string; hash: string }
  | { problems: RuleProblem[]; failedCases: FailedCase[] }

export interface ToldEvent {
  point: string
  type: string
  time: string
  severity: Severity
  phenomenon: string | null
  value: Value
}

export type RulePreview =
  | { from: string; to: string; points: { done: number; all: number }; would: ToldEvent[]; did: ToldEvent[] }
  | { problems: RuleProblem[] }
