import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Outbox } from '../bus/contract.ts'
import { openOutbox } from '../bus/outbox.ts'
import type { Reading } from '../model/reading.ts'
import type { Sample } from './driver.ts'
import type { GatewayClock } from './gateway-clock.ts'

/** What was read before the time was known: `time` is the age of its life then, ms. */
export interface Undated extends Reading {
  life: string
  sourceTime?: number
  late?: boolean
}

const FOLDER = 'undated'
const SLICE = 1000

/** What was read before the gateway knew the time, on disk until it does. */
export interface UndatedJournal {
  add(samples: readonly Sample[]): void
  /** Hands over everything, oldest first, in slices; what `take` has thrown at comes again. */
  date(take: (entries: readonly Undated[]) => void): Promise<void>
  close(): Promise<void>
}

/** Opens the journal where it is needed: the time is not known, or was not when something was left in it. */
export async function openUndated(options: {
  outboxFolder: string
  clock: GatewayClock
  /** The oldest are given up beyond it. */
  maxBytes: number
  syncIntervalMs?: number
  log: Logger
}): Promise<UndatedJournal | undefined> {
  const { outboxFolder, clock, maxBytes, syncIntervalMs, log } = options
  const folder = join(outboxFolder, FOLDER)
  if (clock.isKnown && !existsSync(folder)) return undefined
  const journal: Outbox<Undated> = await openOutbox({ folder, stream: 'measures', syncIntervalMs, log })
  return {
    add(samples) {
      const entries = samples.map(({ point, time, value, quality, late }): Undated => {
        const age = Math.round(clock.age())
        return {
          ...{ point: point.id, time: age, value, quality, gatewayTime: 0 },
          ...{ life: clock.life, sourceTime: time, late },
        }
      })
      journal.append(entries)
      while (journal.bytes > maxBytes && journal.dropOldest())
        log.error('readings that wait for the time are given up: the journal is full')
    },
    async date(take) {
      for (let slice = journal.read(1, SLICE); slice; slice = journal.read(1, SLICE)) {
        for (const { range, reason } of slice.gaps ?? [])
          log.error({ range, reason }, 'readings from before the time was known are lost')
        take(slice.entries)
        journal.acknowledge(slice.first + slice.entries.length - 1, [])
      }
      await journal.close()
      clock.forgetLives()
      rmSync(folder, { recursive: true, force: true })
    },
    close: () => journal.close(),
  }
}
