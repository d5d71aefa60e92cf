import type { Rota } from '../../registry/on-call-schema.ts'

/** Who of a rota is on duty at an instant, ms UTC; nobody out of its season. */
export function onDuty(rota: Rota, now: number, timeZone: string): readonly string[] {
  const local = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDateTime()
  // Local times of one form compare as texts.
  const at = local.toString({ smallestUnit: 'minute' })
  const holds = ({ from, to }: { from: string; to: string }) => from <= at && at < to
  if (!holds(rota)) return []
  const replacements = rota.replacements.filter(holds)
  if (replacements.length > 0) return unique(replacements)
  if (!rota.turns) return unique(rota.shifts.filter(holds))
  const { people, days } = rota.turns
  const since = Temporal.PlainDateTime.from(rota.from).until(local, { largestUnit: 'day' }).days
  return [people[Math.floor(since / days) % people.length]!]
}

function unique(shifts: readonly { person: string }[]): string[] {
  return [...new Set(shifts.map(({ person }) => person))]
}
