import type { ForecastHour } from './forecast-hours.ts'

const HOUR_WIDTH = 40
const HEIGHT = 16
const FALLING_HEIGHT = 5
const COLD_HEIGHT = { unknown: HEIGHT, frost: HEIGHT, near: HEIGHT / 2 }
/** Frost is near, °C: as for a station of which nothing is known (docs/rules.md). */
const NEAR = 3

/** How cold each hour is, and under it where something falls. The words beside it say the same. */
export function ForecastBands({ hours }: { hours: readonly ForecastHour[] }) {
  return (
    <svg class="crew-bands" viewBox={`0 0 ${hours.length * HOUR_WIDTH} ${HEIGHT}`} aria-hidden="true">
      {hours.map((hour, index) => {
        const cold = coldOf(hour)
        const place = { x: index * HOUR_WIDTH, width: HOUR_WIDTH }
        return (
          <g key={hour.start}>
            {cold && <rect class={`cold-${cold}`} {...place} height={COLD_HEIGHT[cold]} />}
            {(hour.precipitation ?? 0) > 0 && (
              <rect class="falls" {...place} y={HEIGHT - FALLING_HEIGHT} height={FALLING_HEIGHT} />
            )}
          </g>
        )
      })}
    </svg>
  )
}

function coldOf({ air, surface }: ForecastHour): keyof typeof COLD_HEIGHT | undefined {
  const known = [air, surface].filter(value => value !== null)
  if (known.length === 0) return 'unknown'
  const lowest = Math.min(...known)
  return lowest <= 0 ? 'frost' : lowest < NEAR ? 'near' : undefined
}
