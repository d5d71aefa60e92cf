import { useEffect } from 'preact/hooks'
import type { WinterEntry } from '../api/types.ts'
import { read, write } from '../preferences.ts'
import { type OwnEntry, ownEntries } from './own-entries.ts'
import type { Actor } from './use-actor.ts'
import { useKept } from './use-kept.ts'

const KEY = 'crew.entries'
const REFRESH_MS = 600_000
const DAY_MS = 86_400_000

interface Answer {
  to: string
  entries: WinterEntry[]
}

/**
 * What the person has noted in the last 24 hours. Their own entries, and no others, are kept on the phone for when
 * there is no network, until the session ends.
 */
export function useOwnEntries({ now: actor, last }: Actor): { entries: OwnEntry[]; reload(): void } {
  const { answer, reload } = useKept<Answer>(
    actor ? `/v1/winter-service/entries?author=${encodeURIComponent(actor)}` : undefined,
    REFRESH_MS,
  )
  useEffect(() => {
    if (actor === null) write(KEY, '')
    if (!actor || !answer) return
    write(KEY, JSON.stringify({ actor, entries: recentOf(answer.data, actor) }))
  }, [actor, answer])
  return { entries: actor && answer ? recentOf(answer.data, actor) : keptOf(last), reload }
}

/** What the hub has told up to its own time: the phone's is not known before the first answer. */
function recentOf({ to, entries }: Answer, actor: string): OwnEntry[] {
  const from = Date.parse(to) - DAY_MS
  return ownEntries(entries, actor).filter(({ fact }) => Date.parse(fact.time) >= from)
}

function keptOf(actor: string | null | undefined): OwnEntry[] {
  const kept: { actor: string; entries: OwnEntry[] } = JSON.parse(read(KEY) || '{}')
  return actor && kept.actor === actor ? kept.entries : []
}
