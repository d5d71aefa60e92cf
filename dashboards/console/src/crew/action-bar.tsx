import { useState } from 'preact/hooks'
import { deviceNow } from '../clock.ts'
import type { Action } from './action.ts'
import { type MayAct, WhileStanding } from './may-act.tsx'
import { nameOf } from './named.ts'
import { OnMyWay } from './on-my-way.tsx'
import type { Placed } from './order.ts'
import { useSpeech } from './speech.ts'
import type { Actor } from './use-actor.ts'
import type { Outbox } from './use-outbox.ts'
import type { Recording } from './use-recording.ts'

interface ActionBarProps {
  /** The alert that is open. */
  placed: Placed | undefined
  waiting: readonly Action[]
  actor: Actor
  outbox: Outbox
  recording: Recording
  may: MayAct
}

/** At the bottom, in reach of the thumb. Asks nothing of who drives. */
export function ActionBar({ may, ...actions }: ActionBarProps) {
  const { t } = useSpeech()
  return (
    <section class="crew-bar" aria-label={t.bar}>
      <WhileStanding may={may}>
        <Actions {...actions} />
      </WhileStanding>
    </section>
  )
}

function Actions({ placed, waiting, actor, outbox, recording }: Omit<ActionBarProps, 'may'>) {
  const { t } = useSpeech()
  const [explained, setExplained] = useState(false)
  const isSignedOut = actor.last === null
  if (isSignedOut && waiting.length > 0) return <p role="alert">{`${t.signInWaiting} ${t.signIn}`}</p>
  if (isSignedOut && explained) return <p role="alert">{t.signIn}</p>
  const asSomebody = (act: () => void) => () => (isSignedOut ? setExplained(true) : act())
  const begin = (kind: 'condition' | 'treatment') => asSomebody(() => recording.begin(kind, placed))
  return (
    <>
      {outbox.state === 'not-kept' && <p role="alert">{t.notKept}</p>}
      {placed ? (
        <Acknowledge
          placed={placed}
          waiting={waiting}
          actor={actor}
          outbox={outbox}
          asSomebody={asSomebody}
        />
      ) : (
        <p>{t.choose}</p>
      )}
      <div class="crew-acts">
        {placed && (
          <OnMyWay placed={placed} waiting={waiting} actor={actor} outbox={outbox} asSomebody={asSomebody} />
        )}
        {recording.circuits.length > 0 && (
          <>
            <button type="button" class="button" onClick={begin('treatment')}>
              {t.record.treated}
            </button>
            <button type="button" class="button" onClick={begin('condition')}>
              {t.record.other}
            </button>
          </>
        )}
      </div>
    </>
  )
}

export interface AlertActionProps {
  placed: Placed
  waiting: readonly Action[]
  actor: Actor
  outbox: Outbox
  /** What is done only in a session; without one the page says what to do. */
  asSomebody(act: () => void): () => void
}

function Acknowledge({ placed, waiting, actor, outbox, asSomebody }: AlertActionProps) {
  const speech = useSpeech()
  const { t } = speech
  const { alert } = placed
  if (waiting.some(action => action.action === 'acknowledge' && action.alert === alert.id))
    return <p role="status">{t.waiting}</p>
  if (alert.state !== 'firing') return <p role="status">{t.acknowledged(alert.acknowledgedBy ?? '?')}</p>
  const name = nameOf(placed, speech)
  const acknowledge = asSomebody(() =>
    outbox.add({
      ...{ action: 'acknowledge', alert: alert.id, ...name, change: alert.change },
      ...{ at: deviceNow(), actor: actor.last ?? null },
    }),
  )
  return (
    <button type="button" class="button button-main crew-wide crew-act" onClick={acknowledge}>
      <span>{t.acknowledge}</span>
      <span class="crew-act-of">
        {name.what}, {name.where}
      </span>
    </button>
  )
}
