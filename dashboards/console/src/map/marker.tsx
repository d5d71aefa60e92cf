import type { Severity } from '../../../../model/alert.ts'
import type { SiteKind, SiteState } from '../api/types.ts'

export interface MarkerLook {
  kind: SiteKind
  state: SiteState
  severity?: Severity | null
}

const SHAPES: Record<SiteKind, string> = {
  building: 'M-8-8H8V8H-8Z',
  'road-station': 'M0-10.5 10.5 8H-10.5Z',
  'traffic-counter': 'M0-9A9 9 0 1 1 0 9A9 9 0 1 1 0-9Z',
  'street-lighting': 'M0-10.5 10.5 0 0 10.5-10.5 0Z',
  'vehicle-fleet': 'M-9.5-5.5-5.5-9.5H5.5L9.5-5.5V5.5L5.5 9.5H-5.5L-9.5 5.5Z',
}

/** The triangle's weight lies low. */
const GLYPH_SHIFT: Record<SiteKind, number> = {
  building: 4.5,
  'road-station': 5.5,
  'traffic-counter': 4.5,
  'street-lighting': 4.5,
  'vehicle-fleet': 4.5,
}

/** A site as a shape for its kind, and a colour with an outline and a sign for its state; never a colour alone. */
export function Marker({ kind, state, severity }: MarkerLook) {
  const tone = state === 'alert' ? (severity ?? 'info') : state
  const glyph = state === 'alert' ? '!' : state === 'unknown' ? '?' : ''
  return (
    <g class={`marker marker-${tone}`}>
      {state === 'alert' && <path class="marker-ring" d={SHAPES[kind]} transform="scale(1.42)" />}
      <path class="marker-shape" d={SHAPES[kind]} />
      {glyph && (
        <text class="marker-glyph" y={GLYPH_SHIFT[kind]} text-anchor="middle">
          {glyph}
        </text>
      )}
    </g>
  )
}

/** The marker by itself, for legends and lists; its meaning stands beside it in words. */
export function MarkerIcon(look: MarkerLook) {
  return (
    <svg class="marker-icon" viewBox="-15 -15 30 30" aria-hidden="true">
      <Marker {...look} />
    </svg>
  )
}
