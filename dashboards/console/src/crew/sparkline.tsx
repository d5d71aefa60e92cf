import type { Hour } from './hours.ts'

const WIDTH = 240
const HEIGHT = 60
const MARGIN = 4

/** The means of the hours, with a gap where nothing is known, and a line at zero. The table says the same in words. */
export function Sparkline({ hours }: { hours: readonly Hour[] }) {
  const means = hours.flatMap(({ mean }) => (mean === null ? [] : [mean]))
  const [low, high] = [Math.min(0, ...means), Math.max(0, ...means)]
  const x = (index: number) => MARGIN + (index * (WIDTH - 2 * MARGIN)) / Math.max(1, hours.length - 1)
  const y = (value: number) =>
    HEIGHT - MARGIN - ((value - low) * (HEIGHT - 2 * MARGIN)) / Math.max(1, high - low)
  const path = hours.map(({ mean }, index) => {
    if (mean === null) return ''
    const begins = index === 0 || hours[index - 1]!.mean === null
    return `${begins ? 'M' : 'L'}${x(index).toFixed(1)} ${y(mean).toFixed(1)}h.01`
  })
  return (
    <svg class="crew-sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path class="crew-zero" d={`M0 ${y(0)}H${WIDTH}`} />
      <path class="crew-curve" d={path.join('')} />
    </svg>
  )
}
