import { useEffect } from 'preact/hooks'
import type { WinterEntry } from '../api/types.ts'
import { read, write } from '../preferences.ts'
import { type OwnEntry, ownEntries } from './own-entries.ts'
import type { Actor } from './use-actor.ts'
import { useKept } from './use-kept.ts'

const KEY = 'crew.entries'
const REFRESH_MS = 600_000

/**
 * What the person has noted in the last 24 hours, by the hub's clock, which the phone does not know yet. Their own entries, and no others, are kept on the phone for when
 * there is no network, until the session ends.
 */
export function useOwnEntries({ now: actor, last }: Actor): { entries: OwnEntry[]; reload(): void } {
  const { answer, reload } = useKept<{ entries: WinterEntry[] }>(
    actor ? `/v1/winter-service/entries?author=${encodeURIComponent(actor)}` : undefined,
    REFRESH_MS,
  )
  useEffect(() => {
    if (actor === null) write(KEY, '')
    if (!actor || !answer) return
    write(KEY, JSON.stringify({ actor, entries: ownEntries(answer.data.entries, actor) }))
  }, [actor, answer])
  return { entries: actor && answer ? ownEntries(answer.data.entries, actor) : keptOf(last), reload }
}

function keptOf(actor: string | null | undefined): OwnEntry[] {
  const kept: { actor: string; entries: OwnEntry[] } = JSON.parse(read(KEY) || '{}')
  return actor && kept.actor === actor ? kept.entries : []
}
