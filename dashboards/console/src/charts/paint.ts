import { useEffect, useState } from 'preact/hooks'

/** Canvas knows no custom properties: the colours of the theme in force, as the browser computes them. */
export interface Paint {
  color(property: string): string
  /** The colour as stripes, for what is incomplete. */
  stripes(property: string): CanvasPattern | string
  /** The colour as dots on the surface, for what was stated. */
  dots(property: string): CanvasPattern | string
}

export function paintOf(element: HTMLElement): Paint {
  const probe = document.createElement('span')
  const color = (property: string) => {
    probe.style.color = `var(${property})`
    element.append(probe)
    const computed = getComputedStyle(probe).color
    probe.remove()
    return computed
  }
  return {
    color,
    stripes: property => stripes(color(property)),
    dots: property => dots(color(property), color('--surface')),
  }
}

const STRIPE = 6

function stripes(color: string): CanvasPattern | string {
  const tile = document.createElement('canvas')
  tile.width = STRIPE
  tile.height = STRIPE
  const context = tile.getContext('2d')!
  context.strokeStyle = color
  context.lineWidth = 1.6
  context.beginPath()
  for (const shift of [-STRIPE, 0, STRIPE]) {
    context.moveTo(shift, STRIPE)
    context.lineTo(shift + STRIPE, 0)
  }
  context.stroke()
  return context.createPattern(tile, 'repeat') ?? color
}

function dots(color: string, ground: string): CanvasPattern | string {
  const tile = document.createElement('canvas')
  tile.width = STRIPE
  tile.height = STRIPE
  const context = tile.getContext('2d')!
  context.fillStyle = ground
  context.fillRect(0, 0, STRIPE, STRIPE)
  context.fillStyle = color
  context.beginPath()
  context.arc(STRIPE / 2, STRIPE / 2, STRIPE / 4, 0, 2 * Math.PI)
  context.fill()
  return context.createPattern(tile, 'repeat') ?? color
}

/** Changes with the theme, by the switch or by the system: charts are then drawn again. */
export function useScheme(): string {
  const [scheme, setScheme] = useState(readScheme)
  useEffect(() => {
    const follow = () => setScheme(readScheme())
    const system = matchMedia('(prefers-color-scheme: dark)')
    const forced = matchMedia('(forced-colors: active)')
    const switched = new MutationObserver(follow)
    system.addEventListener('change', follow)
    forced.addEventListener('change', follow)
    switched.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => {
      system.removeEventListener('change', follow)
      forced.removeEventListener('change', follow)
      switched.disconnect()
    }
  }, [])
  return scheme
}

function readScheme(): string {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches
  const forced = matchMedia('(forced-colors: active)').matches
  return `${document.documentElement.dataset.theme} ${dark} ${forced}`
}
