import { useResource } from '../api/resource.ts'
import type { Site } from '../api/types.ts'
import { Gateways } from '../components/gateways.tsx'
import { KeyFigures } from '../components/key-figures.tsx'
import { Notice } from '../components/notice.tsx'
import { SetAside } from '../components/set-aside.tsx'
import { SiteList } from '../components/site-list.tsx'
import { useTitle } from '../components/title.ts'
import { Totals } from '../components/totals.tsx'
import { WasteRanking } from '../components/waste-ranking.tsx'
import { useAdministrator, useHub, useLiveEvent, useReconnect } from '../hub.ts'
import { useSpeech } from '../i18n/language.ts'
import { TerritoryMap } from '../map/map.tsx'

const REFRESH_MS = 30_000

export function OverviewPage() {
  const { say } = useSpeech()
  const { territory, live } = useHub()
  const isAdministrator = useAdministrator()
  const sites = useResource<{ sites: Site[] }>('/v1/sites', REFRESH_MS)
  useLiveEvent(live, 'alert', sites.reload)
  useReconnect(live, sites.reload)
  const name = say(territory.name)
  useTitle(name)

  return (
    <>
      <div class="page-head">
        <h1>{name}</h1>
        {sites.data && <Summary sites={sites.data.sites} />}
      </div>
      <Notice of={sites} />
      {sites.data && (
        <>
          <div class="overview">
            <TerritoryMap territory={territory} sites={sites.data.sites} />
            <div class="overview-side">
              <KeyFigures sites={sites.data.sites} />
              <Gateways />
              {isAdministrator && <SetAside />}
            </div>
          </div>
          <Totals sites={sites.data.sites} />
          <WasteRanking />
          <SiteList sites={sites.data.sites} />
        </>
      )}
    </>
  )
}

/** The state of the territory in one sentence. */
function Summary({ sites }: { sites: Site[] }) {
  const { t, format } = useSpeech()
  const { activeAlerts } = useHub()
  const alerts = activeAlerts.data?.alerts ?? []
  const unknown = sites.reduce((sum, site) => sum + site.unknownPoints, 0)
  const points = sites.reduce((sum, site) => sum + site.pointCount, 0)
  const calm = activeAlerts.data !== undefined && alerts.length === 0 && unknown === 0
  if (calm) return <p class="lead">{t.overview.calm(sites.length)}</p>
  const critical = alerts.filter(alert => alert.severity === 'critical').length
  return (
    <p class="lead">
      {alerts.length > 0 ? t.overview.alerts(alerts.length, critical) : t.overview.noAlert}{' '}
      {t.overview.unknown(unknown, format.whole(points))}
    </p>
  )
}
