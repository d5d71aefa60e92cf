import { useEffect, useRef, useState } from 'preact/hooks'
import { nameOf } from './named.ts'
import type { Placed } from './order.ts'
import { useSpeech } from './speech.ts'

interface AnnouncerProps {
  placed: readonly Placed[]
  isFresh: boolean
  /** How many actions wait. */
  waiting: number
  /** How many have ended otherwise than the person wanted: the notices say so. */
  notices: number
}

/** Says aloud what changes by itself: new alerts, whether the connection holds, and what was sent. */
export function Announcer({ placed, isFresh, waiting, notices }: AnnouncerProps) {
  const speech = useSpeech()
  const { announce } = speech.t
  const [text, setText] = useState('')
  const before = useRef({ changes: changesOf(placed), isFresh, waiting, notices })
  useEffect(() => {
    const { changes, ...was } = before.current
    before.current = { changes: changesOf(placed), isFresh, waiting, notices }
    const texts = placed.flatMap(each => {
      const { id, change } = each.alert
      const { what, where } = nameOf(each, speech)
      if (!changes.has(id)) return [announce.fired(what, where)]
      return changes.get(id) === change ? [] : [announce.changed(what, where)]
    })
    if (was.isFresh !== isFresh) texts.unshift(isFresh ? announce.restored : announce.lost)
    if (was.waiting - waiting > Math.max(0, notices - was.notices)) texts.push(announce.sent)
    if (texts.length > 0) setText(texts.join('. '))
  }, [placed, isFresh, waiting, notices, speech, announce])
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {text}
    </div>
  )
}

function changesOf(placed: readonly Placed[]): Map<string, number> {
  return new Map(placed.map(({ alert }) => [alert.id, alert.change]))
}
