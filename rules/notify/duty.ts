import type { Rota } from '../../registry/on-call-schema.ts'

/** Who of a rota is on duty at an instant, ms UTC; nobody out of its season. */
export function onDuty(rota: Rota, now: number, timeZone: string): readonly string[] {
  const local = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDateTime()
  // Local times of one form compare as texts.
  const at = local.toString({ smallestUnit: 'minute' })
  const holds = ({ from, to }: { from: string; to: string }) => from <= at && at < to
  if (!holds(rota)) return []
  const standIns = Map.groupBy(rota.replacements.filter(holds), replacement => replacement.for)
  const forAll = standIns.get(undefined)
  const planned = rota.turns ? [turnOf(rota.turns, rota.from, local)] : peopleOf(rota.shifts.filter(holds))
  const present = planned.flatMap(person => {
    const own = standIns.get(person)
    if (own) return peopleOf(own)
    return forAll ? [] : [person]
  })
  return [...new Set([...present, ...peopleOf(forAll ?? [])])]
}

function turnOf(
  { people, days }: NonNullable<Rota['turns']>,
  from: string,
  local: Temporal.PlainDateTime,
): string {
  const since = Temporal.PlainDateTime.from(from).until(local, { largestUnit: 'day' }).days
  return people[Math.floor(since / days) % people.length]!
}

function peopleOf(shifts: readonly { person: string }[]): string[] {
  return shifts.map(({ person }) => person)
}
