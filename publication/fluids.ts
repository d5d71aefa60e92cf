import { localDate } from '../model/calendar.ts'
import { coverageOf } from '../model/consumption.ts'
import { formatDecimal } from '../model/decimal.ts'
import { overlap } from '../model/local-dates.ts'
import { asciiUnitLabel } from '../model/units.ts'
import type { Text } from '../registry/schema.ts'
import type { Aspect } from './complement.ts'
import { columnsOf, type Dataset, periodIn, type Row, type RowContext, type TableSchema } from './dataset.ts'
import { partNamed } from './fluid-basis.ts'
import { type FluidRows, openFluidRows } from './fluid-rows.ts'
import type { FluidSeries, PublishedPeriod } from './fluid-series.ts'
import { datesOfSpan, instantText, localSpan } from './row-dates.ts'
import { FLUIDES, FLUIDES_HEURE, FLUIDES_JOUR, type QUALITIES } from './schemas/fluides.ts'
import { selectConsumption } from './selection.ts'
import { publishedFigures } from './withdrawal.ts'

const HOW_IT_IS_KNOWN = {
  fr: 'La consommation est calculée à partir des index des compteurs : les index écartés et les lacunes ne deviennent jamais des zéros, et la colonne « couverture » dit quelle part de la période est réellement mesurée.',
  en: 'Consumption is computed from the indexes of meters: what is discarded or missing never becomes a zero, and the column “couverture” says how much of the period was really measured.',
}
const WHOSE = {
  fr: 'd’électricité, de gaz, d’eau, de chaleur et de froid de chaque bâtiment public',
  en: 'of electricity, gas, water, heat and cold of each public building',
}

const PERIODS: readonly {
  id: string
  period: PublishedPeriod
  name: Text
  frequency: Dataset['frequency']
}[] = [
  { id: 'fluides', period: 'month', name: { fr: 'mensuelle', en: 'Monthly' }, frequency: 'MONTHLY' },
  { id: 'fluides-jour', period: 'day', name: { fr: 'quotidienne', en: 'Daily' }, frequency: 'DAILY' },
  { id: 'fluides-heure', period: 'hour', name: { fr: 'horaire', en: 'Hourly' }, frequency: 'DAILY' },
  { id: 'fluides-annee', period: 'year', name: { fr: 'annuelle', en: 'Yearly' }, frequency: 'ANNUAL' },
]

const ASPECTS_OF: Record<PublishedPeriod, readonly Aspect[]> = {
  ...{ year: ['consumption', 'heating'], month: ['consumption', 'heating'] },
  ...{ day: ['consumption'], hour: ['hours'] },
}
const SCHEMA_OF: Record<PublishedPeriod, TableSchema> = {
  ...{ year: FLUIDES, month: FLUIDES, day: FLUIDES_JOUR, hour: FLUIDES_HEURE },
}

/** Consumption by building and fluid, for each of the periods. */
export const FLUIDS: readonly Dataset[] = PERIODS.map(({ id, period, name, frequency }) => ({
  id,
  title: {
    fr: `Consommation ${name.fr} de fluides des bâtiments publics`,
    en: `${name.en} consumption of fluids of public buildings`,
  },
  description: {
    fr: `Consommation ${name.fr} ${WHOSE.fr}. ${HOW_IT_IS_KNOWN.fr}`,
    en: `${name.en} consumption ${WHOSE.en}. ${HOW_IT_IS_KNOWN.en}`,
  },
  keywords: ['énergie', 'eau', 'électricité', 'gaz', 'chaleur', 'consommation', 'bâtiments publics'],
  themes: ['ENER', 'ENVI'],
  frequency,
  schema: SCHEMA_OF[period],
  period: periodIn(SCHEMA_OF[period], 'debut', 'fin'),
  isKnown: row => row[AMOUNT] !== '',
  subject: ['id_batiment', 'fluide'],
  partOf: row => partNamed(period, row[START]!),
  chart: row =>
    row[AMOUNT] === ''
      ? undefined
      : {
          ...{ unit: row[UNIT]!, series: row[FLUID]! },
          ...{
            x: row[START]!.slice(0, period === 'year' ? 'YYYY'.length : 'YYYY-MM'.length),
            y: Number(row[AMOUNT]),
          },
        },
  measure: row => ({ [row[QUALITY]!]: 1 }),
  async *rows(context, remarks = {}) {
    const fluids = await openRows(period, context)
    yield* fluids.whole()
    Object.assign(remarks, await fluids.remarks())
  },
  inParts: context => openRows(period, context),
  subjects({ registry }) {
    const { series } = selectConsumption(registry)
    const shown = period === 'hour' ? series.filter(({ hourly }) => hourly) : series
    return new Set(shown.map(({ site, fluid }) => `${site.id} ${fluid}`))
  },
  isWithheld({ registry }) {
    const { timeZone } = registry.territory
    const hidden = new Map(
      selectConsumption(registry).series.map(({ site, fluid, unit, hourly, ...daily }) => [
        [site.id, fluid, asciiUnitLabel(unit)].join(),
        (period === 'hour' ? hourly : daily)?.hidden ?? [],
      ]),
    )
    return row => {
      const dates = datesOfSpan(localSpan({ start: row[START]!, end: row[END]! }, timeZone))
      return (hidden.get([row[ID], row[FLUID], row[UNIT]].join()) ?? []).some(each => overlap(each, dates))
    }
  },
  figures: ({ registry }) => publishedFigures(registry, ASPECTS_OF[period]),
  suppressions: ({ registry }) => selectConsumption(registry).suppressions,
}))

const [ID, FLUID, START, END, AMOUNT, UNIT, QUALITY] = columnsOf(FLUIDES, [
  ...['id_batiment', 'fluide', 'debut', 'fin', 'consommation', 'unite', 'qualite'],
]) as [number, number, number, number, number, number, number]

function openRows(period: PublishedPeriod, context: RowContext): Promise<FluidRows> {
  const { timeZone } = context.registry.territory
  const dates = new Map<number, string>()
  // Buildings share their days: the calendar is asked once for each.
  const dateOf = (time: number) => dates.getOrInsertComputed(time, () => localDate(time, timeZone))
  const told = period === 'hour' ? instantText : dateOf
  return openFluidRows(period, context, series => rowsOf(series, told), told)
}

function rowsOf({ site, fluid, unit, periods }: FluidSeries, told: (time: number) => string): Row[] {
  return periods.map(({ start, end, amount, coveredMs, stated = [], corrected }) => {
    const coverage = coverageOf(coveredMs, { start, end })
    const statedMs = stated.reduce((sum, { ms }) => sum + ms, 0)
    return [
      ...[site.id, site.rnb ?? '', site.name, site.commune, fluid],
      ...[told(start), told(end)],
      amount ? formatDecimal(amount) : '',
      asciiUnitLabel(unit),
      coverage.toFixed(4),
      Math.min(1, Math.ceil((statedMs * 10_000) / (end - start)) / 10_000).toFixed(4),
      qualityOf(amount !== undefined, coverage, statedMs),
      '',
      ...(corrected ? [corrected.amount ?? ''] : []),
    ]
  })
}

function qualityOf(isKnown: boolean, coverage: number, statedMs: number): (typeof QUALITIES)[number] {
  if (!isKnown) return 'absente'
  if (statedMs > 0) return 'estimee'
  return coverage === 1 ? 'mesuree' : 'partielle'
}
