import { useMemo, useRef, useState } from 'preact/hooks'
import type { Site, SiteKind, Territory } from '../api/types.ts'
import { useWidth } from '../components/width.ts'
import { useSpeech } from '../i18n/language.ts'
import { type Box, placeLabels, type Spot, spread } from './layout.ts'
import { Marker, MarkerIcon } from './marker.tsx'
import { fitProjection, type Size } from './projection.ts'

const MARGIN = 34
const MARKER_RADIUS = 12
const MARKER_DISTANCE = 31
const LARGEST_SCALE = 8
const RANK = { alert: 0, unknown: 1, normal: 2 }

interface View {
  scale: number
  /** What of the unscaled drawing stands in the middle, as an offset from its middle. */
  x: number
  y: number
}

const WHOLE: View = { scale: 1, x: 0, y: 0 }

/** The territory and its sites, drawn from the registry alone: no tiles, no other host. */
export function TerritoryMap({ territory, sites }: { territory: Territory; sites: Site[] }) {
  const { t, say } = useSpeech()
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const height = Math.round(Math.min(Math.max(width * 0.78, 300), 620))
  const [view, setView] = useState(WHOLE)
  const [hovered, setHovered] = useState<string>()
  const drag = useRef<{ x: number; y: number; view: View } | undefined>(undefined)

  const projection = useMemo(() => {
    const places = sites.map(({ position }): [number, number] => [position.lon, position.lat])
    return fitProjection([...territory.outline.flat(), ...places], { width, height }, MARGIN)
  }, [territory, sites, width, height])

  const onScreen = ([x, y]: [number, number]): Spot => ({
    x: width / 2 + (x - width / 2 - view.x) * view.scale,
    y: height / 2 + (y - height / 2 - view.y) * view.scale,
  })
  const anchors = sites.map(({ position }) => onScreen(projection.place(position.lon, position.lat)))
  const spots = spread(anchors, MARKER_DISTANCE)
  const labels = labelsByUrgency(sites, spots, { width, height })
  const outline = territory.outline.map(ring =>
    ring.map(([lon, lat]) => onScreen(projection.place(lon, lat))),
  )

  const zoom = (factor: number) =>
    setView(({ scale, x, y }) => {
      const next = Math.min(Math.max(scale * factor, 1), LARGEST_SCALE)
      return next === 1 ? WHOLE : { scale: next, x, y }
    })
  const onPointerDown = (event: PointerEvent) => {
    if (view.scale > 1 && event.button === 0) drag.current = { x: event.clientX, y: event.clientY, view }
  }
  const onPointerMove = (event: PointerEvent) => {
    const from = drag.current
    if (!from) return
    const x = from.view.x - (event.clientX - from.x) / from.view.scale
    const y = from.view.y - (event.clientY - from.y) / from.view.scale
    setView({ scale: from.view.scale, x: clamp(x, width / 2), y: clamp(y, height / 2) })
  }
  const onPointerEnd = () => {
    drag.current = undefined
  }

  return (
    <section class="map" aria-label={t.map.label(say(territory.name))}>
      <a class="map-skip" href="#sites" data-leaves>
        {t.map.skip}
      </a>
      <div
        ref={frame}
        class={view.scale > 1 ? 'map-frame map-zoomed' : 'map-frame'}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerEnd}
        onPointerLeave={onPointerEnd}
      >
        {width > 0 && (
          // biome-ignore lint/a11y/noSvgWithoutTitle: the section has the name; a title would pop up over every marker
          <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
            <path class="map-outline" d={outline.map(pathOf).join('')} />
            <g>
              {anchors.map(({ x, y }, index) => {
                const spot = spots[index]!
                if (Math.hypot(spot.x - x, spot.y - y) < 3) return null
                return (
                  <g key={sites[index]!.id} class="map-leader">
                    <line x1={x} y1={y} x2={spot.x} y2={spot.y} />
                    <circle cx={x} cy={y} r="2.5" />
                  </g>
                )
              })}
            </g>
            {sites.map((site, index) => {
              const { x, y } = spots[index]!
              const label = labels[index]
              return (
                <a
                  key={site.id}
                  class="map-site"
                  href={`/sites/${site.id}`}
                  aria-label={t.map.site(site.name, t.kind[site.kind], t.siteState[site.state])}
                  onPointerEnter={() => setHovered(site.id)}
                  onPointerLeave={() => setHovered(undefined)}
                  onFocus={() => setHovered(site.id)}
                  onBlur={() => setHovered(undefined)}
                >
                  <g transform={`translate(${x} ${y})`}>
                    <circle class="map-target" r="18" />
                    <Marker kind={site.kind} state={site.state} severity={site.worstSeverity} />
                  </g>
                  {label && (
                    <text class="map-label" x={label.x} y={label.y} text-anchor={label.anchor}>
                      {site.name}
                    </text>
                  )}
                </a>
              )
            })}
          </svg>
        )}
        <ScaleBar pixelsPerKm={projection.pixelsPerKm * view.scale} />
        <Card
          site={sites.find(site => site.id === hovered)}
          spot={spots[sites.findIndex(site => site.id === hovered)]}
          width={width}
        />
        <div class="map-tools">
          <button type="button" onClick={() => zoom(1.6)} disabled={view.scale >= LARGEST_SCALE}>
            <span aria-hidden="true">+</span>
            <span class="visually-hidden">{t.map.zoomIn}</span>
          </button>
          <button type="button" onClick={() => zoom(1 / 1.6)} disabled={view.scale === 1}>
            <span aria-hidden="true">−</span>
            <span class="visually-hidden">{t.map.zoomOut}</span>
          </button>
          {view.scale > 1 && (
            <button type="button" onClick={() => setView(WHOLE)}>
              <span aria-hidden="true">⤢</span>
              <span class="visually-hidden">{t.map.reset}</span>
            </button>
          )}
        </div>
      </div>
      <Legend sites={sites} />
    </section>
  )
}

const CARD_WIDTH = 230

/** The name and the state of the site under the pointer or the focus, which its link says as well. */
function Card({ site, spot, width }: { site: Site | undefined; spot: Spot | undefined; width: number }) {
  const { t } = useSpeech()
  if (!site || !spot) return null
  const left = Math.min(Math.max(spot.x - CARD_WIDTH / 2, 4), Math.max(width - CARD_WIDTH - 4, 4))
  const place = spot.y > 90 ? `calc(${spot.y - 22}px - 100%)` : `${spot.y + 22}px`
  return (
    <div class="map-card" style={{ transform: `translate(${left}px, ${place})` }} aria-hidden="true">
      <strong>{site.name}</strong>
      {`${t.kind[site.kind]} · ${t.siteState[site.state]}`}
    </div>
  )
}

function ScaleBar({ pixelsPerKm }: { pixelsPerKm: number }) {
  const { t, format } = useSpeech()
  const km = [20, 10, 5, 2, 1, 0.5].find(length => length * pixelsPerKm <= 120) ?? 0.2
  return (
    <div class="map-scale" style={{ width: `${km * pixelsPerKm}px` }} aria-hidden="true">
      {t.map.scale(format.exact(km))}
    </div>
  )
}

/** Of the kinds that there are here. */
function Legend({ sites }: { sites: readonly Site[] }) {
  const { t } = useSpeech()
  const kinds = (Object.keys(t.kind) as SiteKind[]).filter(kind => sites.some(site => site.kind === kind))
  const severities = ['critical', 'warning', 'info'] as const
  return (
    <div class="map-legend">
      <ul aria-label={t.map.legendKinds}>
        {kinds.map(kind => (
          <li key={kind}>
            <MarkerIcon kind={kind} state="normal" /> {t.kind[kind]}
          </li>
        ))}
      </ul>
      <ul aria-label={t.map.legendStates}>
        <li>
          <MarkerIcon kind="building" state="unknown" /> {t.siteState.unknown}
        </li>
        {severities.map(severity => (
          <li key={severity}>
            <MarkerIcon kind="building" state="alert" severity={severity} /> {t.severity[severity]}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Alerts get their names first, then the unknown. */
function labelsByUrgency(sites: Site[], spots: Spot[], size: Size) {
  const order = sites.map((_, index) => index)
  order.sort((a, b) => RANK[sites[a]!.state] - RANK[sites[b]!.state])
  const placed = placeLabels(
    order.map(index => ({ ...spots[index]!, name: sites[index]!.name })),
    size,
    MARKER_RADIUS,
    [toolsBox(size)],
  )
  return sites.map((_, index) => placed[order.indexOf(index)])
}

/** Where the buttons stand. */
function toolsBox({ width }: Size): Box {
  return { left: width - 60, right: width, top: 0, bottom: 160 }
}

function pathOf(ring: Spot[]): string {
  return `M${ring.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}Z`
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, -most), most)
}
