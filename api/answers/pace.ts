/** Whether something may happen once more: at most so often within a time, by key. */
export function openPace({ most, within }: { most: number; within: number }) {
  const times = new Map<string, number[]>()
  return (key: string, now: number): boolean => {
    const recent = (times.get(key) ?? []).filter(time => now - time < within)
    const may = recent.length < most
    times.set(key, may ? [...recent, now] : recent)
    return may
  }
}
