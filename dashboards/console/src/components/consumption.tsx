import { useCallback, useState } from 'preact/hooks'
import { useResource } from '../api/resource.ts'
import type { SiteConsumption } from '../api/types.ts'
import { PeriodsFigure } from '../charts/periods-figure.tsx'
import { inOrder, type Period } from '../consumption.ts'
import { useSpeech } from '../i18n/language.ts'
import { periodPath } from '../periods.ts'
import { useLastKnown } from './last-known.ts'
import { Notice } from './notice.tsx'
import { Segments } from './segments.tsx'

const REFRESH_MS = 5 * 60_000
const STEPS = ['heating-year', 'year', 'month', 'week', 'day', 'hour'] as const

/** What the site consumed, one chart a fluid, by the civil period that is chosen. */
export function Consumption({ site }: { site: string }) {
  const { t } = useSpeech()
  const [by, setBy] = useState<SiteConsumption['by']>('month')
  const answer = useResource<SiteConsumption>(`/v1/sites/${site}/consumption?by=${by}`, REFRESH_MS)
  const shown = useLastKnown(answer.data)
  return (
    <section aria-labelledby="consumption-title">
      <div class="section-head">
        <h2 id="consumption-title">{t.site.consumption}</h2>
        <Segments
          legend={t.chart.period}
          name="consumption-by"
          choices={STEPS.map(step => [step, t.chart.by[step]] as const)}
          chosen={by}
          onChoose={choice => setBy(choice)}
        />
      </div>
      <Notice of={{ ...answer, data: shown }} />
      <ConsumptionFigures answer={shown} isBusy={answer.data === undefined} />
    </section>
  )
}

/** What a site consumed by some step, one chart a fluid; each period can be opened. */
export function ConsumptionFigures({
  answer,
  isBusy,
}: {
  answer: SiteConsumption | undefined
  isBusy: boolean
}) {
  const { t } = useSpeech()
  const { site, by } = answer ?? {}
  const pathOf = useCallback(({ start }: Period) => periodPath(site!, by!, start), [site, by])
  return (
    <div class="charts" aria-busy={isBusy}>
      {inOrder(answer?.fluids ?? []).map(({ fluid, unitLabel, periods }) => (
        <PeriodsFigure
          key={`${fluid} ${unitLabel}`}
          title={`${t.fluid[fluid]} (${unitLabel})`}
          property={`--fluid-${fluid}`}
          unitLabel={unitLabel}
          periods={periods}
          by={by!}
          pathOf={pathOf}
        />
      ))}
    </div>
  )
}
