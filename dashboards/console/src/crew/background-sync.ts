/** By which the worker knows why it was woken. */
export const QUEUE_TAG = 'crew-queue'

interface Syncing {
  sync?: { register(tag: string): Promise<void> }
}

/** Has the browser wake the worker when there is a network, also while the page is closed; not every browser can. */
export async function wakeWhenOnline(): Promise<void> {
  try {
    const registration = (await navigator.serviceWorker?.ready) as Syncing | undefined
    await registration?.sync?.register(QUEUE_TAG)
  } catch {
    // It may be forbidden: then the open page sends, as elsewhere.
  }
}
