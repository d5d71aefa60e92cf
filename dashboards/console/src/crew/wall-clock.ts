const DAY_MS = 86_400_000

/** The time of day of an instant by this device: 04:35. */
export function wallTime(time: number): string {
  const date = new Date(time)
  return [date.getHours(), date.getMinutes()].map(part => String(part).padStart(2, '0')).join(':')
}

/** The last instant, not after `now`, at which a clock of this device showed a time of day; undefined for no time of day. */
export function latestAt(text: string, now: number): number | undefined {
  const [, hours, minutes] = /^(\d\d):(\d\d)/.exec(text) ?? []
  if (hours === undefined || minutes === undefined) return undefined
  const date = new Date(now)
  date.setHours(Number(hours), Number(minutes), 0, 0)
  if (date.getTime() <= now) return date.getTime()
  date.setTime(date.getTime() - DAY_MS)
  date.setHours(Number(hours), Number(minutes), 0, 0)
  return date.getTime()
}
