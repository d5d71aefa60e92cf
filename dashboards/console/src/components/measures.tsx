import { useMemo, useState } from 'preact/hooks'
import { get } from '../api/client.ts'
import { useLoaded } from '../api/resource.ts'
import type { Aggregates, Point } from '../api/types.ts'
import { CurvesFigure, type Range } from '../charts/curves-figure.tsx'
import { PeriodsFigure } from '../charts/periods-figure.tsx'
import { now } from '../clock.ts'
import { countPeriods } from '../consumption.ts'
import { useSpeech } from '../i18n/language.ts'
import { useLastKnown } from './last-known.ts'
import { Notice } from './notice.tsx'
import { Segments } from './segments.tsx'

const DAY_MS = 86_400_000
const RANGES: readonly Range[] = ['hours', 'day', 'week', 'year']

const STEPS = {
  hours: { by: 'minute', spanMs: DAY_MS / 4, refreshMs: 60_000 },
  day: { by: 'hour', spanMs: DAY_MS, refreshMs: 5 * 60_000 },
  week: { by: 'hour', spanMs: 7 * DAY_MS, refreshMs: 5 * 60_000 },
  year: { by: 'day', spanMs: 396 * DAY_MS, refreshMs: 60 * 60_000 },
} as const

/** The measures of a site over time, one chart a unit, so that what is comparable stands together. */
export function Measures({ points }: { points: Point[] }) {
  const { t } = useSpeech()
  const [range, setRange] = useState<Range>('day')
  const groups = useMemo(
    () => [
      ...Map.groupBy(
        points.filter(({ kind }) => kind === 'measure'),
        ({ unitLabel }) => unitLabel,
      ),
    ],
    [points],
  )
  const counters = points.filter(({ quantity }) => quantity === 'vehicle-count')
  if (groups.length === 0 && counters.length === 0) return null
  return (
    <section aria-labelledby="measures-title">
      <div class="section-head">
        <h2 id="measures-title">{t.site.measures}</h2>
        <Segments
          legend={t.chart.period}
          name="measures-range"
          choices={RANGES.map(choice => [choice, t.chart.range[choice]] as const)}
          chosen={range}
          onChoose={choice => setRange(choice)}
        />
      </div>
      <p class="soft">{t.chart.step[range]}</p>
      <div class="charts">
        {counters.map(point => (
          <CountChart key={point.id} point={point} range={range === 'hours' ? 'day' : range} />
        ))}
        {groups.map(([unitLabel, points]) => (
          <MeasureChart
            key={unitLabel}
            title={`${t.unitGroup[unitLabel] ?? t.site.measures} (${unitLabel})`}
            points={points}
            range={range}
          />
        ))}
      </div>
    </section>
  )
}

function MeasureChart({ title, points, range }: { title: string; points: Point[]; range: Range }) {
  const { say } = useSpeech()
  const answer = useAggregates(points, range)
  const shown = useLastKnown(answer.data)
  const curves = useMemo(
    () => shown?.answers.map(({ aggregates }, index) => ({ point: points[index]!, aggregates })),
    [shown, points],
  )
  const labels = points.map(({ label }) => say(label))
  const names = points.map(({ device }, index) => {
    const alone = labels.filter(other => other === labels[index]).length === 1
    return alone ? labels[index]! : `${labels[index]} (${device})`
  })
  return (
    <div aria-busy={answer.data === undefined}>
      <Notice of={{ ...answer, data: shown }} />
      {curves && <CurvesFigure title={title} curves={curves} names={names} range={shown!.range} />}
    </div>
  )
}

/** A counter shows what it counted, by hour at the finest. */
function CountChart({ point, range }: { point: Point; range: Exclude<Range, 'hours'> }) {
  const { t } = useSpeech()
  const points = useMemo(() => [point], [point])
  const answer = useAggregates(points, range)
  const shown = useLastKnown(answer.data)
  const periods = useMemo(() => shown && countPeriods(shown.answers[0]!.aggregates), [shown])
  const { by } = STEPS[shown?.range ?? range]
  return (
    <div aria-busy={answer.data === undefined}>
      <Notice of={{ ...answer, data: shown }} />
      {periods && (
        <PeriodsFigure
          title={t.chart.vehicles[by]}
          property="--accent"
          unitLabel={point.unitLabel}
          periods={periods}
          by={by}
        />
      )}
    </div>
  )
}

function useAggregates<R extends Range>(points: Point[], range: R) {
  const { by, spanMs, refreshMs } = STEPS[range]
  const load = async () => {
    const from = new Date(now() - spanMs).toISOString()
    const answers = await Promise.all(
      points.map(({ id }) => get<Aggregates>(`/v1/points/${id}/aggregates?by=${by}&from=${from}`)),
    )
    return { range, answers }
  }
  return useLoaded(`${range} of ${points.map(({ id }) => id).join(' ')}`, load, refreshMs)
}
