/**
 * The state of a road surface from what one station measures. Temperatures in °C. What is undefined is not known:
 * stale, faulty or never heard; it is never taken for harmless.
 */

/** From the gravest on: where several hold, the first one is told. */
export const ROAD_DANGERS = ['freezing-rain', 'ice', 'snow', 'hoar'] as const
export type RoadDanger = (typeof ROAD_DANGERS)[number]
/** Those, what may become one, what nobody can tell, and none. */
export const ROAD_STATES = [...ROAD_DANGERS, 'watch', 'unknown', 'clear'] as const
export type RoadState = (typeof ROAD_STATES)[number]

/** What sensors of the surface call it; after the codes of road weather stations. */
export const SURFACE_CONDITIONS = ['dry', 'moist', 'wet', 'salted', 'frost', 'slush', 'snow', 'ice'] as const
export const PRECIPITATION_TYPES = [
  'none',
  'drizzle',
  'rain',
  'sleet',
  'snow',
  'hail',
  'freezing-rain',
] as const

type Known<T> = T | undefined

export interface RoadEvidence {
  surface: Known<number>
  /** Where the water on the surface freezes, as its sensor finds it: salt lowers it. */
  freezing: Known<number>
  falling: Known<boolean>
  /** Whether there is water on the surface, in any form. */
  moist: Known<boolean>
  precipitation: Known<boolean>
  /** Air: its dew point over water, and its frost point over ice. */
  dewPoint: Known<number>
  frostPoint: Known<number>
  /** In the words of the sensors. */
  condition: Known<string>
  precipitationType: Known<string>
}

/** All in K. */
export interface RoadMargins {
  /** Above freezing from which on the surface is watched. */
  watch: number
  /** Above freezing from which on it is no danger any more. */
  clear: number
  /** Below the frost point of the air at which hoar forms. */
  hoar: number
  /** Above the dew point at which the surface may become moist. */
  dew: number
}

/**
 * The danger that holds at an instant. `hoarLasts` tells whether the surface has been cold enough for hoar for long
 * enough (see {@link formsHoar}). Undefined where none is known to hold.
 */
export function roadDanger(evidence: RoadEvidence, hoarLasts: boolean): Known<RoadDanger> {
  const { condition, precipitationType } = evidence
  const holds: Record<RoadDanger, boolean> = {
    'freezing-rain': precipitationType === 'freezing-rain',
    ice: condition === 'ice' || freezes(evidence) === true,
    snow: precipitationType === 'snow' || condition === 'snow' || condition === 'slush',
    hoar: condition === 'frost' || hoarLasts,
  }
  return ROAD_DANGERS.find(danger => holds[danger])
}

/** Whether water freezes on the surface, or is about to be there to freeze. Snow alone makes no ice. */
export function freezes(evidence: RoadEvidence): Known<boolean> {
  const { surface, freezing, moist, precipitation, condition, precipitationType } = evidence
  const isWet = condition === 'snow' ? false : moist
  const rains = precipitationType === 'snow' ? false : precipitation
  return all(isAtMost(surface, freezing ?? 0), any(isWet, rains))
}

/** Whether water falls on the road, or snow that melts there. */
export function wets({ precipitation, precipitationType, surface }: RoadEvidence): boolean {
  return precipitation === true && (precipitationType !== 'snow' || (surface !== undefined && surface > 0))
}

/** Whether the air's moisture freezes onto the surface. */
export function formsHoar(
  { surface, frostPoint }: RoadEvidence,
  { hoar }: Pick<RoadMargins, 'hoar'>,
): Known<boolean> {
  return all(isAtMost(surface, 0), isAtMost(surface, plus(frostPoint, -hoar)))
}

/** Whether ice may form soon. */
export function isToBeWatched(
  evidence: RoadEvidence,
  { watch, dew }: Pick<RoadMargins, 'watch' | 'dew'>,
): Known<boolean> {
  const { surface, freezing, falling, moist, dewPoint } = evidence
  return all(
    isAtMost(surface, (freezing ?? 0) + watch),
    falling,
    any(moist, isAtMost(surface, plus(dewPoint, dew))),
  )
}

/** Whether the surface is so warm that nothing freezes on it. */
export function isWarm(
  { surface, freezing }: RoadEvidence,
  { clear }: Pick<RoadMargins, 'clear'>,
): Known<boolean> {
  return surface === undefined ? undefined : surface >= (freezing ?? 0) + clear
}

/** Whether there is nothing that could freeze. */
export function isDry({ moist, precipitation }: RoadEvidence): Known<boolean> {
  const wet = any(moist, precipitation)
  return wet === undefined ? undefined : !wet
}

function plus(value: Known<number>, margin: number): Known<number> {
  return value === undefined ? undefined : value + margin
}

function isAtMost(value: Known<number>, limit: Known<number>): Known<boolean> {
  return value === undefined || limit === undefined ? undefined : value <= limit
}

/** Kleene: one that is false decides, whatever the others are. */
function all(...parts: Known<boolean>[]): Known<boolean> {
  if (parts.includes(false)) return false
  return parts.includes(undefined) ? undefined : true
}

/** Kleene: one that is true decides. */
function any(...parts: Known<boolean>[]): Known<boolean> {
  if (parts.includes(true)) return true
  return parts.includes(undefined) ? undefined : false
}
