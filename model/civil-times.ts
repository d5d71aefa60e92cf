/** Times of the civil calendar; without months, days or hours, all of them. */
export interface CivilTimes {
  /** 1 to 12 */
  months?: readonly number[] | undefined
  /** 1 (Monday) to 7 */
  days?: readonly number[] | undefined
  /** Civil times of the same day, like `22:00-06:00`, in quarters of an hour. */
  hours?: readonly string[] | undefined
}

/** Makes the function that tells whether a minute of a day is among some times. */
export function openCivilTimes({ months, days, hours }: CivilTimes) {
  const spans = hours?.map(minutesOf)
  return (month: number, weekday: number, minute: number): boolean =>
    (months?.includes(month) ?? true) &&
    (days?.includes(weekday) ?? true) &&
    (spans?.some(([from, to]) =>
      from < to ? from <= minute && minute < to : from <= minute || minute < to,
    ) ??
      true)
}

/** `22:00-06:00` in minutes of the day. */
function minutesOf(span: string): [number, number] {
  const [from, to] = span.split('-').map(time => {
    const [hours, minutes] = time.split(':').map(Number)
    return hours! * 60 + minutes!
  })
  return [from!, to!]
}
