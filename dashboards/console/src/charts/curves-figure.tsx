import { useMemo } from 'preact/hooks'
import uPlot from 'uplot'
import { type Speech, useSpeech } from '../i18n/language.ts'
import { type Aligned, alignCurves, type Curve } from './curves.ts'
import { Figure } from './figure.tsx'
import type { Paint } from './paint.ts'
import { Plot, type PlotOptions, quietAxis, tooltip } from './plot.tsx'

export type Range = 'hours' | 'day' | 'week' | 'year'

const HEIGHT = 230

/** Curves differ in dash as well as in colour. */
const STYLES = [
  { property: '--curve-1', dash: [] },
  { property: '--curve-2', dash: [8, 4] },
  { property: '--curve-3', dash: [2, 3] },
  { property: '--curve-4', dash: [10, 3, 2, 3] },
]
const styleOf = (index: number) => STYLES[index % STYLES.length]!

interface CurvesFigureProps {
  title: string
  curves: Curve[]
  /** Of each curve. */
  names: string[]
  range: Range
}

/** Measures of one unit over time: the mean as a line, the range from lowest to highest as a band. */
export function CurvesFigure({ title, curves, names, range }: CurvesFigureProps) {
  const speech = useSpeech()
  const { t, format } = speech
  const unitLabel = curves[0]!.point.unitLabel
  const aligned = useMemo(() => alignCurves(curves), [curves])
  const summary = summaryOf(aligned, names, speech)

  const data = useMemo(
    () =>
      [
        aligned.times.map(time => time / 1000),
        ...aligned.curves.flatMap(({ mean, min, max }) => [max, min, mean]),
      ] as uPlot.AlignedData,
    [aligned],
  )
  const whenOf = range === 'year' ? format.day : format.dayTime
  const key = names.join()
  const build = useMemo(() => {
    const linesAt = (index: number) => [
      whenOf(aligned.times[index]!),
      ...aligned.curves.map(({ mean, min, max }, curve) => {
        const value = mean[index]
        if (value === null || value === undefined) return `${names[curve]} ${t.chart.none}`
        const [low, high] = [min[index] ?? value, max[index] ?? value]
        const text = `${names[curve]} ${format.measure(value, unitLabel)}`
        return high > low ? `${text} (${format.exact(low)} – ${format.exact(high)})` : text
      }),
    ]
    return (paint: Paint) => curvesOptions(paint, aligned, unitLabel, speech, linesAt)
  }, [aligned, key, range, unitLabel, speech])

  const table = {
    columns: [t.chart.when, ...names.map(name => `${name} (${unitLabel})`)],
    rows: aligned.times.flatMap((time, index) => {
      const means = aligned.curves.map(({ mean }) => mean[index]!)
      if (means.every(mean => mean === null)) return []
      return [
        [
          whenOf(time),
          ...means.map(mean =>
            mean === null ? t.chart.none : format.measure(mean, unitLabel).split('\u00a0')[0]!,
          ),
        ],
      ]
    }),
  }
  return (
    <Figure
      title={title}
      summary={summary}
      table={table}
      legend={
        <ul class="chart-legend">
          {names.map((name, index) => (
            <li key={name}>
              <svg class="line-sample" viewBox="0 0 30 4" aria-hidden="true">
                <line
                  x1="0"
                  y1="2"
                  x2="30"
                  y2="2"
                  style={{ stroke: `var(${styleOf(index).property})` }}
                  stroke-dasharray={styleOf(index).dash.join(' ')}
                />
              </svg>
              {name}
            </li>
          ))}
        </ul>
      }
    >
      <Plot label={`${title}. ${summary}`} data={data} height={HEIGHT} build={build} />
    </Figure>
  )
}

function curvesOptions(
  paint: Paint,
  aligned: Aligned,
  unitLabel: string,
  { format }: Speech,
  linesAt: (index: number) => string[],
): PlotOptions {
  const zero = unitLabel === '°C'
  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), format.timeZone),
    scales: { y: { range: (_, low, high) => rangeOf(low, high, unitLabel) } },
    axes: [
      quietAxis(paint, {
        size: 28,
        space: 64,
        grid: { show: false },
        values: (_, splits, __, ___, step) =>
          splits.map(seconds => {
            const midnight = format.clock(seconds * 1000).startsWith('00:00')
            return step >= 86_400 || midnight ? format.shortDay(seconds * 1000) : format.clock(seconds * 1000)
          }),
      }),
      quietAxis(paint, { size: 50, values: (_, splits) => splits.map(format.exact) }),
    ],
    series: [
      {},
      ...aligned.curves.flatMap((_, index) => {
        const { property, dash } = styleOf(index)
        const edge = { width: 0, points: { show: false } }
        return [
          edge,
          edge,
          { stroke: paint.color(property), width: 2, dash, points: { size: 5, filter: alone } },
        ]
      }),
    ],
    bands: aligned.curves.map((_, index) => ({
      series: [3 * index + 1, 3 * index + 2],
      fill: paint.color(`${styleOf(index).property}-soft`),
    })),
    hooks: zero ? { drawAxes: [plot => drawFreezing(plot, paint.color('--freezing'))] } : {},
    plugins: [tooltip(linesAt)],
  }
}

/** A reading between two holes is no line: it gets a dot. */
function alone(plot: uPlot, series: number): number[] {
  const values = plot.data[series]!
  return [...values.keys()].filter(
    index =>
      values[index] !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null,
  )
}

/** Room around the values; what cannot be negative never seems to be. */
function rangeOf(low: number | null, high: number | null, unitLabel: string): [number, number] {
  if (low === null || high === null) return [0, 1]
  const room = Math.max((high - low) * 0.08, 0.5)
  const bottom = unitLabel === '°C' ? low - room : Math.max(0, low - room)
  return [bottom, unitLabel === '%' ? Math.min(100, high + room) : high + room]
}

/** The line of 0 °C, where it is in sight. */
function drawFreezing(plot: uPlot, color: string): void {
  const y = plot.valToPos(0, 'y', true)
  const { left, top, width, height } = plot.bbox
  if (y < top || y > top + height) return
  const { ctx } = plot
  ctx.save()
  ctx.strokeStyle = color
  ctx.lineWidth = 1.5 * devicePixelRatio
  ctx.beginPath()
  ctx.moveTo(left, y)
  ctx.lineTo(left + width, y)
  ctx.stroke()
  ctx.restore()
}

function summaryOf({ curves }: Aligned, names: string[], { t, format }: Speech): string {
  const sentences = curves.flatMap(({ point, min, max }, index) => {
    const lows = min.filter(value => value !== null)
    const highs = max.filter(value => value !== null)
    if (lows.length === 0 || highs.length === 0) return []
    const low = format.measure(Math.min(...lows), point.unitLabel)
    const high = format.measure(Math.max(...highs), point.unitLabel)
    return low === high ? t.chart.steady(names[index]!, low) : t.chart.fromTo(names[index]!, low, high)
  })
  return sentences.length === 0 ? t.chart.noneYet : `${sentences.join(', ')}.`
}
