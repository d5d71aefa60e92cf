import { useCallback, useEffect, useState } from 'preact/hooks'
import { ApiError, get, post, remove } from '../api/client.ts'
import { keyBytes, subscriptionBody, subscriptionId } from './push-subscription.ts'

/** `nobody`: the hub does not know whose phone this is. */
export type PushState =
  | { kind: 'off' | 'nobody' | 'working' | 'refused' }
  | { kind: 'on'; person: string }
  | { kind: 'failed'; detail: string }

export interface Push {
  /** Undefined where this browser cannot, where nobody is told by push, and while that is not known. */
  state: PushState | undefined
  /** Asks the person, where they have not said yet, and has the hub push to this phone. */
  start(): void
  end(): void
}

const LINK = /^#k=([\w-]{1,100})$/

/** The token of a message's link that led here: it stays in no address and in no history. */
const link = takeLink()

function takeLink(): string | undefined {
  const token = LINK.exec(location.hash)?.[1]
  if (token !== undefined) history.replaceState(null, '', location.pathname + location.search)
  return token
}

/** Whether the hub pushes alerts to this phone. */
export function usePush(actor: string | null | undefined): Push {
  const [state, setState] = useState<PushState>()
  const [key, setKey] = useState<string>()

  // Asked again when the session is another one.
  useEffect(() => {
    let gone = false
    look().then(
      found => {
        if (gone) return
        setKey(found?.key)
        setState(found?.state)
      },
      () => {},
    )
    return () => {
      gone = true
    }
  }, [actor])

  const attempt = useCallback((work: () => Promise<PushState>) => {
    setState({ kind: 'working' })
    work().then(setState, (error: Error) => setState({ kind: 'failed', detail: error.message }))
  }, [])

  return {
    state,
    start: () => attempt(() => subscribe(key!)),
    end: () => attempt(unsubscribe),
  }
}

async function pushManager(): Promise<PushManager> {
  return (await navigator.serviceWorker.ready).pushManager
}

async function look() {
  if (!('PushManager' in window && 'Notification' in window && navigator.serviceWorker)) return undefined
  const { key, person } = await get<{ key: string | null; person: string | null }>('/v1/push')
  if (key === null) return undefined
  const mine = person ?? link
  const told = await whoIsTold()
  const state: PushState = told
    ? { kind: 'on', person: told }
    : { kind: mine === undefined ? 'nobody' : 'off' }
  return { key, state }
}

/** Whose alerts the hub pushes here. */
async function whoIsTold(): Promise<string | null> {
  const subscription = await (await pushManager()).getSubscription()
  if (!subscription || Notification.permission !== 'granted') return null
  const phone = await get<{ person: string | null }>(
    `/v1/push/subscriptions/${await subscriptionId(subscription)}`,
  )
  return phone.person
}

async function subscribe(key: string): Promise<PushState> {
  if ((await Notification.requestPermission()) !== 'granted') return { kind: 'refused' }
  const manager = await pushManager()
  // What was made for another key, or is known to the hub no more, is of no use.
  await (await manager.getSubscription())?.unsubscribe()
  const subscription = await manager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: keyBytes(key),
  })
  const body = { ...subscriptionBody(subscription), ...(link !== undefined && { link }) }
  try {
    const phone = await post<{ person: string }>('/v1/push/subscriptions', body)
    return { kind: 'on', person: phone!.person }
  } catch (error) {
    await subscription.unsubscribe()
    throw error
  }
}

async function unsubscribe(): Promise<PushState> {
  const subscription = await (await pushManager()).getSubscription()
  if (subscription) {
    const id = await subscriptionId(subscription)
    // Its push service forgets it, whatever the hub says.
    await subscription.unsubscribe()
    await remove(`/v1/push/subscriptions/${id}`).catch(error => {
      if (!(error instanceof ApiError && error.status === 401)) throw error
    })
  }
  return { kind: 'off' }
}
