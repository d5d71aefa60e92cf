import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Clock } from '../model/clock.ts'
import type { ShareStatus } from '../model/delivery.ts'
import type { Bus } from './contract.ts'
import { ownerOf, Roll, SHARE_TIMING, type ShareTiming, sameMembers } from './division.ts'
import { parseStatus } from './status.ts'
import { filters, senderOf } from './topics.ts'

/** What a process does when its part of the work changes. */
export interface Shared {
  /** Puts `share` into the retained status of this member, and publishes that. */
  announce(share: ShareStatus): void
  /**
   * Finishes what is under way on the keys that {@link Share.owns} denies by now, and forgets them. Hurried when
   * the lease is lost: what is under way must not be completed then.
   */
  letGo(hurried: boolean): Promise<void>
  /** Gets ready for keys that `gained` holds of; `owns` still denies them. */
  takeOn(gained: (key: string) => boolean, signal: AbortSignal): Promise<void>
  /** `owns` affirms them from now on. */
  begin(gained: (key: string) => boolean): void
}

/** The part that this process has of the work of its role, divided by keys among the living. */
export interface Share {
  readonly member: string
  /** Whether this process works on a key: never two at once, as long as clocks and leases hold. */
  owns(key: string): boolean
  /** Whether the others still count on this process; to be asked right before what must not be done twice. */
  holds(): boolean
  /** The other members that are alive. */
  others(): string[]
  /** Whether the broker has kept what an earlier life of this process told it to retain. */
  readonly remembered: boolean
  /** Begins to take part; what it has a share of comes later. */
  join(shared: Shared): Promise<void>
  /** Resolves once this process has heard who else there is. */
  readonly listened: Promise<void>
  close(): Promise<void>
}

interface ShareOptions {
  bus: Bus
  role: string
  /** The name under which this process has its status. */
  member: string
  /** One member works on all keys; others only when it is gone. */
  exclusive?: boolean
  clock: Clock
  log: Logger
  timing?: Partial<ShareTiming>
}

/** After so long without an agreement of the others it is said that something waits for them. */
const PATIENCE_MS = 60_000

/**
 * Divides the work of a role among its living processes, by rendezvous hashing over their retained statuses. A
 * member that is to get keys waits until all others have said that they hold to the same division; only of the
 * dead (their will, or no beat for `goneAfterMs`) nothing is awaited.
 */
export function openShare(options: ShareOptions): Share {
  const { bus, role, member, exclusive, clock, log } = options
  const timing = { ...SHARE_TIMING, ...options.timing }
  const roll = new Roll(member, timing, exclusive)
  const life = randomUUID()
  const sent = new Map<number, number>()
  const listened = Promise.withResolvers<void>()
  let beat = 0
  let shared: Shared | undefined
  /** Divisions in each of which a key must be ours: the one that we have taken on, and those begun since. */
  let held: string[][] = [[]]
  let agreed: string[] = []
  let target: string[] = []
  let changed = new AbortController()
  let wake = () => {}
  let adapting: Promise<void> | undefined
  let twin = false
  let holding = false
  let remembered = false
  let closed = false
  let timer: NodeJS.Timeout | undefined

  const mine = (division: readonly string[], key: string) => ownerOf(division, key) === member
  const memo = new Map<string, boolean>()
  const holdTo = (divisions: string[][]) => {
    held = divisions
    memo.clear()
  }

  function owns(key: string): boolean {
    if (!roll.holds(clock.elapsed())) return false
    let own = memo.get(key)
    if (own === undefined) {
      own = held.every(division => mine(division, key))
      memo.set(key, own)
    }
    return own
  }

  function announce(): void {
    if (closed || !bus.connected) return
    const now = clock.elapsed()
    beat += 1
    sent.set(beat, now)
    for (const [old, at] of sent) if (now - at > timing.leaseMs) sent.delete(old)
    shared?.announce({ life, beat, members: agreed })
  }

  function hear(topic: string, payload: Buffer, retained: boolean): void {
    const name = senderOf(topic)
    if (closed || !name.startsWith(`${role}-`)) return
    const status = parseStatus(topic, payload)
    const now = clock.elapsed()
    if (name !== member) {
      if (status.online && status.share) roll.hear(name, status.share.members, now)
      else roll.leave(name)
    } else if (status.online && status.share?.life === life) {
      const at = sent.get(status.share.beat)
      if (at !== undefined) roll.confirm(at, now)
    } else if (!status.online || retained) {
      // Of an earlier life, or the will of an earlier connection of this one.
      if (retained) remembered = true
      announce()
    } else if (!twin) {
      twin = true
      log.error({ member }, 'another process has the same name: give each its own data folder or instance')
    }
    look()
  }

  function look(): void {
    const now = clock.elapsed()
    const due = roll.division(agreed, now)
    if (roll.hasListened(now)) listened.resolve()
    // After a freeze a broker may hold back for half a minute what came meanwhile: a new connection starts afresh.
    if (holding && !roll.holds(now)) bus.renew()
    holding = roll.holds(now)
    if (!sameMembers(due, target)) {
      target = due
      changed.abort()
      changed = new AbortController()
    }
    wake()
    if (!closed) adapting ??= adapt().finally(() => (adapting = undefined))
  }

  async function adapt(): Promise<void> {
    while (!closed && !(held.length === 1 && sameMembers(held[0]!, target))) {
      const division = target
      const { signal } = changed
      const before = held
      holdTo([...held, division])
      try {
        await shared!.letGo(division.length === 0)
        if (closed || signal.aborted) continue
        agreed = division
        announce()
        await agreement(division, signal)
        await pause(timing.settleMs, undefined, { signal })
        const gained = (key: string) => mine(division, key) && !before.every(each => mine(each, key))
        if (division.length > 0) await shared!.takeOn(gained, signal)
        signal.throwIfAborted()
        holdTo([division])
        log.info({ member, members: division }, 'the work of the role is divided anew')
        if (division.length > 0) shared!.begin(gained)
      } catch (error) {
        if (signal.aborted) continue
        log.error({ err: error, member }, 'a share of the work could not be taken; trying again')
        await nextWord()
      }
    }
  }

  async function agreement(division: readonly string[], signal: AbortSignal): Promise<void> {
    const patience = setTimeout(() => {
      log.warn({ member, members: division }, 'waiting for the other members to let go of their work')
    }, PATIENCE_MS)
    try {
      while (!roll.agree(division, clock.elapsed())) {
        signal.throwIfAborted()
        await nextWord()
      }
    } finally {
      clearTimeout(patience)
    }
  }

  /** Resolves when something was heard, or a beat has passed. */
  function nextWord(): Promise<void> {
    return new Promise(resolve => (wake = resolve))
  }

  const stop = bus.onConnect(announce)
  return {
    member,
    owns,
    holds: () => roll.holds(clock.elapsed()),
    others: () => roll.others(clock.elapsed()),
    listened: listened.promise,
    get remembered() {
      return remembered
    },
    async join(parts) {
      shared = parts
      timer = setInterval(() => {
        announce()
        look()
      }, timing.beatMs)
      await bus.subscribe(filters.allStatuses, hear)
      announce()
    },
    async close() {
      closed = true
      clearInterval(timer)
      stop()
      changed.abort()
      wake()
      await adapting
    },
  }
}
