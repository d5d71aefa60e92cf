import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Action, NewAction, Queue } from './action.ts'
import { wakeWhenOnline } from './background-sync.ts'
import { openQueue } from './queue.ts'
import { replaceWaiting, type Sent, sendQueue } from './send-queue.ts'

export interface Outbox {
  actions: readonly Action[]
  /** How the last sending ended; `not-kept` where the phone could not keep an action. */
  state: Sent | 'not-kept'
  add(action: NewAction): void
  /** Changes what waits, unless it was sent meanwhile. */
  replace(id: number, by: NewAction): void
  /** The person has seen how an action ended. */
  dismiss(action: Action): void
}

/**
 * What waits to be sent, and its sending each time that something new is heard of the hub.
 * @param heard changes whenever the hub has answered; undefined while it cannot be reached
 */
export function useOutbox(actor: string | null | undefined, heard: unknown, onSent: () => void): Outbox {
  const queue = useRef<Promise<Queue>>(undefined)
  queue.current ??= openQueue()
  const [actions, setActions] = useState<readonly Action[]>([])
  const [state, setState] = useState<Outbox['state']>('all')
  const show = useCallback(async () => setActions(await (await queue.current!).all()), [])
  const change = useCallback(
    (work: (queue: Queue) => Promise<void>) =>
      queue
        .current!.then(work)
        .then(show)
        .then(
          () => setState('all'),
          () => setState('not-kept'),
        ),
    [show],
  )
  useEffect(() => void show().catch(() => {}), [show])

  const waiting = waitingOf(actions)
  const newest = waiting.at(-1)?.id
  const shown = waiting.length
  useEffect(() => {
    if (heard === undefined || !actor || newest === undefined) return
    const send = async () => {
      const opened = await queue.current!
      setState(await sendQueue(opened, actor))
      await show()
      // The worker may have sent them before.
      if (waitingOf(await opened.all()).length < shown) onSent()
    }
    void send()
  }, [heard, actor, newest, shown, show, onSent])

  return {
    actions,
    state,
    add: action => void change(to => to.add(action)).then(wakeWhenOnline),
    replace: (id, by) => void change(queue => replaceWaiting(queue, id, by)).then(wakeWhenOnline),
    dismiss: ({ id }) => void change(from => from.remove(id)),
  }
}

function waitingOf(actions: readonly Action[]): Action[] {
  return actions.filter(({ outcome }) => !outcome)
}
