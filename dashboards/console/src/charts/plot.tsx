import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { useWidth } from '../components/width.ts'
import { type Paint, paintOf, useScheme } from './paint.ts'

export type PlotOptions = Omit<uPlot.Options, 'width' | 'height'>

interface PlotProps {
  /** What the drawing shows, for those who do not see it. */
  label: string
  data: uPlot.AlignedData
  height: number
  /** Stable as long as the drawing is the same. */
  build(paint: Paint): PlotOptions
}

/** A uPlot drawing as wide as its place, in the colours of the theme. */
export function Plot({ label, data, height, build }: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const width = useWidth(place)
  const scheme = useScheme()
  useEffect(() => {
    if (width === 0) return
    const plot = new uPlot({ ...build(paintOf(place.current!)), width, height }, data, place.current!)
    return () => plot.destroy()
  }, [build, data, width, height, scheme])
  return <div class="plot" role="img" aria-label={label} ref={place} style={{ minHeight: `${height}px` }} />
}

const FONT = '12px "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif'

/** An axis in the quiet colours of the page. */
export function quietAxis(paint: Paint, axis: uPlot.Axis): uPlot.Axis {
  return {
    font: FONT,
    stroke: paint.color('--ink-soft'),
    grid: { stroke: paint.color('--line'), width: 1 },
    ticks: { show: false },
    ...axis,
  }
}

/** A press of the pointer where something is drawn. */
export function pressed(onPress: (index: number) => void): uPlot.Plugin {
  return {
    hooks: {
      init: plot => {
        plot.over.style.cursor = 'pointer'
        plot.over.addEventListener('click', () => {
          const { idx } = plot.cursor
          if (idx !== null && idx !== undefined) onPress(idx)
        })
      },
    },
  }
}

/** Text beside the pointer: the first line is what it stands on. */
export function tooltip(linesAt: (index: number) => string[]): uPlot.Plugin {
  const box = document.createElement('div')
  box.className = 'plot-tooltip'
  return {
    hooks: {
      init: plot => plot.over.append(box),
      setCursor: plot => {
        const { idx, left = -1 } = plot.cursor
        box.hidden = left < 0 || idx === null || idx === undefined
        if (box.hidden) return
        box.replaceChildren(
          ...linesAt(idx!).map(line => Object.assign(document.createElement('div'), { textContent: line })),
        )
        const shift = left > plot.over.clientWidth / 2 ? `calc(${left - 12}px - 100%)` : `${left + 12}px`
        box.style.transform = `translate(${shift}, 4px)`
      },
    },
  }
}
