import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Logger } from 'pino'
import { z } from 'zod'
import { readJsonFile, replaceJsonFile } from '../bus/json-file.ts'
import { type Clock, MAX_CLOCK_OFFSET_MS } from '../model/clock.ts'

/** No gateway of ours ran before: a machine without a clock begins in 1970, or when its system was made. */
const EARLIEST = Date.UTC(2024, 0, 1)
/** systemd-timesyncd makes it when it has set the clock. */
const SYNCHRONIZED_FILE = '/run/systemd/timesync/synchronized'

/** One run of the process that began without knowing the time. */
const lifeSchema = z.object({
  id: z.string(),
  /** The newest time that was known before it, ms UTC; 0 for none. */
  after: z.number(),
  /** When it began, ms UTC; absent for one that never learned the time. */
  began: z.number().optional(),
})

const stateSchema = z.object({
  version: z.literal(1),
  /** The newest time that was known to be right, ms UTC. */
  newest: z.number(),
  lives: z.array(lifeSchema),
})

type Life = z.output<typeof lifeSchema>
type ClockState = z.output<typeof stateSchema>

/**
 * The time of a gateway, whose machine may have none when it starts: `now` is right once it is known, by the system's
 * clock or from the hub's acknowledgements, and `elapsed` always.
 */
export interface GatewayClock extends Clock {
  readonly isKnown: boolean
  /** This run of the process, and how long it lasts, monotonic ms. */
  readonly life: string
  age(): number
  /** Looks whether the system's clock was set meanwhile. */
  look(): void
  /** Takes the hub's time where nothing else told it. */
  hear(hubTime: number): void
  /** When something happened at an age of a life; not exact for a life that never learned the time. */
  timeOf(life: string, age: number): { time: number; isExact: boolean }
  /** Writes down the newest time, so that the next start knows that a clock that is behind it is wrong. */
  note(): void
  /** Forgets the lives of which nothing is left to date. */
  forgetLives(): void
}

/**
 * @param options.isTrusted the system's clock is believed when it starts, unless it is behind what was known before.
 */
export function openGatewayClock(options: {
  file: string
  clock: Clock
  isTrusted: boolean
  log: Logger
  synchronizedFile?: string
}): GatewayClock {
  const { file, clock, isTrusted, log, synchronizedFile = SYNCHRONIZED_FILE } = options
  const state = readState(file, log)
  const start = { now: clock.now(), elapsed: clock.elapsed() }
  const life: Life = { id: randomUUID(), after: state.newest }
  let isKnown = isTrusted && isPlausible(start.now)
  /** When the process began, where the hub has told it. */
  let beganByHub: number | undefined
  if (!isKnown) {
    log.warn('this machine does not know the time yet: readings wait for it')
    state.lives.push(life)
    save()
  }

  /** On a disk that is full a gateway goes on; timers call this, where an exception would end the process. */
  function save(): void {
    try {
      replaceJsonFile(file, state)
    } catch (error) {
      log.error({ err: error }, 'what is known of the time could not be noted')
    }
  }

  function isPlausible(time: number): boolean {
    return time >= Math.max(EARLIEST, state.newest - MAX_CLOCK_OFFSET_MS)
  }

  function age(): number {
    return clock.elapsed() - start.elapsed
  }

  function now(): number {
    const system = clock.now()
    if (beganByHub === undefined) return system
    const time = Math.round(beganByHub + age())
    return Math.abs(system - time) <= MAX_CLOCK_OFFSET_MS ? system : time
  }

  function learn(time: number, from: string): void {
    isKnown = true
    life.began = time - age()
    log.info({ from }, 'this machine knows the time now')
    save()
  }

  return {
    now,
    elapsed: clock.elapsed,
    get isKnown() {
      return isKnown
    },
    life: life.id,
    age,
    look() {
      if (isKnown || !isPlausible(clock.now())) return
      const wasSet = Math.abs(clock.now() - start.now - age()) > MAX_CLOCK_OFFSET_MS
      if (wasSet || existsSync(synchronizedFile)) learn(clock.now(), 'the system')
    },
    hear(hubTime) {
      if (isKnown) return
      beganByHub = hubTime - age()
      // Where a clock was ahead once, what was noted then would make every later start doubt its own.
      state.newest = hubTime
      learn(hubTime, 'the hub')
    },
    timeOf(id, age) {
      const index = state.lives.findIndex(other => other.id === id)
      const found = state.lives[index]
      if (found?.began !== undefined) return { time: Math.round(found.began + age), isExact: true }
      const next = state.lives.slice(index + 1).find(({ began }) => began !== undefined)
      const latest = Math.round(next?.began ?? now())
      const earliest = found?.after ?? 0
      return { time: earliest > 0 ? Math.min(Math.round(earliest + age), latest) : latest, isExact: false }
    },
    note() {
      if (!isKnown) return
      state.newest = Math.max(state.newest, now())
      save()
    },
    forgetLives() {
      state.lives = isKnown ? [] : [life]
    },
  }
}

/** What an earlier start left; a file that is spoiled costs what it said, and not the gateway. */
function readState(file: string, log: Logger): ClockState {
  try {
    const content = readJsonFile(file)
    if (content !== undefined) return stateSchema.parse(content)
  } catch (error) {
    log.error({ err: error }, 'what was known of the time is lost: its file cannot be read')
  }
  return { version: 1, newest: 0, lives: [] }
}
