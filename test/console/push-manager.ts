import type { Page } from 'playwright-core'

/** Of the browser, in which {@link pushManager} runs. */
declare const PushManager: { prototype: object }
declare const Notification: { permission: string }

/** What a browser's subscription holds. */
export const PUSH_KEYS = {
  endpoint: 'https://push.example.org/a',
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
}

/**
 * The push manager of a browser, which asks its maker's server for each subscription: a test reaches none. The page
 * around it, the permission and the worker are the browser's own.
 */
export function pushManager({ endpoint, ...keys }: typeof PUSH_KEYS): void {
  const KEPT = 'test.subscribed'
  const base64url = (bytes: Uint8Array) =>
    btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '')
  const subscription = {
    ...{ endpoint, toJSON: () => ({ endpoint, keys }) },
    unsubscribe: async () => localStorage.removeItem(KEPT),
  }
  const manager = PushManager.prototype as Record<string, unknown>
  manager.getSubscription = async () => (localStorage.getItem(KEPT) ? subscription : null)
  manager.subscribe = async (options: { applicationServerKey: Uint8Array; userVisibleOnly: boolean }) => {
    if (!options.userVisibleOnly || Notification.permission !== 'granted') throw new Error('not allowed')
    Object.assign(globalThis, { subscribedFor: base64url(options.applicationServerKey) })
    localStorage.setItem(KEPT, 'yes')
    return subscription
  }
}

/** Makes the function that gives a push to the worker of a page, as the browser does when its service has one. */
export async function openPushes(page: Page): Promise<(content: object) => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  const registered = Promise.withResolvers<string>()
  session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    const [found] = registrations
    if (found) registered.resolve(found.registrationId)
  })
  await session.send('ServiceWorker.enable')
  const registrationId = await registered.promise
  const { origin } = new URL(page.url())
  return async content => {
    const data = JSON.stringify(content)
    await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data })
  }
}
