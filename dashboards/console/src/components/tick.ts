import { useEffect, useState } from 'preact/hooks'
import { now } from '../clock.ts'

/** The hub's time, drawn again every `everyMs`, so that ages grow while nothing arrives. */
export function useNow(everyMs: number): number {
  const [time, setTime] = useState(now)
  useEffect(() => {
    const timer = setInterval(() => setTime(now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return time
}
