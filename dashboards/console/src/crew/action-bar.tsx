import { useEffect, useState } from 'preact/hooks'
import { deviceNow } from '../clock.ts'
import { nameOf } from './named.ts'
import type { Placed } from './order.ts'
import type { Action } from './queue.ts'
import { useSpeech } from './speech.ts'
import type { Actor } from './use-actor.ts'
import type { Outbox } from './use-outbox.ts'

interface ActionBarProps {
  /** The alert that is open. */
  placed: Placed | undefined
  waiting: readonly Action[]
  actor: Actor
  outbox: Outbox
  moving: boolean
}

/** At the bottom, in reach of the thumb. Asks nothing of who drives. */
export function ActionBar({ placed, waiting, actor, outbox, moving }: ActionBarProps) {
  const { t } = useSpeech()
  const [passenger, setPassenger] = useState(false)
  // Who holds the phone after a stop may be the driver.
  useEffect(() => {
    if (!moving) setPassenger(false)
  }, [moving])
  return (
    <section class="crew-bar" aria-label={t.bar}>
      {moving && !passenger ? (
        <>
          <p role="status">{t.moving}</p>
          <button type="button" class="button crew-wide" onClick={() => setPassenger(true)}>
            {t.passenger}
          </button>
        </>
      ) : (
        <>
          {moving && <p role="status">{t.asPassenger}</p>}
          <Actions placed={placed} waiting={waiting} actor={actor} outbox={outbox} />
        </>
      )}
    </section>
  )
}

function Actions({ placed, waiting, actor, outbox }: Omit<ActionBarProps, 'moving'>) {
  const speech = useSpeech()
  const { t } = speech
  const [explained, setExplained] = useState(false)
  const isSignedOut = actor.last === null
  if (isSignedOut && waiting.length > 0) return <p role="alert">{`${t.signInWaiting} ${t.signIn}`}</p>
  if (isSignedOut && explained) return <p role="alert">{t.signIn}</p>
  if (!placed) return <p>{t.choose}</p>
  const { alert } = placed
  if (waiting.some(({ alert: id }) => id === alert.id)) return <p role="status">{t.waiting}</p>
  if (alert.state !== 'firing') return <p role="status">{t.acknowledged(alert.acknowledgedBy ?? '?')}</p>

  const name = nameOf(placed, speech)
  const acknowledge = () => {
    if (isSignedOut) return setExplained(true)
    outbox.add({
      ...{ action: 'acknowledge', alert: alert.id, ...name, change: alert.change },
      ...{ at: deviceNow(), actor: actor.last ?? null },
    })
  }
  return (
    <>
      {outbox.state === 'not-kept' && <p role="alert">{t.notKept}</p>}
      <button type="button" class="button button-main crew-wide crew-act" onClick={acknowledge}>
        <span>{t.acknowledge}</span>
        <span class="crew-act-of">
          {name.what}, {name.where}
        </span>
      </button>
    </>
  )
}
