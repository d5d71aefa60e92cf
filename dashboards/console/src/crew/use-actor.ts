import { useEffect } from 'preact/hooks'
import type { Session } from '../api/types.ts'
import { read, write } from '../preferences.ts'
import { useKept } from './use-kept.ts'

const KEY = 'crew.actor'
const REFRESH_MS = 60_000

export interface Actor {
  /** As the hub says now; undefined where it cannot be asked. */
  now: string | null | undefined
  /** As it said at last, also on an earlier day; undefined where it never did. */
  last: string | null | undefined
  reload(): void
}

/** Whose session this browser has. */
export function useActor(): Actor {
  const { answer, error, reload } = useKept<Session>('/v1/session', REFRESH_MS)
  const actor = answer?.data.actor
  useEffect(() => {
    if (actor !== undefined) write(KEY, actor ?? '')
  }, [actor])
  const remembered = read(KEY)
  return {
    now: error ? undefined : actor,
    last: actor ?? (answer || remembered === '' ? null : (remembered ?? undefined)),
    reload,
  }
}
