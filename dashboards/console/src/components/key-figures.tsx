import { SEVERITIES } from '../../../../model/alert.ts'
import type { Site, SiteState } from '../api/types.ts'
import { useHub } from '../hub.ts'
import { useSpeech } from '../i18n/language.ts'
import { MarkerIcon } from '../map/marker.tsx'
import { SeverityIcon } from './icons.tsx'
import { Notice } from './notice.tsx'

const STATES: readonly SiteState[] = ['alert', 'unknown', 'normal']

export function KeyFigures({ sites }: { sites: Site[] }) {
  const { t, format } = useSpeech()
  const { activeAlerts } = useHub()
  const alerts = activeAlerts.data?.alerts
  const points = sites.reduce((sum, site) => sum + site.pointCount, 0)
  const unknown = sites.reduce((sum, site) => sum + site.unknownPoints, 0)
  const worst = SEVERITIES.findLast(severity => sites.some(site => site.worstSeverity === severity))
  return (
    <section class="card figures" aria-labelledby="figures-title">
      <h2 id="figures-title" class="visually-hidden">
        {t.overview.keyFigures}
      </h2>
      <div class="figure-block">
        <h3>{t.overview.activeAlerts}</h3>
        {alerts ? <p class="figure-number">{alerts.length}</p> : <Notice of={activeAlerts} />}
        {alerts && alerts.length > 0 && (
          <ul class="figure-parts">
            {SEVERITIES.toReversed().map(severity => {
              const count = alerts.filter(alert => alert.severity === severity).length
              if (count === 0) return null
              return (
                <li key={severity}>
                  <SeverityIcon severity={severity} /> {t.severity[severity]} <strong>{count}</strong>
                </li>
              )
            })}
          </ul>
        )}
        <p>
          <a class="more" href="/alerts">
            {t.overview.seeAlerts}
          </a>
        </p>
      </div>
      <div class="figure-block">
        <h3>{t.overview.sites}</h3>
        <p class="figure-number">{sites.length}</p>
        <ul class="figure-parts">
          {STATES.map(state => {
            const count = sites.filter(site => site.state === state).length
            if (count === 0) return null
            return (
              <li key={state}>
                <MarkerIcon kind="building" state={state} severity={worst} /> {t.siteState[state]}{' '}
                <strong>{count}</strong>
              </li>
            )
          })}
        </ul>
      </div>
      <div class="figure-block">
        <h3>{t.overview.points}</h3>
        <p class="figure-number">{format.whole(points)}</p>
        <p class={unknown > 0 ? 'figure-note figure-note-unknown' : 'figure-note'}>
          {unknown > 0 ? `${unknown} ${t.overview.unknownPoints}` : t.overview.allKnown}
        </p>
      </div>
    </section>
  )
}
