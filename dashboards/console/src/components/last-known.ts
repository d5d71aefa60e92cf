import { useRef } from 'preact/hooks'

/** The last value that was there: a chart stays until the next one has come, and the page does not jump. */
export function useLastKnown<T>(value: T | undefined): T | undefined {
  const last = useRef<T | undefined>(undefined)
  if (value !== undefined) last.current = value
  return last.current
}
