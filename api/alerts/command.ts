import { randomUUID } from 'node:crypto'
import type { Bus } from '../../bus/contract.ts'
import { topics } from '../../bus/topics.ts'
import { type Alert, type AlertCommand, changesOf, isShelved } from '../../model/alert.ts'
import type { Clock } from '../../model/clock.ts'
import type { RecordStore } from '../../store/records.ts'
import type { Feed } from '../live/feed.ts'
import { Problem } from '../problem.ts'

export interface Commanding {
  records: RecordStore
  bus: Bus
  feed: Feed
  clock: Clock
  /** How long the rules may take to answer. */
  timeoutMs: number
}

/** What is asked of an alert. */
export type Asked = Omit<AlertCommand, 'id' | 'alert' | 'time'>

/** How often a command is given while nobody answers. */
const ATTEMPTS = 5

/**
 * Asks the rules, who alone change alerts, to change one, and returns it as they left it.
 * @throws Problem 404 for an unknown alert, 409 for a resolved one and for one that has changed since the person
 * saw it, 503 when the rules do not answer in time.
 */
export async function commandAlert(id: string, asked: Asked, parts: Commanding): Promise<Alert> {
  const { records, bus, feed, clock, timeoutMs } = parts
  const repeatMs = timeoutMs / ATTEMPTS
  const alert = records.alert(id)
  if (!alert) throw new Problem(404, `There is no alert ${id}; /v1/alerts lists them.`)
  const settled = outcome(alert, asked)
  if (settled) return settled

  const answer = Promise.withResolvers<Alert>()
  const onAlert = ({ alert }: { alert: Alert }) => {
    if (alert.id !== id) return
    try {
      const left = outcome(alert, asked)
      if (left) answer.resolve(left)
    } catch (error) {
      answer.reject(error)
    }
  }
  feed.events.on('alert', onAlert)
  let repeating: NodeJS.Timeout | undefined
  const timer = setTimeout(() => answer.reject(unanswered(timeoutMs)), timeoutMs)
  try {
    const command: AlertCommand = { id: randomUUID(), alert: id, time: clock.now(), ...asked }
    const give = () =>
      void bus.publish(topics.alertCommands, JSON.stringify(command)).catch(() => answer.reject(unsent()))
    give()
    // Rules that hand a site over to each other may just not have heard it; twice it changes nothing.
    repeating = setInterval(give, repeatMs)
    return await answer.promise
  } finally {
    clearTimeout(timer)
    clearInterval(repeating)
    feed.events.off('alert', onAlert)
  }
}

/**
 * The alert when nothing remains to be done; undefined while that is to come.
 * @throws Problem 409 when it cannot come any more.
 */
function outcome(alert: Alert, { action, until, change }: Asked): Alert | undefined {
  if (alert.state === 'resolved') throw new Problem(409, `The alert ${alert.id} is resolved.`)
  if (isDone(alert, { action, until })) return alert
  if (change !== undefined && changesOf(alert) !== change)
    throw new Problem(
      409,
      `The alert ${alert.id} has changed ${changesOf(alert)} times, not ${change}: see it anew.`,
    )
  return undefined
}

function isDone(alert: Alert, { action, until }: Pick<Asked, 'action' | 'until'>): boolean {
  switch (action) {
    case 'acknowledge':
      return alert.state === 'acknowledged'
    case 'shelve':
      return alert.shelving?.until === until
    case 'unshelve':
      return !isShelved(alert)
  }
}

function unsent(): Problem {
  return new Problem(503, 'The command could not be sent: the broker is away.', { 'Retry-After': '5' })
}

function unanswered(timeoutMs: number): Problem {
  const detail = `The rules did not answer within ${timeoutMs / 1000} s. The alert may still change.`
  return new Problem(503, detail, { 'Retry-After': '5' })
}
