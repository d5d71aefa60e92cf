import { z } from 'zod'
import { ALERT_CHANGES, SEVERITIES } from '../model/alert.ts'
import type { ForecastQuantity } from '../model/forecast.ts'
import { pointIdBeside } from '../model/point-id.ts'
import { duration } from './duration.ts'
import { readYaml } from './files.ts'
import { RegistryError, sortProblems } from './problem.ts'
import type { Point, Registry, Rule } from './registry.ts'
import { checkShape } from './shape.ts'
import { type Path, problemAt } from './source.ts'

const value = z.union(
  [z.number(), z.boolean(), z.string(), z.null()],
  'write a number, true, false, a text, or null',
)

/** °C; mm/h until the next step. */
const forecastValues = {
  'surface-temperature': z.number().optional(),
  'air-temperature': z.number().optional(),
  'dew-point': z.number().optional(),
  'precipitation-rate': z.number().min(0).optional(),
} satisfies Record<ForecastQuantity, unknown>

/** What rules hear, and what they are to tell: cases beside the rules, for `affluent rules test`. */
const caseSchema = z.strictObject({
  name: z.string().min(1),
  rule: z.string().min(1),
  point: z.string().min(1).describe('The point of the rule that the events are about.'),
  start: z
    .string()
    .refine(
      text => /T.*(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
      'write a time like 2026-12-04T04:00+01:00',
    )
    .describe('When it begins.'),
  readings: z
    .array(
      z.strictObject({
        at: duration.describe('Since the start.').prefault('0s'),
        for: duration.describe('How long the same is said again; without it, once.').optional(),
        every: duration.prefault('1min'),
        values: z
          .record(z.string(), value)
          .describe(
            'By point id, or by the name of a point of the same device, or by device and name of one of the same site; null is a bad reading. What was said before is said again.',
          ),
      }),
    )
    .min(1),
  forecasts: z
    .array(
      z.strictObject({
        at: duration.describe('When it is issued, and known, since the start.').prefault('0s'),
        source: z
          .string()
          .describe('By default the first source of the registry for the site of the point.')
          .optional(),
        steps: z
          .array(
            z.strictObject({
              at: duration.describe('Since the start. Temperatures lie on the line between two steps.'),
              ...forecastValues,
            }),
          )
          .min(1)
          .refine(
            steps => steps.every(({ at }, index) => index === 0 || at > steps[index - 1]!.at),
            'write the steps in the order of their times',
          ),
      }),
    )
    .describe('What is forecast for the site of the point; stale as its source says.')
    .default([]),
  until: duration.describe('Since the start; by default an hour after the last reading.').optional(),
  expect: z
    .array(
      z.strictObject({
        at: duration.describe('Since the start, to the minute.'),
        event: z.enum(['fired', ...ALERT_CHANGES, 'resolved']),
        phenomenon: z.string().optional(),
        severity: z.enum(SEVERITIES).optional(),
      }),
    )
    .describe('Every event, in order; none is none.'),
})
const casesSchema = z.strictObject({ cases: z.array(caseSchema).min(1) })

type CaseDocument = z.output<typeof caseSchema>

export interface RuleCase extends Omit<CaseDocument, 'rule' | 'point' | 'start' | 'forecasts'> {
  rule: Rule
  point: Point
  /** ms UTC */
  start: number
  forecasts: (CaseDocument['forecasts'][number] & { source: string })[]
  /** `file:line` of the case. */
  place: string
}

/**
 * Reads the cases of a file.
 * @throws RegistryError with everything that is wrong, by file and line
 */
export async function readRuleCases(file: string, registry: Registry): Promise<RuleCase[]> {
  const { source, problems } = await readYaml(file)
  if (problems.length > 0) throw new RegistryError(problems)
  const read = checkShape(casesSchema, source)
  if (!read.value) throw new RegistryError(sortProblems(read.problems))
  const wrong: { path: Path; message: string }[] = []
  const cases = read.value.cases.flatMap((each, index) => {
    const path: Path = ['cases', index]
    const rule = registry.rules.get(each.rule)
    const point = rule?.points.find(({ id }) => id === each.point)
    if (!rule) wrong.push({ path: [...path, 'rule'], message: `there is no rule ${each.rule}` })
    else if (!point)
      wrong.push({ path: [...path, 'point'], message: `${each.point} is no point of the rule ${each.rule}` })
    if (!rule || !point) return []
    let values: Record<string, z.output<typeof value>> = {}
    const readings = each.readings.map((reading, at) => {
      const said = Object.entries(reading.values).map(([name, said]) => {
        const id = pointIdBeside(name, point)
        if (!registry.points.has(id))
          wrong.push({ path: [...path, 'readings', at, 'values', name], message: `there is no point ${id}` })
        return [id, said] as const
      })
      values = { ...values, ...Object.fromEntries(said) }
      return { ...reading, values }
    })
    const sources = [...registry.forecasts.values()].filter(({ sites }) => sites.includes(point.site))
    const forecasts = each.forecasts.flatMap((forecast, at) => {
      const wanted = forecast.source
      const found = sources.find(({ id }) => wanted === undefined || id === wanted)
      if (found) return [{ ...forecast, source: found.id }]
      const message = `${wanted === undefined ? 'no source' : `no source ${wanted}`} of the forecasts is for ${point.site}`
      wrong.push({ path: [...path, 'forecasts', at], message })
      return []
    })
    const { file, line } = source.locate(path)
    return [
      { ...each, rule, point, readings, forecasts, start: Date.parse(each.start), place: `${file}:${line}` },
    ]
  })
  if (wrong.length > 0)
    throw new RegistryError(wrong.map(({ path, message }) => problemAt(source, path, message)))
  return cases
}
