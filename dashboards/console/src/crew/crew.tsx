import { useCallback, useEffect } from 'preact/hooks'
import type { Alert, RoadStates, Site } from '../api/types.ts'
import { deviceNow, setHubTime } from '../clock.ts'
import { useNow } from '../components/tick.ts'
import { ActionBar } from './action-bar.tsx'
import { ageOf, REFRESH_MS } from './age.ts'
import { AlertItem } from './alert-item.tsx'
import { Announcer } from './announcer.tsx'
import { Forecast } from './forecast.tsx'
import { Freshness } from './freshness.tsx'
import { useMayAct, WhileStanding } from './may-act.tsx'
import { Notices } from './notices.tsx'
import { placeAlerts } from './order.ts'
import { Outlook } from './outlook.tsx'
import { OwnEntriesList } from './own-entries-list.tsx'
import { PositionButton } from './position-button.tsx'
import { PushButton } from './push-button.tsx'
import { RecordForm } from './record-form.tsx'
import { RoadMap } from './road-map.tsx'
import { Roads } from './roads.tsx'
import { useSpeech } from './speech.ts'
import { useActor } from './use-actor.ts'
import { useKept } from './use-kept.ts'
import { useOutbox } from './use-outbox.ts'
import { useOwnEntries } from './use-own-entries.ts'
import { usePosition } from './use-position.ts'
import { useRecording } from './use-recording.ts'
import { useWanted } from './use-wanted.ts'
import { Waiting } from './waiting.tsx'
import { Who } from './who.tsx'

const SITES_REFRESH_MS = 600_000
const STATES_REFRESH_MS = 60_000
/** Of so many alerts the history is read before anybody looks, so that it is there without network. */
const HISTORIES_AHEAD = 10

export function Crew() {
  const { t } = useSpeech()
  const alerts = useKept<{ time: string; alerts: Alert[] }>('/v1/alerts?state=active&limit=1000', REFRESH_MS)
  const sites = useKept<{ sites: Site[] }>('/v1/sites', SITES_REFRESH_MS)
  const states = useKept<RoadStates>('/v1/road-states', STATES_REFRESH_MS).answer?.data
  const actor = useActor()
  const position = usePosition()
  const { asked, open, setOpen } = useWanted()
  useNow(5000)
  const { answer } = alerts
  // What was kept holds a time that is over.
  const isFromHub = answer !== undefined && !answer.kept && !alerts.error
  useEffect(() => {
    if (answer && !answer.kept) setHubTime(answer.data.time)
  }, [answer])
  const { reload: reloadAlerts } = alerts
  const { reload: reloadSites } = sites
  const { reload: reloadActor } = actor
  const isClosed = alerts.error?.status === 401
  useEffect(() => {
    if (!actor.now || !isClosed) return
    reloadAlerts()
    reloadSites()
  }, [actor.now, isClosed, reloadAlerts, reloadSites])
  const own = useOwnEntries(actor)
  const { reload: reloadOwn } = own
  const onSent = useCallback(() => {
    reloadAlerts()
    reloadOwn()
  }, [reloadAlerts, reloadOwn])
  const outbox = useOutbox(actor.now, isFromHub ? answer : undefined, onSent)
  useEffect(() => {
    if (outbox.state === 'signed-out') reloadActor()
  }, [outbox.state, reloadActor])

  const may = useMayAct(position.motion?.moving ?? false)
  const recording = useRecording({
    ...{ position, outbox, sites: sites.answer?.data.sites ?? [], actor: actor.last ?? null },
  })

  if (!answer && isClosed)
    return (
      <main id="main" class="crew-main">
        <p role="status">{t.closed}</p>
        <Who actor={actor} waiting={0} />
      </main>
    )
  if (!answer)
    return (
      <main id="main" class="crew-main">
        <p role="status">{alerts.error ? t.neverReached : t.loading}</p>
      </main>
    )
  const age = ageOf(answer, deviceNow())
  const placed = placeAlerts(answer.data.alerts, sites.answer?.data.sites ?? [], position.motion?.fix)
  const waiting = outbox.actions.filter(({ outcome }) => !outcome)
  if (recording.draft)
    return (
      <main id="main" class="crew-main">
        <WhileStanding may={may}>
          <RecordForm
            draft={recording.draft}
            circuits={recording.circuits}
            sectionsOf={recording.sectionsOf}
            onDraft={recording.change}
            onNote={recording.note}
            onCancel={recording.cancel}
          />
        </WhileStanding>
      </main>
    )
  return (
    <>
      <main id="main" class="crew-main">
        <Freshness at={answer.at} age={age} />
        <Notices outbox={outbox} moving={may.moving} />
        <Waiting
          actions={waiting}
          actor={actor.last ?? null}
          mayAct={may.allowed}
          onChange={recording.changeWaiting}
        />
        {!may.moving && <Who actor={actor} waiting={waiting.length} />}
        {asked !== undefined && !placed.some(({ alert }) => alert.id === asked) && (
          <p class="notice">
            <a href={`/alerts/${encodeURIComponent(asked)}`}>{t.push.elsewhere}</a>
          </p>
        )}
        <h2>{t.alerts(placed.length)}</h2>
        {placed.length === 0 && <p class="crew-none">{age.fresh ? t.none : t.noneThen}</p>}
        {placed.length > 0 && <PositionButton position={position} />}
        <ul class="crew-list">
          {placed.map((each, index) => (
            <AlertItem
              key={each.alert.id}
              placed={each}
              queued={waiting.find(
                action => action.action === 'acknowledge' && action.alert === each.alert.id,
              )}
              isOpen={open === each.alert.id}
              road={states?.roads.find(
                ({ rule, point }) => rule === each.alert.rule && point === each.alert.point,
              )}
              readsAhead={index < HISTORIES_AHEAD}
              onToggle={() => setOpen(open === each.alert.id ? undefined : each.alert.id)}
            />
          ))}
        </ul>
        <RoadMap placed={placed} states={states} sites={sites.answer?.data.sites ?? []} />
        <Roads states={states} circuits={recording.circuits} sites={sites.answer?.data.sites ?? []} />
        <Outlook />
        <Forecast sites={sites.answer?.data.sites ?? []} />
        <OwnEntriesList
          entries={own.entries}
          circuits={recording.circuits}
          waiting={waiting}
          mayAct={may.allowed}
          onCorrect={recording.correct}
        />
        {!position.motion?.moving && <PushButton actor={actor.now} />}
      </main>
      <ActionBar
        placed={placed.find(({ alert }) => alert.id === open)}
        waiting={waiting}
        actor={actor}
        outbox={outbox}
        recording={recording}
        may={may}
      />
      <Announcer
        placed={placed}
        isFresh={age.fresh}
        waiting={waiting.length}
        notices={outbox.actions.length - waiting.length}
      />
    </>
  )
}
