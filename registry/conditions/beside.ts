import { z } from 'zod'
import { POINT_BESIDE_PATTERN, pointIdBeside } from '../../model/point-id.ts'
import type { Path } from '../source.ts'
import type { Misfit, Watched } from './declaration.ts'

/** Another point that a condition reads, named so that it fits each point of a selector. */
export const pointBeside = z
  .string()
  .regex(POINT_BESIDE_PATTERN, 'write a point as <point>, <device>/<point> or <site>/<device>/<point>')
  .describe('Another point: <point> of the same device, <device>/<point> of the same site, or its whole id.')

/** The point that is meant, or what is wrong with its name; `path` is where it stands in the condition. */
export function findBeside(
  named: string,
  point: Watched,
  points: ReadonlyMap<string, Watched>,
  path: Path,
): Watched | Misfit {
  const id = pointIdBeside(named, point)
  return points.get(id) ?? { path, message: `there is no point ${id}` }
}
