import { useMemo } from 'preact/hooks'
import uPlot from 'uplot'
import type { Period as CivilPeriod } from '../../../../model/period.ts'
import { now } from '../clock.ts'
import { compareLastMonth, isComplete, isRunning, type Period } from '../consumption.ts'
import type { Format } from '../format.ts'
import type { Dictionary } from '../i18n/fr.ts'
import { type Speech, useSpeech } from '../i18n/language.ts'
import { goTo } from '../route.ts'
import { Figure } from './figure.tsx'
import type { Paint } from './paint.ts'
import { Plot, type PlotOptions, pressed, quietAxis, tooltip } from './plot.tsx'
import { thin } from './ticks.ts'

export type By = CivilPeriod

const HEIGHT = 210

interface PeriodsFigureProps {
  title: string
  /** The custom property of the bars' colour. */
  property: string
  unitLabel: string
  periods: Period[]
  by: By
  /** The page that a period is opened on. */
  pathOf?: (period: Period) => string
}

/**
 * Amounts over a row of periods, as bars: solid where complete, striped where not, dotted from below for what was
 * stated, a shaded gap for nothing.
 */
export function PeriodsFigure({ title, property, unitLabel, periods, by, pathOf }: PeriodsFigureProps) {
  const speech = useSpeech()
  const { t, format } = speech
  const summary = summaryOf(periods, unitLabel, by, speech)
  const data: uPlot.AlignedData = useMemo(
    () => [
      periods.map((_, index) => index),
      periods.map(({ amount }) => amount),
      periods.map(period => drawnStated(period)),
    ],
    [periods],
  )
  const build = useMemo(() => {
    const linesAt = (index: number) => {
      const period = periods[index]!
      return [periodName(period, by, speech), ...describe(period, unitLabel, speech)]
    }
    const open = pathOf && ((index: number) => goTo(pathOf(periods[index]!)))
    return (paint: Paint) => barsOptions(paint, periods, by, property, speech, linesAt, open)
  }, [periods, by, property, unitLabel, speech, pathOf])
  const isStated = periods.some(({ stated = [] }) => stated.length > 0)

  const table = {
    columns: [
      t.chart.when,
      unitLabel || t.chart.count,
      t.chart.coverage,
      ...(isStated ? [t.chart.statedOf(unitLabel)] : []),
    ],
    rows: periods.map(period => [
      periodName(period, by, speech),
      period.amount === null ? t.chart.none : format.exact(period.amount),
      joined(shareOf(period, speech), remarkOn(period, t)),
      ...(isStated ? [statedText(period, speech) || '–'] : []),
    ]),
    ...(pathOf && { hrefs: periods.map(pathOf) }),
  }
  return (
    <Figure
      title={title}
      summary={summary}
      table={table}
      legend={
        <ul class="chart-legend" style={{ '--swatch': `var(${property})` }}>
          <li class="swatch">{t.chart.legendComplete}</li>
          <li class="swatch swatch-striped">{t.chart.legendIncomplete}</li>
          {isStated && <li class="swatch swatch-dotted">{t.chart.legendStated}</li>}
          <li class="swatch swatch-none">{t.chart.none}</li>
          {pathOf && <li class="soft">{t.chart.opens}</li>}
        </ul>
      }
    >
      <Plot label={`${title}. ${summary}`} data={data} height={HEIGHT} build={build} />
    </Figure>
  )
}

function barsOptions(
  paint: Paint,
  periods: Period[],
  by: By,
  property: string,
  { format }: Speech,
  linesAt: (index: number) => string[],
  open: ((index: number) => void) | undefined,
): PlotOptions {
  const time = now()
  const [solid, striped, nothing] = [paint.color(property), paint.stripes(property), paint.stripes('--line')]
  const dotted = paint.dots(property)
  const fills = periods.map(period => (isComplete(period, time) ? solid : striped))
  const labels = periods.map(({ start }) => labelOf(start, by, periods.length, format))
  const labelled = [...labels.keys()].filter(index => labels[index] !== undefined)
  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: false, range: [-0.6, periods.length - 0.4] },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.06 : 1] },
    },
    axes: [
      quietAxis(paint, {
        size: 28,
        grid: { show: false },
        splits: plot => thin(labelled, plot.width / (by === 'month' ? 46 : 58)),
        values: (_, splits) => splits.map(index => labels[index] ?? null),
      }),
      quietAxis(paint, { size: 62, values: (_, splits) => splits.map(format.exact) }),
    ],
    series: [
      {},
      bars(solid, fills),
      bars(
        solid,
        periods.map(() => dotted),
      ),
    ],
    hooks: { drawClear: [plot => shadeGaps(plot, periods, nothing)] },
    plugins: [tooltip(linesAt), ...(open ? [pressed(open)] : [])],
  }
}

function bars(stroke: string, fills: readonly (CanvasPattern | string)[]): uPlot.Series {
  return {
    stroke,
    width: 1,
    points: { show: false },
    paths: uPlot.paths.bars!({
      size: [0.76, 60],
      radius: 0.12,
      disp: {
        // Colours by bar; the declarations of uPlot know strings only, the canvas takes patterns as well.
        fill: { unit: 3, values: () => fills as string[] },
        stroke: { unit: 3, values: () => fills.map(() => stroke) },
      },
    }),
  }
}

/** How much of a bar is drawn as stated: what is taken off is not seen in it. */
function drawnStated({ amount, stated = [] }: Period): number | null {
  const sum = stated.reduce((total, part) => total + part.amount, 0)
  return amount === null || sum <= 0 ? null : Math.min(amount, sum)
}

function statedText({ stated = [] }: Period, { t, format }: Speech): string {
  const byOrigin = Map.groupBy(stated, ({ origin }) => origin)
  return [...byOrigin]
    .map(([origin, parts]) => {
      const sum = parts.reduce((total, { amount }) => total + amount, 0)
      return `${t.statements.origins[origin]} ${format.exact(sum)}`
    })
    .join(' · ')
}

/** What stands under a bar: longer periods and days have a name each, of the hours only the round ones. */
function labelOf(start: string, by: By, count: number, format: Format): string | undefined {
  if (by === 'heating-year') return heatingYear(start)
  if (by === 'year') return yearOf(start)
  if (by === 'month') return format.shortMonth(start)
  if (by === 'week' || by === 'day') return format.shortDay(start)
  const hour = hourOf(start)
  if (hour === 0) return format.shortDay(start)
  return count <= 48 && hour % 6 === 0 ? format.clock(start) : undefined
}

function shadeGaps(plot: uPlot, periods: Period[], fill: CanvasPattern | string): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.fillStyle = fill
  for (const [index, { amount }] of periods.entries()) {
    if (amount !== null) continue
    const left = plot.valToPos(index - 0.45, 'x', true)
    const right = plot.valToPos(index + 0.45, 'x', true)
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
  }
  ctx.restore()
}

/** The hour on the clocks of the territory, as the API writes it. */
function hourOf(localTime: string): number {
  return Number(localTime.slice(11, 13))
}

/** What a period is called. */
export function periodName({ start }: Pick<Period, 'start'>, by: By, { t, format }: Speech): string {
  switch (by) {
    case 'heating-year':
      return t.chart.heatingYear(heatingYear(start))
    case 'year':
      return yearOf(start)
    case 'month':
      return format.month(start)
    case 'week':
      return t.chart.week(format.date(start))
    case 'day':
      return format.day(start)
    case 'hour':
      return format.dayTime(start)
  }
}

/** The year on the calendar of the territory, as the API writes it. */
function yearOf(localTime: string): string {
  return localTime.slice(0, 4)
}

/** From one summer to the next: 2025–2026. */
function heatingYear(localTime: string): string {
  return `${yearOf(localTime)}–${Number(yearOf(localTime)) + 1}`
}

function describe(period: Period, unitLabel: string, speech: Speech): string[] {
  const { t, format } = speech
  if (period.amount === null) return [t.chart.none]
  const share = shareOf(period, speech)
  const covered = share && t.chart.covered(share)
  const stated = statedText(period, speech)
  return [
    format.amount(period.amount, unitLabel),
    joined(covered, remarkOn(period, t)),
    ...(stated ? [t.chart.ofWhichStated(stated)] : []),
  ]
}

function shareOf({ coverage }: Period, { format }: Speech): string {
  return coverage === undefined ? '' : format.percent(coverage)
}

function remarkOn(period: Period, t: Dictionary): string {
  const time = now()
  if (isRunning(period, time)) return t.chart.running
  return isComplete(period, time) ? '' : t.chart.incomplete
}

function joined(...parts: string[]): string {
  return parts.filter(Boolean).join(', ')
}

/** The total and the highest of some periods, and how many are not wholly known, in words. */
export function summaryOf(periods: Period[], unitLabel: string, by: By, speech: Speech): string {
  const { t, format } = speech
  const time = now()
  const known = periods.filter(({ amount }) => amount !== null)
  if (known.length === 0) return t.chart.noneYet
  const gaps = periods.filter(period => !isRunning(period, time) && !isComplete(period, time)).length
  const sentences = by === 'month' ? monthSentences(periods, unitLabel, speech) : []
  if (sentences.length === 0) {
    const total = known.reduce((sum, { amount }) => sum + amount!, 0)
    const highest = known.reduce((a, b) => (b.amount! > a.amount! ? b : a))
    const peak = t.chart.highest(format.amount(highest.amount!, unitLabel), periodName(highest, by, speech))
    sentences.push(`${t.chart.total(format.amount(total, unitLabel))}, ${peak}.`)
  }
  const stated = known.reduce((sum, period) => sum + (drawnStated(period) ?? 0), 0)
  if (stated > 0) sentences.push(`${t.chart.totalStated(format.amount(stated, unitLabel))}.`)
  if (gaps > 0) sentences.push(`${t.chart.gaps(gaps)}.`)
  return sentences.join(' ')
}

function monthSentences(months: Period[], unitLabel: string, { t, format }: Speech): string[] {
  const comparison = compareLastMonth(months, now())
  if (!comparison) return []
  const { last, before, change } = comparison
  const amount = t.chart.lastMonth(capital(format.month(last.start)), format.amount(last.amount!, unitLabel))
  if (!before || change === undefined) return [`${amount}.`]
  return [`${amount}, ${t.chart.compared(format.change(change), format.month(before.start))}.`]
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1)
}
