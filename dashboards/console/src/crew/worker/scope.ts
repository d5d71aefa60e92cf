/** What a service worker has that a page has not. The library of types for workers cannot stand beside that for pages. */
export interface WorkerScope {
  addEventListener(name: 'install' | 'activate', listener: (event: LifeEvent) => void): void
  addEventListener(name: 'fetch', listener: (event: AskEvent) => void): void
  addEventListener(name: 'sync', listener: (event: LifeEvent & { tag: string }) => void): void
  addEventListener(name: 'push', listener: (event: PushedEvent) => void): void
  addEventListener(name: 'notificationclick', listener: (event: ClickEvent) => void): void
  addEventListener(name: 'pushsubscriptionchange', listener: (event: ChangeEvent) => void): void
  skipWaiting(): Promise<void>
  clients: {
    claim(): Promise<void>
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<PageClient[]>
    openWindow(url: string): Promise<unknown>
  }
  registration: {
    showNotification(title: string, options: ShownOptions): Promise<void>
    pushManager: PushManager
  }
  navigator: { language: string }
}

interface LifeEvent {
  waitUntil(work: Promise<unknown>): void
}

export interface AskEvent extends LifeEvent {
  request: Request
  respondWith(response: Promise<Response>): void
}

/** What the hub pushes; see its channel of phones. */
export interface PushContent {
  place: string
  what: string
  advice?: string
  /** ms UTC */
  since?: number
  alert?: string
}

interface PushedEvent extends LifeEvent {
  data: { json(): PushContent } | null
}

interface ClickEvent extends LifeEvent {
  notification: { data: { alert?: string }; close(): void }
}

export interface ChangeEvent extends LifeEvent {
  oldSubscription?: PushSubscription | null
  newSubscription?: PushSubscription | null
}

interface PageClient {
  url: string
  postMessage(message: unknown): void
  focus(): Promise<unknown>
}

interface ShownOptions extends NotificationOptions {
  renotify?: boolean
  timestamp?: number
}
