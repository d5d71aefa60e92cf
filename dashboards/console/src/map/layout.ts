import type { Size } from './projection.ts'

export interface Spot {
  x: number
  y: number
}

export interface Label extends Spot {
  anchor: 'start' | 'middle' | 'end'
}

/** In pixels. */
export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

const ROUNDS = 80

/** Moves markers apart until none hides another: those that stand alone stay where they are. */
export function spread(anchors: readonly Spot[], distance: number): Spot[] {
  const spots = anchors.map(({ x, y }, index) => ({
    // Sites at one address part in different directions, the same at every drawing.
    x: x + 0.01 * Math.cos(index),
    y: y + 0.01 * Math.sin(index),
  }))
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false
    for (const [i, a] of spots.entries()) {
      for (const b of spots.slice(i + 1)) {
        const [dx, dy] = [b.x - a.x, b.y - a.y]
        const gap = Math.hypot(dx, dy)
        if (gap >= distance) continue
        const push = (distance - gap) / 2 / gap
        a.x -= dx * push
        a.y -= dy * push
        b.x += dx * push
        b.y += dy * push
        moved = true
      }
    }
    if (!moved) break
  }
  return spots
}

const LETTER_WIDTH = 6.3
const LINE_HEIGHT = 15

/**
 * A label for each marker that has room for one, the first names first: to the right, to the left, below or
 * above, and never over a marker, another label, the edge or
 * what else is occupied.
 */
export function placeLabels(
  spots: readonly (Spot & { name: string })[],
  size: Size,
  radius: number,
  occupied: readonly Box[],
): (Label | undefined)[] {
  const taken = [...occupied, ...spots.map(({ x, y }) => around(x, y, 2 * radius, 2 * radius))]
  return spots.map(({ x, y, name }) => {
    const width = name.length * LETTER_WIDTH
    const reach = radius + 5
    const choices: [Label, Box][] = [
      [{ x: x + reach, y: y + 4, anchor: 'start' }, around(x + reach + width / 2, y, width, LINE_HEIGHT)],
      [{ x: x - reach, y: y + 4, anchor: 'end' }, around(x - reach - width / 2, y, width, LINE_HEIGHT)],
      [{ x, y: y + reach + 10, anchor: 'middle' }, around(x, y + reach + 6, width, LINE_HEIGHT)],
      [{ x, y: y - reach - 2, anchor: 'middle' }, around(x, y - reach - 6, width, LINE_HEIGHT)],
    ]
    const found = choices.find(
      ([, box]) => box.left >= 2 && box.right <= size.width - 2 && !taken.some(other => overlap(box, other)),
    )
    if (!found) return undefined
    taken.push(found[1])
    return found[0]
  })
}

function around(x: number, y: number, width: number, height: number): Box {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 }
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
