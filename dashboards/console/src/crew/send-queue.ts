import { ApiError, post, send } from '../api/client.ts'
import type { Alert } from '../api/types.ts'
import { hubTimeOf } from '../clock.ts'
import type { Action, NewAction, Outcome, Queue } from './action.ts'
import { ask } from './ask.ts'
import type { Noted, NotedTime, Photo } from './entry.ts'
import { newId } from './new-id.ts'
import { replaceUnsent } from './unsent.ts'

/** `later`: the hub cannot be reached, or does not answer. `signed-out`: it wants to know first who asks. */
export type Sent = 'all' | 'later' | 'signed-out'

/**
 * Sends what waits, in order, each with the time at which the person acted. Stops at the first that cannot be sent
 * yet, so that a later action never overtakes an earlier one.
 */
export function sendQueue(queue: Queue, actor: string): Promise<Sent> {
  return alone(() => sendAll(queue, actor))
}

/** Has another entry wait in the place of one, unless that is being sent. */
export function replaceWaiting(queue: Queue, id: number, by: NewAction): Promise<void> {
  return alone(() => replaceUnsent(queue, id, by))
}

/** Two open pages would send everything twice, and what is being sent must not change. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request('affluent-crew-queue', work) : work()
}

async function sendAll(queue: Queue, actor: string): Promise<Sent> {
  for (const action of await queue.all()) {
    if (action.outcome || isHeldFor(action, actor)) continue
    try {
      const outcome = await sendOne(queue, action, actor)
      if (outcome) await queue.put({ ...action, outcome })
      else await queue.remove(action.id)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return error.status === 401 ? 'signed-out' : 'later'
    }
  }
  return 'all'
}

/** What was done stays true: it waits for its own author. To take an alert over is not for later. */
export function isHeldFor({ action, actor: author }: Action, actor: string): boolean {
  return action !== 'acknowledge' && author !== null && author !== actor
}

/** Undefined where it did what the person wanted. */
async function sendOne(queue: Queue, action: Action, actor: string): Promise<Outcome | undefined> {
  if (action.action === 'acknowledge') return acknowledge(action, actor)
  const prepared = action.sent ? action : { ...action, sent: bodyOf(action) }
  // A repeat must be the same: it is kept before it is sent.
  if (prepared !== action) await queue.put(prepared)
  try {
    if (action.action === 'record') {
      for (const photo of action.photos) await sendPhoto(photo)
      await post('/v1/winter-service/entries', prepared.sent)
      return undefined
    }
    const alert = await post<Alert>(`${pathOf(action)}/responses`, prepared.sent)
    return alert!.state === 'resolved' && action.kind === 'on-my-way' ? { kind: 'over' } : undefined
  } catch (error) {
    return isCorrectedBefore(action, error) ? { kind: 'corrected' } : refusal(error)
  }
}

/** An entry is corrected once: somebody, perhaps on another phone, came before. */
function isCorrectedBefore(action: Action, error: unknown): boolean {
  const isCorrection = action.action === 'record' && action.noted.kind === 'correction'
  return isCorrection && error instanceof ApiError && error.status === 409
}

/** A repeat changes nothing. */
async function sendPhoto({ hash, blob }: Photo): Promise<void> {
  if (!blob) return
  const headers = { 'content-type': 'image/jpeg' }
  await send(`/v1/winter-service/photos/${hash}`, { method: 'PUT', headers, body: blob })
}

/** As the hub takes it, with its time by the hub's clock, and an id by which a repeat is known. */
function bodyOf(action: Exclude<Action, { action: 'acknowledge' }>): object {
  const id = newId()
  if (action.action === 'respond') return { id, kind: action.kind, time: hubInstant(action.at) }
  return { ...asTheHubTakes(action.noted), id }
}

function asTheHubTakes({ time, end, replacement, ...fact }: Noted): object {
  return {
    ...{ ...fact, time: hubInstant(time) },
    ...(end !== undefined && { end: hubInstant(end) }),
    ...(replacement && { replacement: asTheHubTakes(replacement) }),
  }
}

const hubInstant = (time: NotedTime) =>
  typeof time === 'string' ? time : new Date(hubTimeOf(time)).toISOString()
const pathOf = ({ alert }: { alert: string }) => `/v1/alerts/${encodeURIComponent(alert)}`

async function acknowledge(
  action: Extract<Action, { action: 'acknowledge' }>,
  actor: string,
): Promise<Outcome | undefined> {
  if (action.actor !== null && action.actor !== actor) return { kind: 'other-session' }
  const { change, at } = action
  const path = pathOf(action)
  try {
    const alert = await post<Alert>(`${path}/acknowledge`, { change, time: hubInstant(at) })
    return outcomeOf(alert!, actor)
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) return refusal(error)
  }
  const { data, kept } = await ask<Alert>(path)
  if (kept) throw new ApiError(0, 'the hub cannot be reached')
  return outcomeOf(data, actor)
}

/** @throws what may pass */
function refusal(error: unknown): Outcome {
  if (!(error instanceof ApiError) || isPassing(error)) throw error
  return error.status === 404 ? { kind: 'gone' } : { kind: 'refused', detail: error.message }
}

function outcomeOf(alert: Alert, actor: string): Outcome | undefined {
  if (alert.state === 'resolved') return { kind: 'resolved' }
  if (alert.state === 'firing') return { kind: 'changed' }
  return alert.acknowledgedBy === actor ? undefined : { kind: 'taken', by: alert.acknowledgedBy ?? '?' }
}

function isPassing({ status }: ApiError): boolean {
  return status === 0 || status === 401 || status === 408 || status === 429 || status >= 500
}
