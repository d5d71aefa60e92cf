import { createHash } from 'node:crypto'
import { readJsonFile, replaceJsonFile } from '../bus/json-file.ts'
import { periodStart } from '../model/calendar.ts'
import type { Registry } from '../registry/registry.ts'

/** The history that the first start lays down: the same content each time it is made. */
export interface FirstHistory {
  seed: number
  /** ms UTC; `from` is the start of a civil month, so that the first month is whole. */
  from: number
  to: number
  /** Stands for the content, which is a pure function of it. */
  hash: string
}

interface Kept extends FirstHistory {
  done: boolean
}

/**
 * What is left to lay down, or undefined when it is done. The plan is kept in a file before the first reading,
 * so that a start that was interrupted goes on with the same content, whatever the time is by then. Where the
 * registry has changed meanwhile, the content is another one over the same time, and begins anew.
 */
export function planFirstHistory(options: {
  file: string
  registry: Registry
  seed: number
  months: number
  now: number
}): FirstHistory | undefined {
  const { file, registry, seed, months, now } = options
  const kept = readJsonFile(file) as Kept | undefined
  if (kept) {
    const { done, ...plan } = kept
    return done ? undefined : { ...plan, hash: hashOf(registry, plan) }
  }
  if (months === 0) return undefined
  const from = monthsBefore(now, months, registry.territory.timeZone)
  const plan = { seed, from, to: now, hash: hashOf(registry, { seed, from, to: now }) }
  keep(file, { ...plan, done: false })
  return plan
}

export function finishFirstHistory(file: string, plan: FirstHistory): void {
  keep(file, { ...plan, done: true })
}

function hashOf(registry: Registry, { seed, from, to }: Omit<FirstHistory, 'hash'>): string {
  return createHash('sha256')
    .update(JSON.stringify([registry.hash, seed, from, to]))
    .digest('hex')
}

function monthsBefore(now: number, months: number, timeZone: string): number {
  const monthStart = Temporal.Instant.fromEpochMilliseconds(periodStart('month', now, timeZone))
  return monthStart.toZonedDateTimeISO(timeZone).subtract({ months }).epochMilliseconds
}

function keep(file: string, content: Kept): void {
  replaceJsonFile(file, content)
}
