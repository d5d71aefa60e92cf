import type { Alert } from '../api/types.ts'
import { dangerName } from '../i18n/dangers.ts'
import { useSpeech } from '../i18n/language.ts'
import { Acknowledge } from './acknowledge.tsx'
import { SeverityIcon } from './icons.tsx'
import { useNow } from './tick.ts'

interface AlertCardProps {
  alert: Alert
  /** What the page says already and the card need not. */
  known?: 'site' | 'alert'
  onChange(alert: Alert): void
}

/** What, where, since when and how bad; with the button that takes it in charge. */
export function AlertCard({ alert, known, onChange }: AlertCardProps) {
  const speech = useSpeech()
  const { t, format, say } = speech
  const time = useNow(30_000)
  const rule = alert.ruleName ? say(alert.ruleName) : alert.rule
  const site = alert.siteName ?? alert.site
  const { severity, state, since, resolvedAt } = alert
  return (
    <article class={`card alert alert-${state} tone-${severity}`}>
      <div class="alert-sign">
        <SeverityIcon severity={severity} />
      </div>
      <div class="alert-body">
        <p class="alert-tags">
          <span class="alert-severity">{t.severity[severity]}</span>
          {alert.phenomenon && <strong>{dangerName(alert, speech)}</strong>}
          <span class="alert-state">{state === 'resolved' ? t.alerts.ended : t.alerts[state]}</span>
        </p>
        {known !== 'alert' && (
          <h3>
            <a href={`/alerts/${alert.id}`}>{rule}</a>
          </h3>
        )}
        <p>
          {known !== 'site' && (
            <>
              <a href={`/sites/${alert.site}`}>{site}</a> ·{' '}
            </>
          )}
          {alert.pointLabel ? say(alert.pointLabel) : alert.point}
          {' · '}
          <AlertValue alert={alert} />
        </p>
        {alert.advice && !resolvedAt && <p class="alert-advice">{t.alerts.advice(say(alert.advice))}</p>}
        <p class="soft">
          {resolvedAt
            ? t.alerts.lasted(
                format.moment(since),
                format.duration(Date.parse(resolvedAt) - Date.parse(since)),
              )
            : t.alerts.since(format.moment(since), format.ago(time - Date.parse(since)))}
          {alert.shelved && (
            <>
              <br />
              <strong>{t.alerts.shelvedBy(alert.shelved.by, format.moment(alert.shelved.until))}</strong>
            </>
          )}
          {alert.ended && (
            <>
              <br />
              {t.alerts.endedWhy[alert.ended]}
            </>
          )}
          {alert.acknowledgedAt && (
            <>
              <br />
              {t.alerts.by(alert.acknowledgedBy ?? '?', format.moment(alert.acknowledgedAt))}
            </>
          )}
        </p>
        {state === 'firing' && (
          <Acknowledge alert={alert} name={t.alerts.acknowledgeOf(rule, site)} onDone={onChange} />
        )}
      </div>
    </article>
  )
}

/** The newest value, or that there is none: then the silence is the alert. */
export function AlertValue({
  alert: { lastValue, unitLabel },
}: {
  alert: Pick<Alert, 'lastValue' | 'unitLabel'>
}) {
  const { t, format } = useSpeech()
  if (lastValue === null) return <strong>{t.alerts.silence}</strong>
  if (typeof lastValue === 'number') return <strong>{format.exactMeasure(lastValue, unitLabel ?? '')}</strong>
  if (typeof lastValue === 'boolean') return <strong>{lastValue ? t.value.on : t.value.off}</strong>
  return <strong>{lastValue}</strong>
}
