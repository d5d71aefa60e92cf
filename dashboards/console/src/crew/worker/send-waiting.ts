import type { Session } from '../../api/types.ts'
import { setHubTime } from '../../clock.ts'
import { ask } from '../ask.ts'
import { openQueue } from '../queue.ts'
import { sendQueue } from '../send-queue.ts'

/**
 * Sends what waits, as the open page would, in the session that this browser has.
 * @throws Error where something waits on, so that the browser wakes the worker again
 */
export async function sendWaiting(): Promise<void> {
  const queue = await openQueue()
  if ((await queue.all()).every(({ outcome }) => outcome)) return
  const { data: session } = await ask<Session>('/v1/session')
  // Without a session all waits for the page, which says so.
  if (session.actor === null) return
  const { data } = await ask<{ time: string }>('/v1/alerts?state=active&limit=1')
  setHubTime(data.time)
  if ((await sendQueue(queue, session.actor)) === 'later') throw new Error('the hub cannot be reached')
}
