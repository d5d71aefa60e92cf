import { subscriptionBody, subscriptionId } from '../push-subscription.ts'
import type { ChangeEvent, PushContent, WorkerScope } from './scope.ts'

const SINCE = { fr: 'Depuis le', en: 'Since' }

/** Shows what was pushed. What is still to be answered rings, also where an older one of the same alert is shown. */
export async function showPush(
  scope: WorkerScope,
  { place, what, advice, since, alert }: PushContent,
): Promise<void> {
  await scope.registration.showNotification(place, {
    body: [what, advice, since && sinceText(since, scope.navigator.language)].filter(Boolean).join('\n'),
    tag: alert ?? 'affluent',
    icon: '/crew-192.png',
    data: { alert },
    ...(since === undefined
      ? { silent: true }
      : { renotify: true, requireInteraction: true, timestamp: since }),
  })
}

function sinceText(since: number, language: string): string {
  const words = language.startsWith('fr') ? SINCE.fr : SINCE.en
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'short' })
  return `${words} ${format.format(since)}`
}

/** Opens the crew page at an alert: the page that is there, or a new one. */
export async function openAlert({ clients }: WorkerScope, alert: string | undefined): Promise<void> {
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true })
  const page = pages.find(({ url }) => new URL(url).pathname.startsWith('/crew'))
  if (!page) {
    await clients.openWindow(alert === undefined ? '/crew' : `/crew?alert=${encodeURIComponent(alert)}`)
    return
  }
  page.postMessage({ alert })
  await page.focus()
}

/** The browser has given the phone another address: the hub is told, in whose name it already pushes here. */
export async function renewPush({ registration }: WorkerScope, event: ChangeEvent): Promise<void> {
  const { oldSubscription: old, newSubscription } = event
  if (!old) return
  const { applicationServerKey } = old.options
  const renewed =
    newSubscription ??
    (await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }))
  await fetch('/v1/push/subscriptions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...subscriptionBody(renewed), replaces: await subscriptionId(old) }),
  })
}
