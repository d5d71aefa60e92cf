import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { now } from '../clock.ts'
import { ApiError, get } from './client.ts'

/** What is known of an answer. `data` outlives a failed refresh: it is shown with its age. */
export interface Resource<T> {
  data: T | undefined
  /** When `data` came, ms UTC of the hub. */
  at: number | undefined
  /** Why the last request failed; gone as soon as one succeeds. */
  error: ApiError | undefined
  reload(): void
}

const FIRST_RETRY_MS = 2000
const LONGEST_RETRY_MS = 60_000
const MOST_KEPT = 200

/** Answers of this visit, newest last, so that going back shows at once what was there. */
const kept = new Map<string, { data: unknown; at: number }>()

/** Reads an address of the API, again every `refreshMs`. Without an address nothing is read. */
export function useResource<T>(path: string | undefined, refreshMs?: number): Resource<T> {
  return useLoaded<T>(path, () => get<T>(path!), refreshMs)
}

/**
 * Loads what the key stands for, again every `refreshMs`, and after a failure with growing delays or as soon as
 * the browser is online again.
 */
export function useLoaded<T>(
  key: string | undefined,
  load: () => Promise<T>,
  refreshMs?: number,
): Resource<T> {
  const [failure, setFailure] = useState<{ key: string; error: ApiError }>()
  const [turn, setTurn] = useState(0)
  const [, setArrivals] = useState(0)
  const loading = useRef(load)
  loading.current = load

  useEffect(() => {
    if (key === undefined) return
    let gone = false
    let failures = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const readIn = (delay: number) => {
      clearTimeout(timer)
      timer = setTimeout(read, delay)
    }
    const read = async () => {
      try {
        keep(key, await loading.current())
        if (gone) return
        failures = 0
        setFailure(undefined)
        setArrivals(count => count + 1)
        if (refreshMs !== undefined) readIn(refreshMs)
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        if (gone) return
        setFailure({ key, error })
        if (!isFinal(error)) readIn(Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS))
      }
    }
    const onOnline = () => readIn(0)
    addEventListener('online', onOnline)
    void read()
    return () => {
      gone = true
      clearTimeout(timer)
      removeEventListener('online', onOnline)
    }
  }, [key, refreshMs, turn])

  const reload = useCallback(() => setTurn(count => count + 1), [])
  const found = key === undefined ? undefined : kept.get(key)
  return {
    data: found?.data as T | undefined,
    at: found?.at,
    error: failure?.key === key ? failure?.error : undefined,
    reload,
  }
}

function keep(key: string, data: unknown): void {
  kept.delete(key)
  kept.set(key, { data, at: now() })
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!)
}

/** Asking again would bring the same answer: it is not there, or the question is wrong. */
function isFinal(error: ApiError): boolean {
  return error.status >= 400 && error.status < 500 && error.status !== 408 && error.status !== 429
}
