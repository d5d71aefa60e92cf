/** What a service worker has that a page has not. The library of types for workers cannot stand beside that for pages. */
export interface WorkerScope {
  addEventListener(name: 'install' | 'activate', listener: (event: LifeEvent) => void): void
  addEventListener(name: 'fetch', listener: (event: AskEvent) => void): void
  skipWaiting(): Promise<void>
  clients: { claim(): Promise<void> }
}

interface LifeEvent {
  waitUntil(work: Promise<unknown>): void
}

export interface AskEvent extends LifeEvent {
  request: Request
  respondWith(response: Promise<Response>): void
}
