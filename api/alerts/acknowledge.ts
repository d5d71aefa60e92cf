import { randomUUID } from 'node:crypto'
import type { Bus } from '../../bus/contract.ts'
import { topics } from '../../bus/topics.ts'
import { type Acknowledgement, type Alert, type AlertCommand, changesOf } from '../../model/alert.ts'
import type { Clock } from '../../model/clock.ts'
import type { RecordStore } from '../../store/records.ts'
import type { Feed } from '../live/feed.ts'
import { Problem } from '../problem.ts'

export interface Acknowledging {
  records: RecordStore
  bus: Bus
  feed: Feed
  clock: Clock
  /** How long the rules may take to answer. */
  timeoutMs: number
}

/** How often a command is given while nobody answers. */
const ATTEMPTS = 5

/**
 * Asks the rules, who alone change alerts, to acknowledge one, and returns it as they left it.
 * @throws Problem 404 for an unknown alert, 409 for a resolved one and for one that has changed since the person
 * saw it, 503 when the rules do not answer in time.
 */
export async function acknowledge(id: string, by: Acknowledgement, parts: Acknowledging): Promise<Alert> {
  const { actor, change, actedAt } = by
  const { records, bus, feed, clock, timeoutMs } = parts
  const repeatMs = timeoutMs / ATTEMPTS
  const alert = records.alert(id)
  if (!alert) throw new Problem(404, `There is no alert ${id}; /v1/alerts lists them.`)
  const settled = outcome(alert, change)
  if (settled) return settled

  const answer = Promise.withResolvers<Alert>()
  const onAlert = ({ alert }: { alert: Alert }) => {
    if (alert.id === id && (alert.state !== 'firing' || hasChanged(alert, change))) answer.resolve(alert)
  }
  feed.events.on('alert', onAlert)
  let repeating: NodeJS.Timeout | undefined
  const timer = setTimeout(() => answer.reject(unanswered(timeoutMs)), timeoutMs)
  try {
    const command: AlertCommand = {
      id: randomUUID(),
      action: 'acknowledge',
      alert: id,
      actor,
      time: clock.now(),
      ...(change !== undefined && { change }),
      ...(actedAt !== undefined && { actedAt }),
    }
    const give = () =>
      void bus.publish(topics.alertCommands, JSON.stringify(command)).catch(() => answer.reject(unsent()))
    give()
    // Rules that hand a site over to each other may just not have heard it; twice it changes nothing.
    repeating = setInterval(give, repeatMs)
    return outcome(await answer.promise, change)!
  } finally {
    clearTimeout(timer)
    clearInterval(repeating)
    feed.events.off('alert', onAlert)
  }
}

/** The alert when nothing remains to be acknowledged; undefined while it fires as the person saw it. */
function outcome(alert: Alert, seen: number | undefined): Alert | undefined {
  if (alert.state === 'resolved') throw new Problem(409, `The alert ${alert.id} is resolved.`)
  if (alert.state === 'acknowledged') return alert
  if (hasChanged(alert, seen))
    throw new Problem(
      409,
      `The alert ${alert.id} has changed ${changesOf(alert)} times, not ${seen}: see it anew.`,
    )
  return undefined
}

function hasChanged(alert: Alert, seen: number | undefined): boolean {
  return seen !== undefined && changesOf(alert) !== seen
}

function unsent(): Problem {
  return new Problem(503, 'The command could not be sent: the broker is away.', { 'Retry-After': '5' })
}

function unanswered(timeoutMs: number): Problem {
  const detail = `The rules did not answer within ${timeoutMs / 1000} s. The alert may still become acknowledged.`
  return new Problem(503, detail, { 'Retry-After': '5' })
}
