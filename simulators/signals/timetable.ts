import type { Site } from '../../registry/schema.ts'

type Use = NonNullable<Site['use']>

/** When a kind of building is in use; hours local, `close` exclusive. */
interface Timetable {
  open: number
  close: number
  /** Share of the full use on Saturdays, Sundays (and public holidays) and in the school holidays. */
  saturday: number
  sunday: number
  holidays: number
  /** Share outside the opening hours: people who live or watch there. */
  closed: number
}

const OFFICE: Timetable = { open: 8, close: 18, saturday: 0, sunday: 0, holidays: 0.7, closed: 0 }

const TIMETABLES: Readonly<Record<Use, Timetable>> = {
  college: { open: 7, close: 18, saturday: 0, sunday: 0, holidays: 0.08, closed: 0 },
  gymnasium: { open: 8, close: 22, saturday: 0.8, sunday: 0.5, holidays: 0.3, closed: 0 },
  archives: { open: 9, close: 18, saturday: 0, sunday: 0, holidays: 0.8, closed: 0 },
  depot: { open: 6, close: 17, saturday: 0.1, sunday: 0.05, holidays: 0.9, closed: 0 },
  offices: OFFICE,
  museum: { open: 9, close: 19, saturday: 1, sunday: 1, holidays: 1, closed: 0 },
  library: { open: 9, close: 19, saturday: 1, sunday: 0, holidays: 0.8, closed: 0 },
  'social-centre': { open: 8, close: 18, saturday: 0, sunday: 0, holidays: 0.8, closed: 0 },
  'fire-station': { open: 7, close: 20, saturday: 0.9, sunday: 0.9, holidays: 1, closed: 0.4 },
  laboratory: { open: 7, close: 19, saturday: 0.2, sunday: 0, holidays: 0.8, closed: 0.1 },
  'child-protection': { open: 6, close: 22, saturday: 1, sunday: 1, holidays: 1, closed: 0.4 },
  gendarmerie: { open: 7, close: 20, saturday: 0.9, sunday: 0.9, holidays: 1, closed: 0.4 },
  police: { open: 7, close: 20, saturday: 0.9, sunday: 0.9, holidays: 1, closed: 0.4 },
  shelter: { open: 6, close: 22, saturday: 1, sunday: 1, holidays: 1, closed: 0.4 },
  other: OFFICE,
}

/** How much of a building's full use there is in an hour, 0 to 1. `weekday` counts from Monday, 0. */
export function occupancy(use: Use, weekday: number, hour: number, holidays: boolean): number {
  const table = TIMETABLES[use]
  const share = weekday === 6 ? table.sunday : weekday === 5 ? table.saturday : 1
  if (hour < table.open || hour >= table.close) return table.closed
  // People come and go: the first and the last hour count half.
  const edge = hour === table.open || hour === table.close - 1 ? 0.5 : 1
  return Math.max(table.closed, share * edge * (holidays ? table.holidays : 1))
}

/** Fixed public holidays and the usual weeks of the French school holidays, as month × 100 + day. */
const PUBLIC_HOLIDAYS: ReadonlySet<number> = new Set([101, 501, 508, 714, 815, 1101, 1111, 1225])
const SCHOOL_HOLIDAYS: readonly (readonly [from: number, to: number])[] = [
  [101, 104],
  [214, 301],
  [411, 426],
  [705, 831],
  [1018, 1102],
  [1220, 1231],
]

export function isPublicHoliday(month: number, day: number): boolean {
  return PUBLIC_HOLIDAYS.has(month * 100 + day)
}

export function isSchoolHoliday(month: number, day: number): boolean {
  const date = month * 100 + day
  return SCHOOL_HOLIDAYS.some(([from, to]) => date >= from && date <= to)
}
