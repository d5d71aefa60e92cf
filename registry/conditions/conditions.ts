import { z } from 'zod'
import { absenceSchema, checkAbsence } from './absence.ts'
import { checkComparison, comparisonSchema } from './comparison.ts'
import { checkCongestion, congestionSchema } from './congestion.ts'
import { checkCountingFailure, countingFailureSchema } from './counting-failure.ts'
import type { Misfit, Watched } from './declaration.ts'
import { checkDeviation, deviationSchema } from './deviation.ts'
import { checkExpression, expressionSchema } from './expression.ts'
import { checkFinding, findingSchema } from './finding.ts'
import { checkGraded, gradedSchema } from './graded.ts'
import { checkHotWater, hotWaterSchema } from './hot-water.ts'
import { checkIceOutlook, iceOutlookSchema } from './ice-outlook.ts'
import { checkRateOfChange, rateOfChangeSchema } from './rate-of-change.ts'
import { checkRoadSurface, roadSurfaceSchema } from './road-surface.ts'
import { checkStuck, stuckSchema } from './stuck.ts'
import { checkThreshold, thresholdSchema } from './threshold.ts'

/** The kinds of conditions there are. */
export const conditionSchema = z.discriminatedUnion('type', [
  thresholdSchema,
  gradedSchema,
  comparisonSchema,
  expressionSchema,
  absenceSchema,
  rateOfChangeSchema,
  stuckSchema,
  deviationSchema,
  hotWaterSchema,
  findingSchema,
  roadSurfaceSchema,
  iceOutlookSchema,
  congestionSchema,
  countingFailureSchema,
])

/** What of a condition does not fit a point of its rule, `points` being all there are, by id. */
export function checkCondition(
  condition: z.output<typeof conditionSchema>,
  point: Watched,
  points: ReadonlyMap<string, Watched>,
): Misfit | undefined {
  switch (condition.type) {
    case 'threshold':
      return checkThreshold(point)
    case 'graded':
      return checkGraded(condition, point)
    case 'comparison':
      return checkComparison(condition, point, points)
    case 'expression':
      return checkExpression(condition, point, points)
    case 'absence':
      return checkAbsence(condition, point)
    case 'finding':
      return checkFinding(point)
    case 'hot-water':
      return checkHotWater(condition, point)
    case 'rate-of-change':
      return checkRateOfChange(condition, point)
    case 'stuck':
      return checkStuck(condition, point)
    case 'deviation':
      return checkDeviation(point)
    case 'congestion':
      return checkCongestion(condition, point, points)
    case 'counting-failure':
      return checkCountingFailure(condition, point, points)
    case 'road-surface':
      return checkRoadSurface(point, points)
    case 'ice-outlook':
      return checkIceOutlook(point, points)
  }
}
