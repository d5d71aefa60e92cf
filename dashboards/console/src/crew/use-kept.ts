import { useCallback, useEffect, useState } from 'preact/hooks'
import { ApiError } from '../api/client.ts'
import type { Answer } from './answer.ts'
import { ask } from './ask.ts'

export interface Kept<T> {
  answer: Answer<T> | undefined
  /** Why the last request brought nothing, not even what was kept. */
  error: ApiError | undefined
  reload(): void
}

const RETRY_MS = 20_000

/**
 * Reads an address again every `refreshMs`, and at once when there may be news: the network is back, the page is
 * looked at again, or the service worker begins to keep what comes.
 */
export function useKept<T>(path: string | undefined, refreshMs = Number.POSITIVE_INFINITY): Kept<T> {
  const [found, setFound] = useState<{ path: string; answer?: Answer<T>; error?: ApiError }>()
  const [turn, setTurn] = useState(0)
  const reload = useCallback(() => setTurn(count => count + 1), [])

  useEffect(() => {
    if (path === undefined) return
    let gone = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const take = (answer?: Answer<T>, error?: ApiError) => {
      if (gone) return
      setFound(before => ({
        path,
        answer: answer ?? (before?.path === path ? before.answer : undefined),
        error,
      }))
      const wait = answer && !answer.kept ? refreshMs : Math.min(refreshMs, RETRY_MS)
      if (wait !== Number.POSITIVE_INFINITY) timer = setTimeout(reload, wait)
    }
    ask<T>(path).then(take, error => {
      if (!(error instanceof ApiError)) throw error
      take(undefined, error)
    })
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [path, refreshMs, turn, reload])

  useEffect(() => {
    const look = () => document.visibilityState === 'visible' && reload()
    addEventListener('online', reload)
    addEventListener('offline', reload)
    document.addEventListener('visibilitychange', look)
    navigator.serviceWorker?.addEventListener('controllerchange', reload)
    return () => {
      removeEventListener('online', reload)
      removeEventListener('offline', reload)
      document.removeEventListener('visibilitychange', look)
      navigator.serviceWorker?.removeEventListener('controllerchange', reload)
    }
  }, [reload])

  const current = found?.path === path ? found : undefined
  return { answer: current?.answer, error: current?.error, reload }
}
