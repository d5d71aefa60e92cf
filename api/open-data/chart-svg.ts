import { escapeHtml } from '../page.ts'

type Series = Record<string, Record<string, number>>

const [WIDTH, HEIGHT] = [720, 240]
const PLOT = { left: 70, right: 580, top: 12, bottom: 210 }
/** How many series the style tells apart. */
const STYLES = 4

/**
 * Series over the same `x` as lines, each named at its end; needs no script. Its values belong into a table beside it.
 * @param label what a screen reader says of it
 */
export function chartSvg(series: Series, label: string, show: (value: number) => string): string {
  const xs = xsOf(series)
  const most = Math.max(...Object.values(series).flatMap(points => Object.values(points)), 0) || 1
  const x = (at: number) => PLOT.left + ((PLOT.right - PLOT.left) * at) / Math.max(1, xs.length - 1)
  const y = (value: number) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * value) / most
  const lines = Object.entries(series).map(([, points], n) => {
    let pen = 'M'
    const path = xs.map((name, at) => {
      const value = points[name]
      // A point by itself is a dot: a line of no length with round ends.
      const step = value === undefined ? '' : `${pen}${x(at).toFixed(1)} ${y(value).toFixed(1)}h0`
      pen = value === undefined ? 'M' : 'L'
      return step
    })
    return `<path class="s${n % STYLES}" d="${path.join('')}"/>`
  })
  const axis = [0, most / 2, most].map(
    value =>
      `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(value)}" y2="${y(value)}"/>` +
      `<text x="${PLOT.left - 6}" y="${y(value) + 4}" text-anchor="end">${escapeHtml(show(value))}</text>`,
  )
  const ends = [0, xs.length - 1].map(
    at =>
      `<text x="${x(at)}" y="${HEIGHT - 8}" text-anchor="${at === 0 ? 'start' : 'end'}">${escapeHtml(xs[at] ?? '')}</text>`,
  )
  const names = Object.keys(series).map((name, n) => {
    const at = PLOT.top + 8 + n * 20
    return (
      `<path class="s${n % STYLES}" d="M${PLOT.right + 14} ${at}h26"/>` +
      `<text x="${PLOT.right + 46}" y="${at + 4}">${escapeHtml(name)}</text>`
    )
  })
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}">${[...axis, ...ends, ...lines, ...names].join('')}</svg>`
}

/** Every `x` of any series, in their order. */
export function xsOf(series: Series): string[] {
  return [...new Set(Object.values(series).flatMap(points => Object.keys(points)))].sort()
}
