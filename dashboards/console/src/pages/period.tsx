import type { Period } from '../../../../model/period.ts'
import { useResource } from '../api/resource.ts'
import type { SiteConsumption, SiteDetail } from '../api/types.ts'
import { periodName } from '../charts/periods-figure.tsx'
import { ConsumptionFigures } from '../components/consumption.tsx'
import { Icon } from '../components/icons.tsx'
import { useLastKnown } from '../components/last-known.ts'
import { Notice } from '../components/notice.tsx'
import { useTitle } from '../components/title.ts'
import { TraceOfMeter } from '../components/trace.tsx'
import { inOrder } from '../consumption.ts'
import { useSpeech } from '../i18n/language.ts'
import { FINER, outerPeriods, periodPath, periodSpan } from '../periods.ts'
import { MissingPage } from './missing.tsx'

const REFRESH_MS = 5 * 60_000

interface PeriodPageProps {
  id: string
  by: Period
  start: string
}

interface Span {
  from: string
  to: string
}

/** One period of what a site consumed, by the next finer step; an hour by the readings of each meter. */
export function PeriodPage({ id, by, start }: PeriodPageProps) {
  const speech = useSpeech()
  const { t, format } = speech
  const site = useResource<SiteDetail>(`/v1/sites/${encodeURIComponent(id)}`)
  const span = periodSpan(by, start)
  const name = span ? (by === 'hour' ? format.hour(start) : periodName({ start }, by, speech)) : start
  useTitle(`${name} · ${site.data?.name ?? id}`)
  if (!span) return <MissingPage />
  if (site.error?.status === 404 || site.error?.status === 400) return <MissingPage text={t.site.notFound} />
  return (
    <>
      <nav class="crumbs" aria-label={t.trace.path}>
        <a href={`/sites/${id}`}>
          <Icon name="back" /> {site.data?.name ?? id}
        </a>
        {outerPeriods(by, start).map(outer => (
          <a key={outer.by} href={periodPath(id, outer.by, outer.start)}>
            {periodName(outer, outer.by, speech)}
          </a>
        ))}
      </nav>
      <div class="page-head">
        <h1>{t.trace.title(name)}</h1>
      </div>
      <Notice of={site} />
      {by === 'hour' ? (
        <Hour site={id} meters={site.data?.meters} span={span} />
      ) : (
        <Parts site={id} by={FINER[by]} span={span} />
      )}
    </>
  )
}

function Parts({ site, by, span }: { site: string; by: Period; span: Span }) {
  const answer = useResource<SiteConsumption>(consumptionPath(site, by, span), REFRESH_MS)
  const { t } = useSpeech()
  const shown = useLastKnown(answer.data)
  return (
    <section aria-labelledby="parts-title">
      <h2 id="parts-title">{t.trace.parts[by]}</h2>
      <Notice of={{ ...answer, data: shown }} />
      <ConsumptionFigures answer={shown} isBusy={answer.data === undefined} />
    </section>
  )
}

function Hour({
  site,
  meters,
  span,
}: {
  site: string
  meters: SiteDetail['meters'] | undefined
  span: Span
}) {
  const { t, format } = useSpeech()
  const answer = useResource<SiteConsumption>(consumptionPath(site, 'hour', span), REFRESH_MS)
  return (
    <>
      <p class="lead">{t.trace.lead}</p>
      <Notice of={answer} />
      <dl class="facts">
        {inOrder(answer.data?.fluids ?? []).map(({ fluid, unitLabel, periods: [hour] }) => (
          <div key={`${fluid} ${unitLabel}`}>
            <dt>{t.fluid[fluid]}</dt>
            <dd>
              {hour?.amount == null
                ? t.chart.none
                : `${format.precise(hour.amount, unitLabel)}, ${t.chart.covered(format.percent(hour.coverage))}`}
            </dd>
          </div>
        ))}
      </dl>
      {meters?.map(meter => (
        <TraceOfMeter key={meter.id} site={site} meter={meter} {...span} />
      ))}
    </>
  )
}

function consumptionPath(site: string, by: Period, { from, to }: Span): string {
  return `/v1/sites/${encodeURIComponent(site)}/consumption?by=${by}&from=${from}&to=${to}`
}
