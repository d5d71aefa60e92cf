import { ApiError, post } from '../api/client.ts'
import type { Alert } from '../api/types.ts'
import { hubTimeOf } from '../clock.ts'
import { ask } from './ask.ts'
import type { Action, Outcome, Queue } from './queue.ts'

/** `later`: the hub cannot be reached, or does not answer. `signed-out`: it wants to know first who asks. */
export type Sent = 'all' | 'later' | 'signed-out'

/**
 * Sends what waits, in order, each with the time at which the person acted. Stops at the first that cannot be sent
 * yet, so that a later action never overtakes an earlier one.
 */
export async function sendQueue(queue: Queue, actor: string): Promise<Sent> {
  // Two open pages would send everything twice.
  if (!navigator.locks) return sendAll(queue, actor)
  return navigator.locks.request('affluent-crew-queue', () => sendAll(queue, actor))
}

async function sendAll(queue: Queue, actor: string): Promise<Sent> {
  for (const action of await queue.all()) {
    if (action.outcome) continue
    try {
      const outcome = await sendOne(action, actor)
      if (outcome) await queue.put({ ...action, outcome })
      else await queue.remove(action.id)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return error.status === 401 ? 'signed-out' : 'later'
    }
  }
  return 'all'
}

/** Undefined where it did what the person wanted. */
async function sendOne(action: Action, actor: string): Promise<Outcome | undefined> {
  if (action.actor !== null && action.actor !== actor) return { kind: 'other-session' }
  const { alert: id, change, at } = action
  const path = `/v1/alerts/${encodeURIComponent(id)}`
  try {
    const time = new Date(hubTimeOf(at)).toISOString()
    const alert = await post<Alert>(`${path}/acknowledge`, { change, time })
    return outcomeOf(alert!, actor)
  } catch (error) {
    if (!(error instanceof ApiError) || isPassing(error)) throw error
    if (error.status === 404) return { kind: 'gone' }
    if (error.status !== 409) return { kind: 'refused', detail: error.message }
  }
  const { data, kept } = await ask<Alert>(path)
  if (kept) throw new ApiError(0, 'the hub cannot be reached')
  return outcomeOf(data, actor)
}

function outcomeOf(alert: Alert, actor: string): Outcome | undefined {
  if (alert.state === 'resolved') return { kind: 'resolved' }
  if (alert.state === 'firing') return { kind: 'changed' }
  return alert.acknowledgedBy === actor ? undefined : { kind: 'taken', by: alert.acknowledgedBy ?? '?' }
}

function isPassing({ status }: ApiError): boolean {
  return status === 0 || status === 401 || status === 408 || status === 429 || status >= 500
}
