import { useEffect } from 'preact/hooks'
import { useResource } from '../api/resource.ts'
import type { SiteDetail } from '../api/types.ts'
import { AlertCard } from '../components/alert-card.tsx'
import { Comparison } from '../components/comparison.tsx'
import { Consumption } from '../components/consumption.tsx'
import { Costs } from '../components/costs.tsx'
import { Facts } from '../components/facts.tsx'
import { Findings } from '../components/findings.tsx'
import { Icon } from '../components/icons.tsx'
import { LiveValues } from '../components/live-values.tsx'
import { Measures } from '../components/measures.tsx'
import { NightsOfSite } from '../components/nights.tsx'
import { Notice } from '../components/notice.tsx'
import { useReadings } from '../components/readings.ts'
import { ScenariosOfSite } from '../components/scenarios.tsx'
import { StatementsOfSite } from '../components/statements.tsx'
import { useTitle } from '../components/title.ts'
import { Week } from '../components/week.tsx'
import { useAdministrator, useHub, useLiveEvent, useReconnect } from '../hub.ts'
import { useSpeech } from '../i18n/language.ts'
import { MarkerIcon } from '../map/marker.tsx'
import { MissingPage } from './missing.tsx'

const REFRESH_MS = 60_000

export function SitePage({ id }: { id: string }) {
  const { t } = useSpeech()
  const { live } = useHub()
  const answer = useResource<SiteDetail>(`/v1/sites/${encodeURIComponent(id)}`, REFRESH_MS)
  useLiveEvent(live, 'alert', answer.reload)
  useReconnect(live, answer.reload)
  const readings = useReadings(id)
  const site = answer.data
  const known = site !== undefined
  useEffect(() => {
    if (!known) return
    live.watch(id)
    return () => live.watch(undefined)
  }, [live, id, known])
  useTitle(site?.name ?? id)
  if (answer.error?.status === 404 || answer.error?.status === 400)
    return <MissingPage text={t.site.notFound} />
  return (
    <>
      <p class="crumbs">
        <a href="/">
          <Icon name="back" /> {t.site.back}
        </a>
      </p>
      {site && <SiteHead site={site} />}
      <Notice of={answer} />
      {site && site.alerts.length > 0 && (
        <section>
          <h2>{t.site.alerts}</h2>
          <ul class="alert-list">
            {site.alerts.map(alert => (
              <li key={alert.id}>
                <AlertCard alert={alert} known="site" onChange={answer.reload} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {site && <LiveValues points={site.points} readings={readings} />}
      {site && site.fluids.length > 0 && <Consumption site={id} />}
      {site && site.fluids.length > 0 && <Comparison site={id} />}
      {site && site.fluids.length > 0 && <Costs site={id} />}
      {site && site.fluids.length > 0 && <Findings site={id} />}
      {/* Spans reach back from the hub's time, which the answer brings. */}
      {site && readings.answer.data && site.fluids.length > 0 && <Week site={id} />}
      {site && <NightsOfSite meters={site.meters} />}
      {site && readings.answer.data && <Measures points={site.points} />}
      {site && <StatementsOfSite meters={site.meters} />}
      {site && <ScenariosOfSite site={id} />}
    </>
  )
}

function SiteHead({ site }: { site: SiteDetail }) {
  const isAdministrator = useAdministrator()
  const { t, format } = useSpeech()
  const { kind, use, state, worstSeverity, road, address, floorArea, commune, rnb } = site
  const facts: [string, string][] = []
  if (road) facts.push([t.site.road, road])
  if (address) facts.push([t.site.address, address])
  if (floorArea) facts.push([t.site.floorArea, format.measure(floorArea, 'm²')])
  if (rnb) facts.push([t.site.rnb, rnb])
  return (
    <div class="page-head site-head">
      <div class="site-title">
        <MarkerIcon kind={kind} state={state} severity={worstSeverity} />
        <div>
          <h1>{site.name}</h1>
          <p class="lead">
            {use ? (t.use[use] ?? t.kind[kind]) : t.kind[kind]} · {t.site.commune(commune)} ·{' '}
            {t.siteState[state]}
          </p>
        </div>
      </div>
      {facts.length > 0 && <Facts facts={facts} />}
      {kind === 'building' && isAdministrator && (
        <p>
          <a href={`/sites/${site.id}/tertiary`}>{t.tertiary.title}</a>
        </p>
      )}
      {!site.openData && <p class="soft">{t.site.notPublished}</p>}
    </div>
  )
}
