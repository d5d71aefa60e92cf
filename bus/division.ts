import { rank } from './rendezvous.ts'

/** Who is to work on a key. */
export function ownerOf(members: readonly string[], key: string): string | undefined {
  return rank(members, key)[0]
}

/** When the members of a role count as there, ms. */
export interface ShareTiming {
  /** How often each says that it is alive. */
  beatMs: number
  /** A member whose own word has not come back to it for so long works on nothing: shorter than `goneAfterMs`. */
  leaseMs: number
  /** The others go without a member that they have not heard for so long. */
  goneAfterMs: number
  /** How long a member listens for the others before it takes its part: longer than a beat. */
  listenMs: number
  /** What the others said before they let go may be under way for so long. */
  settleMs: number
}

export const SHARE_TIMING: ShareTiming = {
  beatMs: 1000,
  leaseMs: 5000,
  goneAfterMs: 10_000,
  listenMs: 1500,
  settleMs: 250,
}

interface Other {
  /** When it said so last. */
  heard: number
  /** The division that it holds to. */
  members: readonly string[]
}

/**
 * Who is there, as one member sees it, on its monotonic clock alone. That the broker gives a member its own word
 * back is its lease: only while it has one may it work, since the others may think it gone.
 */
export class Roll {
  readonly #self: string
  readonly #timing: ShareTiming
  readonly #exclusive: boolean
  readonly #others = new Map<string, Other>()
  /** When the newest beat that has come back was sent. */
  #confirmed = Number.NEGATIVE_INFINITY
  /** Since when our beats have come back without a break. */
  #joined = 0

  /** Exclusive: one member works on everything, and goes on when others come. */
  constructor(self: string, timing: ShareTiming, exclusive = false) {
    this.#self = self
    this.#timing = timing
    this.#exclusive = exclusive
  }

  /** A beat of ours, sent at `sent`, has come back at `now`. */
  confirm(sent: number, now: number): void {
    if (!this.holds(now)) this.#joined = now
    this.#confirmed = Math.max(this.#confirmed, sent)
  }

  hear(member: string, members: readonly string[], now: number): void {
    this.#others.set(member, { heard: now, members })
  }

  leave(member: string): void {
    this.#others.delete(member)
  }

  /** Whether this member has its lease. */
  holds(now: number): boolean {
    return now - this.#confirmed < this.#timing.leaseMs
  }

  /** Whether it has its lease, and has had it for long enough to have heard the others. */
  hasListened(now: number): boolean {
    return this.holds(now) && now - this.#joined >= this.#timing.listenMs
  }

  /** The other members that are alive. */
  others(now: number): string[] {
    return this.#living(now).map(([member]) => member)
  }

  /** The division that is due, sorted, given the one that this member holds to; empty when it is to do nothing. */
  division(held: readonly string[], now: number): string[] {
    if (!this.hasListened(now)) return []
    const living = this.#living(now)
    const all = [this.#self, ...living.map(([member]) => member)].sort()
    if (!this.#exclusive) return all
    const atWork = living.flatMap(([member, { members }]) => (members.length > 0 ? [member] : []))
    const candidates = held.length > 0 ? [this.#self, ...atWork] : atWork.length > 0 ? atWork : all
    return ownerOf(candidates, '') === this.#self ? [this.#self] : []
  }

  /** Whether all others hold to a division, and so have let go of what is ours in it. */
  agree(division: readonly string[], now: number): boolean {
    return this.#living(now).every(([, { members }]) => {
      return this.#exclusive ? members.length === 0 : sameMembers(members, division)
    })
  }

  #living(now: number): [member: string, Other][] {
    return [...this.#others].filter(([, { heard }]) => now - heard < this.#timing.goneAfterMs)
  }
}

export function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((member, i) => member === b[i])
}
