import { useCallback } from 'preact/hooks'
import { useResource } from '../api/resource.ts'
import type { AlertDetail, LiveEvents } from '../api/types.ts'
import { AlertCard, AlertValue } from '../components/alert-card.tsx'
import { Icon } from '../components/icons.tsx'
import { Notice } from '../components/notice.tsx'
import { Shelve } from '../components/shelve.tsx'
import { useTitle } from '../components/title.ts'
import { useHub, useLiveEvent, useReconnect } from '../hub.ts'
import { dangerName } from '../i18n/dangers.ts'
import { useSpeech } from '../i18n/language.ts'
import { MissingPage } from './missing.tsx'

const REFRESH_MS = 60_000
/** The actor of what no person did. */
const RULES = 'rules'

export function AlertPage({ id }: { id: string }) {
  const { t } = useSpeech()
  const { live } = useHub()
  const answer = useResource<AlertDetail>(`/v1/alerts/${encodeURIComponent(id)}`, REFRESH_MS)
  const { reload } = answer
  const hear = useCallback(
    ({ alert }: LiveEvents['alert']) => {
      if (alert.id === id) reload()
    },
    [id, reload],
  )
  useLiveEvent(live, 'alert', hear)
  useReconnect(live, reload)
  if (answer.error?.status === 404 || answer.error?.status === 400)
    return <MissingPage text={t.alerts.notFound} />
  return (
    <>
      <p class="crumbs">
        <a href="/alerts">
          <Icon name="back" /> {t.alerts.title}
        </a>
      </p>
      <Notice of={answer} />
      {answer.data && <Detail alert={answer.data} onChange={reload} />}
    </>
  )
}

function Detail({ alert, onChange }: { alert: AlertDetail; onChange(): void }) {
  const { t, format, say } = useSpeech()
  const rule = alert.ruleName ? say(alert.ruleName) : alert.rule
  useTitle(`${rule}, ${alert.siteName ?? alert.site}`)
  return (
    <>
      <div class="page-head">
        <h1>{rule}</h1>
        <p class="lead">{say(alert.message)}</p>
      </div>
      <AlertCard alert={alert} known="alert" onChange={onChange} />
      {alert.state !== 'resolved' && <Shelve alert={alert} onDone={onChange} />}
      <section>
        <h2>{t.alerts.timeline}</h2>
        <ol class="timeline">
          <li>
            <time dateTime={alert.since}>{format.moment(alert.since)}</time>
            <p>{t.alerts.began}</p>
          </li>
          {[...alert.events, ...alert.responses]
            .sort((a, b) => a.time.localeCompare(b.time))
            .map(each =>
              'type' in each ? (
                <TimelineEvent key={`${each.type} ${each.time}`} event={each} unitLabel={alert.unitLabel} />
              ) : (
                <li key={`${each.kind} ${each.by} ${each.time}`}>
                  <time dateTime={each.time}>{format.moment(each.time)}</time>
                  <p>
                    <strong>{t.alerts.response[each.kind]}</strong> {t.alerts.eventBy(each.by)}
                  </p>
                </li>
              ),
            )}
        </ol>
      </section>
      <dl class="facts">
        <div>
          <dt>{t.alerts.point}</dt>
          <dd>
            <code>{alert.point}</code>
          </dd>
        </div>
        <div>
          <dt>{t.alerts.rule}</dt>
          <dd>
            <code>{alert.rule}</code>
          </dd>
        </div>
      </dl>
    </>
  )
}

interface TimelineEventProps {
  event: AlertDetail['events'][number]
  unitLabel: string | null
}

function TimelineEvent({ event, unitLabel }: TimelineEventProps) {
  const speech = useSpeech()
  const { t, format } = speech
  return (
    <li class={`timeline-${event.type}`}>
      <time dateTime={event.time}>{format.moment(event.time)}</time>
      <p>
        <strong>{t.alerts.event[event.type]}</strong>{' '}
        {t.alerts.eventBy(event.actor === RULES ? t.alerts.rules : event.actor)}
        {' · '}
        {event.phenomenon && `${dangerName(event, speech)} · `}
        <AlertValue alert={{ lastValue: event.value, unitLabel }} />
      </p>
    </li>
  )
}
