import { periodsBetween } from '../../model/calendar.ts'
import type { ConsumptionFigure } from '../../model/figure.ts'
import { DAY_MS } from '../../model/time.ts'
import type { Registry } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import { building, meter, registry } from '../../test/fluids/territory.ts'

export const TIME_ZONE = 'Europe/Paris'
const LAST_DAY = Date.UTC(2026, 10, 20)

export interface Size {
  buildings: number
  meters: number
  years: number
}

const FLUIDS = [
  { fluid: 'electricite', unit: 'kW.h' },
  { fluid: 'gaz', unit: 'kW.h' },
  { fluid: 'eau', unit: 'm3' },
  { fluid: 'chaleur', unit: 'kW.h' },
] as const

export function idOf(building: number): string {
  return `batiment-${String(building).padStart(4, '0')}`
}

/** Buildings that are open data, each with meters of one fluid after the other. */
export function territoryOf({ buildings, meters }: Size): Registry {
  return registry(
    Array.from({ length: buildings }, (_, n) => building(idOf(n), { name: `Bâtiment n° ${n}` })),
    Array.from({ length: meters }, (_, n) =>
      meter(`compteur-${n}`, idOf(n % buildings), FLUIDS[Math.floor(n / buildings) % FLUIDS.length]),
    ),
    TIME_ZONE,
  )
}

/** The days that there are figures of, and some that come afterwards, one by one. */
export function daysOf({ years }: Size) {
  const from = LAST_DAY - years * 365.25 * DAY_MS
  const days = periodsBetween('day', from, LAST_DAY, TIME_ZONE)
  const later = periodsBetween('day', LAST_DAY, LAST_DAY + 100 * DAY_MS, TIME_ZONE)
  return { history: days.slice(0, -1), next: [days.at(-1)!, ...later].values() }
}

/** Figures of every day of each meter, of which one in fifty is known in part only. */
export async function fillFigures(
  figures: FigureStore,
  { meters }: Pick<Registry, 'meters'>,
  days: readonly { start: number; end: number }[],
): Promise<void> {
  for (const [n, id] of [...meters.keys()].entries()) {
    const all = days.map(({ start, end }, day): ConsumptionFigure => {
      const isWhole = (n + day) % 50 !== 0
      return {
        start,
        end,
        amount: 1000 + ((n * 7 + day * 13) % 997),
        coveredMs: isWhole ? end - start : 0,
        readings: 144,
      }
    })
    await figures.replace(id, 'day', days[0]!.start, days.at(-1)!.end, all)
  }
}
