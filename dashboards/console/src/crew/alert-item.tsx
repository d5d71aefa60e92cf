import type { Alert, RoadStateHistory } from '../api/types.ts'
import { now } from '../clock.ts'
import { SeverityIcon } from '../components/icons.tsx'
import type { Action } from './action.ts'
import { Bands } from './bands.tsx'
import { History } from './history.tsx'
import { phoneMapLink } from './map-link.ts'
import { nameOf } from './named.ts'
import type { Placed } from './order.ts'
import { useSpeech } from './speech.ts'
import { StateBands, StateWords } from './state-bands.tsx'

interface AlertItemProps {
  placed: Placed
  queued: Action | undefined
  isOpen: boolean
  /** Of an alert of its state. */
  road: RoadStateHistory | undefined
  readsAhead: boolean
  onToggle(): void
}

/** What, where, since when and how bad. Opened, it is what the bar below acts on. */
export function AlertItem({ placed, queued, isOpen, road, readsAhead, onToggle }: AlertItemProps) {
  const speech = useSpeech()
  const { t, format, say } = speech
  const { alert, site, distance } = placed
  const { what, where } = nameOf(placed, speech)
  const panel = `panel-${alert.id}`
  const way = distance === undefined ? undefined : t.away(format.amount(distance / 1000, 'km'))
  return (
    <li class={`crew-alert tone-${alert.severity}`}>
      <h3>
        <button
          type="button"
          class="crew-open"
          aria-expanded={isOpen}
          aria-controls={panel}
          onClick={onToggle}
        >
          <SeverityIcon severity={alert.severity} />
          <span>
            <span class="crew-severity">{t.severity[alert.severity]}</span> {what}
            <span class="crew-where">{where}</span>
          </span>
        </button>
      </h3>
      <p>
        <AlertValue alert={alert} />
        {way && ` · ${way}`}
        {' · '}
        {queued ? <strong>{t.queued(format.clock(queued.at))}</strong> : t.states[alert.state]}
      </p>
      {(alert.onTheWay ?? []).map(({ by, since }) => (
        <p key={by}>
          <strong>{t.onTheWay(by, format.clock(since))}</strong>
        </p>
      ))}
      {alert.shelved && (
        <p>
          <strong>{t.shelved(alert.shelved.by, format.moment(alert.shelved.until))}</strong>
          {alert.shelved.reason && ` · ${alert.shelved.reason}`}
        </p>
      )}
      <p class="soft">{t.since(format.moment(alert.since), format.ago(now() - Date.parse(alert.since)))}</p>
      <div id={panel} hidden={!isOpen}>
        <p>{say(alert.message)}</p>
        {alert.advice && <p class="crew-advice">{t.advice(say(alert.advice))}</p>}
        {alert.acknowledgedAt && (
          <p>
            {t.states.acknowledged} {t.by(alert.acknowledgedBy ?? '?', format.moment(alert.acknowledgedAt))}
          </p>
        )}
        {site && (
          <a
            class="button crew-wide"
            href={phoneMapLink(site.position, navigator.userAgent)}
            rel="noreferrer"
          >
            {t.map}
          </a>
        )}
        {(readsAhead || isOpen) && (
          <>
            {road ? <RoadBands road={road} /> : <Bands alert={alert} />}
            <History alert={alert} />
          </>
        )}
      </div>
    </li>
  )
}

function RoadBands({ road }: { road: RoadStateHistory }) {
  const { t } = useSpeech()
  return (
    <section class="crew-history" aria-label={t.roads.history}>
      <h4>{t.roads.history}</h4>
      <StateBands road={road} />
      <StateWords road={road} />
    </section>
  )
}

/** The newest value, or that there is none: then the silence is the alert. */
function AlertValue({ alert: { lastValue, unitLabel } }: { alert: Alert }) {
  const { t, format } = useSpeech()
  if (lastValue === null) return <strong>{t.silence}</strong>
  if (typeof lastValue === 'number') return <strong>{format.exactMeasure(lastValue, unitLabel ?? '')}</strong>
  if (typeof lastValue === 'boolean') return <strong>{lastValue ? t.on : t.off}</strong>
  return <strong>{lastValue}</strong>
}
