import type { RoadStateHistory } from '../api/types.ts'
import { STATE_TONES } from './road-state.ts'
import { useSpeech } from './speech.ts'

const WIDTH = 240
const HEIGHT = 12
/** What is clear is a thin line, and what is unknown is hatched: not by colour alone. */
const CLEAR_HEIGHT = 3
const HATCH = 6

/** The states of a road over twelve hours. */
export function StateBands({ road: { bands } }: { road: RoadStateHistory }) {
  const [from, to] = [Date.parse(bands[0]!.from), Date.parse(bands.at(-1)!.to)]
  const x = (time: string) => ((Date.parse(time) - from) * WIDTH) / (to - from)
  return (
    <svg class="crew-bands crew-states" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {bands.map(band => {
        const [left, right] = [x(band.from), x(band.to)]
        if (band.state === 'unknown') return <path key={band.from} d={hatched(left, right)} />
        const height = band.state === 'clear' ? CLEAR_HEIGHT : HEIGHT
        return (
          <rect
            key={band.from}
            class={`tone-${STATE_TONES[band.state]}`}
            x={left}
            y={HEIGHT - height}
            width={right - left}
            height={height}
          />
        )
      })}
    </svg>
  )
}

/** The same in words, the newest first. */
export function StateWords({ road: { bands } }: { road: RoadStateHistory }) {
  const { t, format } = useSpeech()
  return (
    <ol>
      {bands.toReversed().map(({ from, to, state }) => (
        <li key={from}>
          {t.bands.span(format.clock(from), format.clock(to))} <strong>{t.roads.states[state]}</strong>
        </li>
      ))}
    </ol>
  )
}

function hatched(left: number, right: number): string {
  const lines = []
  for (let x = left; x < right; x += HATCH) {
    const width = Math.min(HATCH, right - x)
    lines.push(`M${x.toFixed(1)} ${HEIGHT}l${width.toFixed(1)} ${((-HEIGHT * width) / HATCH).toFixed(1)}`)
  }
  return lines.join('')
}
