import type { Point, Rule } from '../../registry/registry.ts'
import type { Moment } from '../moment.ts'
import type { Condition, Verdict } from './condition.ts'
import { type Group, groupsOf, type HeardPoints, hear, type Known, knownOf } from './heard.ts'
import { firstSide, type Side, takeSide } from './side.ts'

interface JointMemory extends Side {
  heard: HeardPoints
  /** What the side was decided on last. */
  settled: HeardPoints
  /** The moment of the newest reading that the side does not rest on yet. */
  pending: Moment | undefined
}

/** What several points decide together. */
export interface Decision {
  others: readonly Point[]
  /**
   * Decides on what is known, which may be no more than some of it: what it says then must hold whatever the rest is.
   * `before` is the side until now.
   */
  decide(known: (point: Point) => Known, before: boolean): Verdict
  /** What of the newest is to be told, see Judgement. */
  beside?(heard: HeardPoints): Readonly<Record<string, number>>
  describe: Condition<unknown>['describe']
}

/**
 * True, false, or unknown by what was heard last of several points. What is bad, or older than `maxAge`, is not known;
 * an uncertain reading may show danger but never its end. Doubt keeps an alarm, as of a threshold.
 */
export function jointCondition(
  { others, decide, beside, describe }: Decision,
  { maxAge, onDelay, offDelay }: Pick<Rule, 'maxAge' | 'onDelay' | 'offDelay'>,
  own: Point,
): Condition<JointMemory> {
  const inputs = [...new Set(others)].filter(({ id }) => id !== own.id)
  /** How old may be what a verdict rests on. */
  const reach = maxAge + Math.max(...[own, ...inputs].map(({ heartbeat }) => heartbeat ?? 0))

  function verdictOf(heard: HeardPoints, before: boolean, at: Moment): Verdict {
    const told = (point: Point) => knownOf(heard, point, at, maxAge)
    const sure = decide(point => {
      const known = told(point)
      return known?.certain ? known.value : undefined
    }, before)
    if (sure !== 'unknown' || [...heard.values()].every(({ certain }) => certain)) return sure
    return decide(point => told(point)?.value, false) === true || 'unknown'
  }

  const note = (memory: JointMemory, { readings, at }: Group): JointMemory => ({
    ...memory,
    heard: readings.reduce((heard, { reading, at }) => hear(heard, reading, at), memory.heard),
    pending: memory.pending && memory.pending.elapsed > at.elapsed ? memory.pending : at,
  })

  function settle(memory: JointMemory): JointMemory {
    const { heard, settled, beyond, decided, pending: at } = memory
    if (!at) return memory
    const verdict = verdictOf(heard, beyond, at)
    const lost =
      verdictOf(settled, beyond, at) === 'unknown' &&
      (verdict === false || at.elapsed - decided.elapsed > maxAge)
    return { ...takeSide(memory, verdict, at, lost), settled: heard, pending: undefined }
  }

  return {
    inputs,
    span: () => (onDelay === 0 && offDelay === 0 ? 0 : Math.max(onDelay, offDelay) + 2 * reach),
    begin({ at, firingSince, recent }) {
      const groups = groupsOf(recent, at)
      const later = groups.filter(group => !firingSince || group.at.elapsed > firingSince.elapsed)
      const none: HeardPoints = new Map()
      const side = firstSide(firingSince !== undefined, firingSince, at)
      let memory: JointMemory = { ...side, heard: none, settled: none, pending: undefined }
      for (const group of groups.slice(0, groups.length - later.length)) memory = note(memory, group)
      if (firingSince) {
        const shown = verdictOf(memory.heard, true, firingSince)
        // What does not show the alert at its beginning is what the store has from before: it says nothing of its end.
        const heard = shown === false ? none : memory.heard
        memory = { ...memory, heard, settled: heard, pending: undefined }
      }
      for (const group of later) memory = settle(note(memory, group))
      return memory
    },
    read: (memory, reading, at) => note(memory, { readings: [{ reading, at }], at }),
    pass(memory, at) {
      const settled = settle(memory)
      const { heard, beyond, known } = settled
      // With age what is known becomes unknown, and nothing else: it need not be looked at again.
      return known && verdictOf(heard, beyond, at) !== beyond ? { ...settled, known: false } : settled
    },
    judge: ({ heard, beyond, known, since }) => ({
      verdict: known ? beyond : 'unknown',
      since,
      value: heard.get(own.id)?.value ?? null,
      ...(beside && { beside: beside(heard) }),
    }),
    describe,
  }
}
