import { layPowers, rounded } from '../../energy/power.ts'
import { type Interval, periodsBetween } from '../../model/calendar.ts'
import { isKnownHour } from '../../model/consumption.ts'
import type { MeanPower, SubscribedPower } from '../../model/power.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import { powerBetween, type Unit } from '../../model/units.ts'
import type { Meter, Point } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import type { ReadingStore } from '../../store/readings.ts'
import type { StatementStore } from '../../store/statements.ts'

export interface PowerStores {
  readings: ReadingStore
  figures: FigureStore
  statements: StatementStore
}

/** Over which a measured power is averaged, as the load curves of meters above 36 kVA are. */
const MEAN_MS = 10 * MINUTE_MS
const MINUTES_OF_MEAN = MEAN_MS / MINUTE_MS

/**
 * What the powers of a meter are told in: kVA where it is measured and nothing says how active power compares with
 * what is subscribed, else kW.
 */
export function powerUnit({ powerPoint, subscribed = [] }: Meter): SubscribedPower['unit'] {
  const isApparent = powerPoint?.quantityName === 'apparent-power'
  const isActive = subscribed.some(({ unit, activeFactor }) => unit === 'kW' || activeFactor !== undefined)
  return isApparent && !isActive ? 'kV.A' : 'kW'
}

/** The mean powers of a meter over whole hours of the past, the shortest that are known of each time; ascending. */
export async function loadPowers(
  stores: PowerStores,
  meter: Meter,
  time: Interval,
  timeZone: string,
): Promise<MeanPower[]> {
  const unit = powerUnit(meter)
  const powers: MeanPower[][] = []
  for (const { start, end } of periodsBetween('month', time.start, time.end, timeZone)) {
    const part = { start: Math.max(start, time.start), end: Math.min(end, time.end) }
    const curves = unit === 'kW' ? loadCurves(stores, meter, part) : []
    const measured = await measuredPowers(stores, meter.powerPoint, unit, part)
    const hours = unit === 'kW' ? await hourlyPowers(stores, meter, part) : []
    powers.push(layPowers([...curves, measured, hours]))
  }
  return powers.flat()
}

/** What the distributor measured, as it did: by the length of its intervals, but not where it was corrected. */
function loadCurves({ statements }: PowerStores, meter: Meter, time: Interval): MeanPower[][] {
  const amounts = statements.amounts(meter.id, time)
  const corrections = amounts.filter(({ origin }) => origin === 'correction')
  const isCorrected = ({ start, end }: Interval) =>
    corrections.some(correction => correction.start < end && correction.end > start)
  const means = amounts
    .filter(amount => amount.origin === 'distributor' && amount.end - amount.start <= HOUR_MS)
    .filter(amount => amount.start >= time.start && amount.end <= time.end && !isCorrected(amount))
    .map(({ start, end, value }) => meanOf(value, { start, end }, meter, 'load-curve'))
    .sort((a, b) => a.start - b.start)
  return [...Map.groupBy(means, ({ start, end }) => end - start).values()]
}

/** Of ten minutes in each of which the point was heard. */
async function measuredPowers(
  { readings }: PowerStores,
  point: Point | undefined,
  unit: Unit,
  { start, end }: Interval,
): Promise<MeanPower[]> {
  const factor = point && factorBetween(point.unit, unit)
  if (factor === undefined) return []
  const minutes = await readings.aggregate(point!.id, 'minute', start, end)
  const heard = minutes.filter(minute => minute.mean !== null && minute.start >= start && minute.end <= end)
  const powers: MeanPower[] = []
  for (const [index, ten] of Map.groupBy(heard, minute => Math.floor(minute.start / MEAN_MS))) {
    if (ten.length < MINUTES_OF_MEAN) continue
    const power = rounded((ten.reduce((sum, { mean }) => sum + mean!, 0) / MINUTES_OF_MEAN) * factor)
    powers.push({ start: index * MEAN_MS, end: (index + 1) * MEAN_MS, power, source: 'point' })
  }
  return powers
}

/** Of the hours whose consumption is known for itself. */
async function hourlyPowers({ figures }: PowerStores, meter: Meter, time: Interval): Promise<MeanPower[]> {
  const found = await figures.consumption(meter.id, 'hour', time.start, time.end)
  return found
    .filter(figure => figure.end <= time.end && isKnownHour(figure))
    .map(figure => meanOf(figure.amount / meter.stepsPerUnit, figure, meter, 'consumption'))
}

function meanOf(
  value: number,
  { start, end }: Interval,
  { unit }: Meter,
  source: MeanPower['source'],
): MeanPower {
  const hours = (end - start) / HOUR_MS
  return { start, end, power: rounded((value * factorBetween(unit, 'kW.h')!) / hours), source }
}

function factorBetween(from: Unit, to: Unit): number | undefined {
  if (from === to) return 1
  const power = powerBetween(from, to)
  return power === undefined ? undefined : 10 ** power
}
