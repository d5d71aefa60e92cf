import { useState } from 'preact/hooks'
import { useResource } from '../api/resource.ts'
import type { SiteConsumption } from '../api/types.ts'
import { WeekFigure } from '../charts/week-figure.tsx'
import { now } from '../clock.ts'
import { inOrder } from '../consumption.ts'
import { useSpeech } from '../i18n/language.ts'
import { weekBefore } from '../week.ts'
import { useLastKnown } from './last-known.ts'
import { Notice } from './notice.tsx'

const REFRESH_MS = 5 * 60_000

/** What the site consumed in each hour of seven days that are over, one map a fluid. */
export function Week({ site }: { site: string }) {
  const { t, format } = useSpeech()
  const [weeksEarlier, setWeeksEarlier] = useState(0)
  const { from, to } = weekBefore(format.localDate(now()), weeksEarlier)
  const path = `/v1/sites/${site}/consumption?by=hour&from=${from}&to=${to}`
  const answer = useResource<SiteConsumption>(path, REFRESH_MS)
  const shown = useLastKnown(answer.data)
  const periods = shown?.fluids[0]?.periods
  return (
    <section aria-labelledby="week-title">
      <div class="section-head">
        <h2 id="week-title">{t.week.title}</h2>
        <p class="week-turns">
          <button type="button" class="button" onClick={() => setWeeksEarlier(weeksEarlier + 1)}>
            {t.week.earlier}
          </button>
          <button
            type="button"
            class="button"
            disabled={weeksEarlier === 0}
            onClick={() => setWeeksEarlier(weeksEarlier - 1)}
          >
            {t.week.later}
          </button>
        </p>
      </div>
      {periods && (
        <p class="lead" role="status">
          {t.week.lead(format.date(periods[0]!.start), format.date(periods.at(-1)!.start))}
        </p>
      )}
      <Notice of={{ ...answer, data: shown }} />
      <div class="charts" aria-busy={answer.data === undefined}>
        {inOrder(shown?.fluids ?? []).map(({ fluid, unitLabel, periods }) => (
          <WeekFigure
            key={`${fluid} ${unitLabel}`}
            title={t.week.of(t.fluid[fluid], unitLabel)}
            property={`--fluid-${fluid}`}
            unitLabel={unitLabel}
            hours={periods}
          />
        ))}
      </div>
    </section>
  )
}
