import type { Severity } from '../../../../model/alert.ts'
import type { RoadStates, Site, Territory } from '../api/types.ts'
import { now } from '../clock.ts'
import { placeLabels, spread } from '../map/layout.ts'
import { Marker, type MarkerLook } from '../map/marker.tsx'
import { fitProjection } from '../map/projection.ts'
import type { Placed } from './order.ts'
import { STATE_TONES, shownRoads } from './road-state.ts'
import { useSpeech } from './speech.ts'
import { useKept } from './use-kept.ts'

const SIZE = { width: 360, height: 300 }
const MARGIN = 28
const RADIUS = 15
const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical']

interface RoadMapProps {
  placed: readonly Placed[]
  states: RoadStates | undefined
  sites: readonly Site[]
}

/** The stations and what is told of them, on the outline of the territory: it needs no network. The lists say the same. */
export function RoadMap({ placed, states, sites }: RoadMapProps) {
  const { t } = useSpeech()
  const outline = useKept<Territory>('/v1/territory').answer?.data.outline ?? []
  const told = new Set(placed.map(({ alert }) => alert.site))
  const shown = sites.filter(({ id, kind }) => kind === 'road-station' || told.has(id))
  if (shown.length === 0) return null
  const roads = states ? shownRoads(states, now()) : []
  const looks = shown.map(site => lookOf(site, placed, roads))
  const corners = [
    ...outline.flat(),
    ...shown.map(({ position: { lon, lat } }): [number, number] => [lon, lat]),
  ]
  const { place } = fitProjection(corners, SIZE, MARGIN)
  const at = (lon: number, lat: number) => {
    const [x, y] = place(lon, lat)
    return { x, y }
  }
  const spots = spread(
    shown.map(({ position: { lon, lat } }) => at(lon, lat)),
    2 * RADIUS,
  )
  const labels = placeLabels(
    spots.map((spot, i) => ({ ...spot, name: shown[i]!.name })),
    SIZE,
    RADIUS,
    [],
  )
  return (
    <section class="crew-outlook" aria-labelledby="map">
      <h2 id="map">{t.mapTitle}</h2>
      <svg class="crew-map" viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} aria-hidden="true">
        {outline.map(ring => (
          <path
            key={ring.join()}
            class="map-outline"
            d={`M${ring.map(([lon, lat]) => place(lon, lat).map(Math.round).join(' ')).join('L')}Z`}
          />
        ))}
        {shown.map(({ id, name }, i) => (
          <g key={id}>
            <g transform={`translate(${spots[i]!.x.toFixed(1)} ${spots[i]!.y.toFixed(1)})`}>
              <Marker {...looks[i]!} />
            </g>
            {labels[i] && (
              <text class="map-label" x={labels[i].x} y={labels[i].y} text-anchor={labels[i].anchor}>
                {name}
              </text>
            )}
          </g>
        ))}
      </svg>
      <p class="soft">{t.mapHint}</p>
    </section>
  )
}

/** By the gravest alert, or else by the state of its road; what nobody tells of is unknown. */
function lookOf(
  { id, kind }: Site,
  placed: readonly Placed[],
  roads: ReturnType<typeof shownRoads>,
): MarkerLook {
  const severities = placed.filter(({ alert }) => alert.site === id).map(({ alert }) => alert.severity)
  const severity = SEVERITIES.findLast(each => severities.includes(each))
  if (severity) return { kind, state: 'alert', severity }
  const road = roads.find(({ site }) => site === id)
  const tone = road ? STATE_TONES[road.shown] : 'unknown'
  if (tone === 'critical' || tone === 'warning') return { kind, state: 'alert', severity: tone }
  return { kind, state: tone }
}
