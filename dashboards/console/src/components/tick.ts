import { useEffect, useState } from 'preact/hooks'
import { now, onHubTime } from '../clock.ts'

/** The hub's time, drawn again every `everyMs`, so that ages grow while nothing arrives. */
export function useNow(everyMs: number): number {
  const [time, setTime] = useState(now)
  useEffect(() => {
    const draw = () => setTime(now())
    const timer = setInterval(draw, everyMs)
    const stop = onHubTime(draw)
    // The clock may have turned out to be off between the first drawing and this.
    setTime(drawn => (Math.abs(now() - drawn) > 1000 ? now() : drawn))
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [everyMs])
  return time
}
