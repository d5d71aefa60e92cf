import { useState } from 'preact/hooks'
import { SEVERITIES, type Severity } from '../../../../model/alert.ts'
import { type Resource, useResource } from '../api/resource.ts'
import type { Alert } from '../api/types.ts'
import { now } from '../clock.ts'
import { AlertCard } from '../components/alert-card.tsx'
import { Notice } from '../components/notice.tsx'
import { OutOfServiceList } from '../components/out-of-service.tsx'
import { Segments } from '../components/segments.tsx'
import { useTitle } from '../components/title.ts'
import { useHub, useLiveEvent, useMayAct, useReconnect } from '../hub.ts'
import { useSpeech } from '../i18n/language.ts'

const REFRESH_MS = 60_000

export function AlertsPage() {
  const { t } = useSpeech()
  const { live, activeAlerts } = useHub()
  const mayAct = useMayAct()
  const resolved = useResource<{ alerts: Alert[] }>('/v1/alerts?state=resolved&limit=50', REFRESH_MS)
  const [severity, setSeverity] = useState<Severity | 'all'>('all')
  useLiveEvent(live, 'alert', resolved.reload)
  useReconnect(live, resolved.reload)
  useTitle(t.alerts.title)
  const choices = ['all', ...SEVERITIES.toReversed()] as const
  return (
    <>
      <div class="page-head">
        <h1>{t.alerts.title}</h1>
        <p class="lead">{t.alerts.lead}</p>
        <p>
          <a href="/crew" data-leaves>
            {t.alerts.crew}
          </a>
        </p>
        {mayAct && (
          <p>
            <a href={`/winter-service/nights/${dateOfNight(now())}`} data-leaves>
              {t.alerts.nightLog}
            </a>
          </p>
        )}
      </div>
      <Segments
        legend={t.alerts.severity}
        name="severity"
        choices={choices.map(
          choice => [choice, choice === 'all' ? t.alerts.all : t.severity[choice]] as const,
        )}
        chosen={severity}
        onChoose={choice => setSeverity(choice)}
      />
      <AlertSection
        title={t.alerts.active}
        of={activeAlerts}
        severity={severity}
        none={t.alerts.noneActive}
      />
      <OutOfServiceList />
      <AlertSection
        title={t.alerts.resolved}
        of={resolved}
        severity={severity}
        none={t.alerts.noneResolved}
      />
    </>
  )
}

/** A night has the local date on whose noon it begins. */
function dateOfNight(time: number): string {
  const noon = new Date(time)
  if (noon.getHours() < 12) noon.setDate(noon.getDate() - 1)
  return [noon.getFullYear(), noon.getMonth() + 1, noon.getDate()]
    .map(part => String(part).padStart(2, '0'))
    .join('-')
}

interface AlertSectionProps {
  title: string
  of: Resource<{ alerts: Alert[] }>
  severity: Severity | 'all'
  none: string
}

function AlertSection({ title, of: resource, severity, none }: AlertSectionProps) {
  const { t } = useSpeech()
  const alerts = resource.data?.alerts
  const shown = alerts?.filter(alert => severity === 'all' || alert.severity === severity)
  return (
    <section class="alert-section">
      <h2>
        {title}
        {alerts && alerts.length > 0 && <span class="count">{alerts.length}</span>}
      </h2>
      <Notice of={resource} />
      {shown?.length === 0 && <p class="empty">{alerts?.length === 0 ? none : t.alerts.noneFiltered}</p>}
      <ul class="alert-list">
        {shown?.map(alert => (
          <li key={alert.id}>
            <AlertCard alert={alert} onChange={resource.reload} />
          </li>
        ))}
      </ul>
    </section>
  )
}
