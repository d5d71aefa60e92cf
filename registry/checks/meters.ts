import { siteUnit } from '../../model/consumption.ts'
import { isEmpty, overlap } from '../../model/local-dates.ts'
import { quantity, unitsOfFluid } from '../../model/quantity.ts'
import { bitCount, kindOf } from '../../model/register-values.ts'
import { type Unit, unitLabel } from '../../model/units.ts'
import type { Finding } from '../check.ts'
import type { Draft, DraftPoint, Entry } from '../draft.ts'
import { type MeterDocument, type ModbusSource, stepsPerUnit } from '../schema.ts'
import { valueAt } from '../shape.ts'
import { reaches } from './reach.ts'

/** Meters whose consumption can be counted exactly and given to buildings. */
export function* checkMeters(draft: Draft): Iterable<Finding> {
  const points = new Map(draft.points.map(point => [point.id, point]))
  const { sites } = draft.ids
  const meterOfPoint = new Map<string, string>()
  const meterOfDelivery = new Map<string, string>()
  const unitOfFluid = new Map<string, { unit: string; meter: string }>()

  for (const { value: meter, path } of draft.meters) {
    const other = meter.point && meterOfPoint.get(meter.point)
    if (other) yield { path: [...path, 'point'], message: `the meter ${other} counts this point already` }
    if (meter.point) meterOfPoint.set(meter.point, meter.id)

    yield* checkWithin({ value: meter, path }, draft, points)
    yield* checkDelivery({ value: meter, path }, meterOfDelivery)

    for (const [index, { site, from, to }] of meter.allocations.entries()) {
      const at = [...path, 'allocations', index]
      if (sites && !sites.has(site)) yield { path: [...at, 'site'], message: `there is no site ${site}` }
      if (from && to && to <= from) yield { path: [...at, 'to'], message: 'must be after from' }
    }
    yield* checkShares({ value: meter, path })
    yield* checkReplacements({ value: meter, path })

    const point = meter.point === undefined ? undefined : points.get(meter.point)
    if (meter.point !== undefined && !point) {
      if (draft.complete.has('points'))
        yield { path: [...path, 'point'], message: `there is no point ${meter.point}` }
      continue
    }
    if (point && !countsAs(meter, point)) {
      const counted = meter.reactive ? 'reactive energy' : meter.fluid
      const message = `${meter.point} is ${point.definition.quantity}, not an index of ${counted}`
      yield { path: [...path, 'fluid'], message }
      continue
    }
    if (point) yield* checkRegister({ value: meter, path }, point)
    const stands = yield* checkPlace({ value: meter, path }, point, sites)
    if (!stands) continue
    yield* checkConversions({ value: meter, path }, stands.unit)
    if (meter.reactive) continue
    const unit = siteUnit({ unit: stands.unit, conversions: meter.conversions })
    for (const site of sitesOf(meter, stands.site)) {
      const key = `${site} ${meter.fluid}`
      const first = unitOfFluid.get(key)
      if (first && first.unit !== unit) {
        const message = `counts ${meter.fluid} of ${site} in ${unit}, but the meter ${first.meter} in ${first.unit}`
        yield { path, message: `${message}: their sum needs one unit` }
      }
      unitOfFluid.set(key, first ?? { unit, meter: meter.id })
    }
  }
}

function countsAs({ fluid, reactive }: MeterDocument, { definition }: DraftPoint): boolean {
  if (reactive) return fluid === 'electricite' && definition.quantity === 'reactive-energy-index'
  return quantity(definition.quantity).fluid === fluid
}

/** One main meter at a time, which counts the same in the same kind of unit; and no meter is within itself. */
function* checkWithin(
  { value: meter, path }: Entry<MeterDocument>,
  draft: Draft,
  points: ReadonlyMap<string, DraftPoint>,
): Iterable<Finding> {
  const byId = new Map(draft.meters.map(({ value }) => [value.id, value]))
  const written = valueAt(draft.source.value, [...path, 'within'])
  for (const [index, within] of (meter.within ?? []).entries()) {
    const entry = [...path, 'within', ...(Array.isArray(written) ? [index] : [])]
    const at = Array.isArray(written) ? [...entry, 'meter'] : entry
    if (isEmpty(within)) yield { path: [...entry, 'to'], message: 'must be after from' }
    else if (meter.within!.slice(0, index).some(other => overlap(other, within)))
      yield { path: entry, message: 'another main meter holds on these dates' }
    const main = byId.get(within.meter)
    if (!main) {
      if (draft.ids.meters && !draft.ids.meters.has(within.meter))
        yield { path: at, message: `there is no meter ${within.meter}` }
    } else if (main.fluid !== meter.fluid)
      yield { path: at, message: `${main.id} counts ${main.fluid}, but this one ${meter.fluid}` }
    else {
      const [theirs, own] = [main, meter].map(each => toldUnit(each, points))
      if (theirs && own && theirs !== own) {
        const message = `${main.id} is told in ${unitLabel(theirs)}, but this one in ${unitLabel(own)}`
        yield { path: at, message: `${message}: they cannot be held against each other` }
      }
    }
    if (main && reaches(main.id, meter.id, id => (byId.get(id)?.within ?? []).map(({ meter }) => meter)))
      yield { path: at, message: `${meter.id} would be within itself` }
  }
}

/** What the consumption of a meter is told in, as far as that is known. */
function toldUnit(
  { point, unit: own, conversions }: MeterDocument,
  points: ReadonlyMap<string, DraftPoint>,
): Unit | undefined {
  const unit = point === undefined ? own : points.get(point)?.definition.unit
  return unit && siteUnit({ unit, conversions })
}

/** How the distributors number delivery points: PRM of Enedis, PCE of GRDF. */
const DELIVERY_POINTS: Partial<Record<MeterDocument['fluid'], { pattern: RegExp; words: string }>> = {
  electricite: { pattern: /^\d{14}$/, words: 'a PRM has 14 digits' },
  gaz: { pattern: /^(?:\d{14}|GI\d{6})$/, words: 'a PCE has 14 digits, or GI and six digits' },
}

function* checkDelivery(
  { value: { id, fluid, deliveryPoint }, path }: Entry<MeterDocument>,
  known: Map<string, string>,
): Iterable<Finding> {
  if (deliveryPoint === undefined) return
  const at = [...path, 'deliveryPoint']
  const { pattern, words } = DELIVERY_POINTS[fluid] ?? {}
  if (pattern && !pattern.test(deliveryPoint)) yield { path: at, message: words! }
  const other = known.get(`${fluid} ${deliveryPoint}`)
  if (other) yield { path: at, message: `is that of the meter ${other} already` }
  known.set(`${fluid} ${deliveryPoint}`, id)
}

/** Where a meter stands and what its index counts in: its point says so, or it does. */
function* checkPlace(
  { value: { point: reference, site, unit, fluid, reactive }, path }: Entry<MeterDocument>,
  point: DraftPoint | undefined,
  sites: ReadonlySet<string> | undefined,
): Generator<Finding, { site: string; unit: Unit } | undefined> {
  if (point) {
    for (const name of ['site', 'unit'] as const)
      if ({ site, unit }[name])
        yield { path: [...path, name], message: `is what the point ${reference} says` }
    return { site: point.device.site, unit: point.definition.unit }
  }
  if (!site || !unit) {
    yield { path, message: 'give the point that carries its index, or else its site and unit' }
    return undefined
  }
  if (sites && !sites.has(site)) yield { path: [...path, 'site'], message: `there is no site ${site}` }
  const allowed: readonly Unit[] = reactive ? ['kV.A{reactive}.h'] : unitsOfFluid(fluid)
  if (!allowed.includes(unit)) {
    yield {
      path: [...path, 'unit'],
      message: `${reactive ? 'reactive energy' : fluid} is counted in ${allowed.join(' or ')}`,
    }
    return undefined
  }
  return { site, unit }
}

/** What the register counts must be what the meter counts, to the last step and the last digit. */
function* checkRegister(
  { value: meter, path }: Entry<MeterDocument>,
  { definition }: DraftPoint,
): Iterable<Finding> {
  const { modbus } = definition
  if (!modbus || !['uint', 'int', 'bcd'].includes(kindOf(modbus.type))) return
  const steps = modbus.scale * stepsPerUnit(meter.resolution)!
  if (Math.abs(steps - Math.round(steps)) > 1e-9) {
    const message = `the register moves by ${modbus.scale} ${definition.unit}, finer than this resolution`
    yield { path: [...path, 'resolution'], message }
  }
  // The counter must go round by its digits, not earlier because its register is full.
  if (meter.digits && 10 ** meter.digits / steps > greatest(modbus) + 1) {
    const message = `${meter.digits} digits do not fit into a ${modbus.type}`
    yield { path: [...path, 'digits'], message }
  }
}

/** Indexes of a meter that was replaced are counted on exactly. */
function* checkReplacements({ value, path }: Entry<MeterDocument>): Iterable<Finding> {
  const steps = stepsPerUnit(value.resolution)!
  const times = value.replacements.map(({ at }) => Date.parse(at))
  for (const [index, replacement] of value.replacements.entries()) {
    const at = [...path, 'replacements', index]
    if (index > 0 && times[index]! <= times[index - 1]!)
      yield { path: [...at, 'at'], message: 'must be after the one before' }
    for (const name of ['last', 'first'] as const) {
      const scaled = replacement[name] * steps
      if (Math.abs(scaled - Math.round(scaled)) > 0.001)
        yield { path: [...at, name], message: `is finer than the resolution ${value.resolution}` }
      else if (value.digits && scaled >= 10 ** value.digits)
        yield { path: [...at, name], message: `is more than ${value.digits} digits show` }
    }
  }
}

function* checkConversions(
  { value: { conversions, fluid }, path }: Entry<MeterDocument>,
  unit: Unit,
): Iterable<Finding> {
  if (conversions.length > 0 && (fluid !== 'gaz' || unit !== 'm3'))
    yield { path: [...path, 'conversions'], message: 'are for a gas-index in m3' }
  for (const [index, { from = '' }] of conversions.entries()) {
    if (index > 0 && from <= (conversions[index - 1]!.from ?? ''))
      yield { path: [...path, 'conversions', index, 'from'], message: 'must be after the one before' }
  }
}

/** The greatest raw number of a register. */
function greatest({ type, bits }: ModbusSource): number {
  const width = bits?.count ?? bitCount(type)
  if (kindOf(type) === 'bcd') return 10 ** (width / 4) - 1
  return 2 ** (kindOf(type) === 'int' ? width - 1 : width) - 1
}

function sitesOf(meter: MeterDocument, site: string): string[] {
  if (meter.allocations.length === 0) return [site]
  return [...new Set(meter.allocations.map(({ site }) => site))]
}

/** At no date may more be given away than was counted. The sum can only rise where an allocation begins. */
function* checkShares({ value: { allocations }, path }: Entry<MeterDocument>): Iterable<Finding> {
  const holds = (date: string, { from = '', to = '9999-99-99' }: { from?: string; to?: string }) =>
    from <= date && date < to
  for (const [index, { from = '' }] of allocations.entries()) {
    const sum = allocations
      .filter(allocation => holds(from, allocation))
      .reduce((total, { share }) => total + share, 0)
    if (sum > 1 + 1e-9) {
      const message = `the shares ${from ? `on ${from}` : 'from the beginning'} add up to ${Number(sum.toFixed(6))}`
      yield { path: [...path, 'allocations', index], message: `${message}, more than 1` }
      return
    }
  }
}
