import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { AlertEvent } from '../../model/alert.ts'
import { SEVERITIES } from '../../model/alert.ts'
import { instantOfLocalTime } from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import { DAY_MS } from '../../model/time.ts'
import type { LiveRegistry } from '../../registry/live.ts'
import { describePlace, RegistryError } from '../../registry/problem.ts'
import type { Registry, Rule } from '../../registry/registry.ts'
import { displayName } from '../../registry/source.ts'
import type { RecordStore } from '../../store/records.ts'
import { idParameter, instant, instantSchema, textSchema, valueSchema } from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { type CheckedRule, checkRemoval, checkRule, type RuleProblem } from './check-rule.ts'
import {
  fileForRules,
  findRule,
  isWritable,
  type RuleFile,
  readRuleFile,
  replaceFile,
  textHash,
} from './rule-files.ts'

export interface RuleRoutes {
  registry: Registry
  registryFiles: LiveRegistry
  records: RecordStore
  clock: Clock
  ruleTrials: RuleTrials
}

/** What the rules themselves know: how a rule would have done. */
export interface RuleTrials {
  /** Why nobody may change rules here; undefined: somebody may. */
  locked?: 'followed'
  /** What a rule of a registry would have told of a time, and what was told then. Rejects when the signal aborts. */
  /** The cases beside the registry that the rules of another one would not tell as expected. */
  failedCases(registry: Registry): Promise<FailedCase[]>
  preview(
    registry: Registry,
    span: { rule: string; from: number; to: number },
    signal: AbortSignal,
  ): Promise<RulePreview>
}

export interface RulePreview {
  would: ToldEvent[]
  did: ToldEvent[]
  /** Of how many points of the rule that is, and how many it has: one that has too many is looked at in part. */
  points: { done: number; all: number }
}

export interface FailedCase {
  /** `file:line` */
  place: string
  name: string
  /** `+30min fired ice critical`, in order. */
  expected: string[]
  told: string[]
}

export interface ToldEvent {
  point: string
  type: AlertEvent['type']
  /** ms UTC */
  time: number
  severity: string
  phenomenon?: string
  value: AlertEvent['alert']['lastValue']
}

const tags = ['rules']
const MOST_ALERTS = 10_000
const LONGEST_PREVIEW_MS = 31 * DAY_MS
/** As long as many lines as a rule could sensibly have. */
const ruleText = z.string().min(1).max(50_000).describe('The rule in YAML, as in the registry, by itself')

const ruleFields = {
  id: z.string(),
  name: textSchema,
  condition: z.string().describe('The kind of its condition'),
  severity: z.enum(SEVERITIES),
  points: z.int().describe('How many it watches'),
  active: z.int().describe('Its alerts that are live'),
  shelved: z.int().describe('Of those, how many are shelved'),
  outOfService: z
    .boolean()
    .describe('Whether it is, by itself or with one of its points, out of service now'),
}

const ruleProblem = z
  .strictObject({
    file: z.string().nullable().describe('Where it is not in the rule itself'),
    line: z.int().nullable().describe('Of the rule, or of that file; from 1'),
    column: z.int().nullable(),
    path: z.string(),
    message: textSchema,
  })
  .meta({ id: 'RuleProblem' })

const effects = z
  .strictObject({
    points: z.array(z.string()),
    alertsKept: z.int().describe('Live alerts that stay, or end by the changed rule'),
    alertsEnded: z.int().describe('Live alerts that are resolved because nothing looks at them any more'),
  })
  .describe('What it would change')

const checked = z.strictObject({ problems: z.array(ruleProblem), effects: effects.nullable() })

const told = z.strictObject({
  point: z.string(),
  type: z.string(),
  time: instantSchema,
  severity: z.string(),
  phenomenon: z.string().nullable(),
  value: valueSchema,
})

const saved = z.strictObject({
  id: z.string(),
  registry: z.string().describe('SHA-256 of what is in force now'),
  hash: z.string().describe('SHA-256 of the file as it is now: what the next If-Match is to name'),
})
const refused = z.strictObject({ problems: z.array(ruleProblem) })
const notSaved = z.strictObject({
  problems: z.array(ruleProblem),
  failedCases: z
    .array(
      z.strictObject({
        place: z.string(),
        name: z.string(),
        expected: z.array(z.string()),
        told: z.array(z.string()),
      }),
    )
    .describe('Cases beside the rules that would not be told as expected'),
})
const despiteCases = z.boolean().default(false).describe('Save also where cases are not told as expected')

/** The rules in force, and their editing in the files of the registry. */
export function addRuleRoutes(server: Server, routes: RuleRoutes): void {
  const { registry, registryFiles, records, clock, ruleTrials } = routes
  const { path } = registryFiles
  let saving: Promise<unknown> = Promise.resolve()
  let previewing: Promise<unknown> = Promise.resolve()

  const active = () =>
    Map.groupBy(records.alerts({ state: 'active', limit: MOST_ALERTS }), ({ rule }) => rule)

  server.get(
    '/v1/rules',
    {
      schema: {
        tags,
        summary: 'The rules in force, what they watch and how many of their alerts are live',
        response: { 200: z.strictObject({ rules: z.array(z.strictObject(ruleFields)) }) },
      },
    },
    async () => {
      const alerts = active()
      const isOut = openOutOfService(registry, clock.now())
      return {
        rules: [...registry.rules.values()].map(rule => {
          const live = alerts.get(rule.id) ?? []
          return {
            ...{ id: rule.id, name: rule.name, condition: rule.condition.type, severity: rule.severity },
            points: rule.points.length,
            active: live.length,
            shelved: live.filter(({ shelving }) => shelving?.until !== undefined).length,
            outOfService: isOut(rule),
          }
        }),
      }
    },
  )

  server.get(
    '/v1/rules/:rule',
    {
      config: { account: true },
      schema: {
        tags,
        summary: 'A rule as it is written in the registry, and whether it may be changed here',
        params: z.strictObject({ rule: idParameter }),
        response: {
          200: z.strictObject({
            id: z.string(),
            file: z.string(),
            line: z.int(),
            hash: z.string().describe('SHA-256 of the file: what If-Match is to name'),
            text: z.string(),
            locked: z
              .enum(['read-only', 'followed'])
              .nullable()
              .describe(
                'Why it cannot be changed here: the file may not be written, or comes from another hub',
              ),
            points: z.array(z.string()),
            active: z.int(),
          }),
          ...problems(401, 403, 404),
        },
      },
    },
    async ({ params }, reply) => {
      reply.header('Cache-Control', 'no-store')
      const { file, rule } = await ruleAt(params.rule)
      reply.header('ETag', `"${file.hash}"`)
      return {
        id: params.rule,
        file: displayName(file.file),
        line: rule.line,
        hash: file.hash,
        text: rule.text,
        locked: await lockOf(file.file),
        points: (registry.rules.get(params.rule)?.points ?? []).map(({ id }) => id),
        active: active().get(params.rule)?.length ?? 0,
      }
    },
  )

  server.post(
    '/v1/rules/check',
    {
      config: { asks: true },
      schema: {
        tags,
        summary: 'What is wrong with a rule, and what it would change; nothing is changed',
        body: z.strictObject({
          rule: idParameter.optional().describe('The one it replaces'),
          text: ruleText,
        }),
        response: { 200: checked, ...problems(400, 401, 403, 404) },
      },
    },
    async ({ body }) => {
      const result = await check(body.rule, body.text)
      return {
        problems: result.problems,
        effects: 'registry' in result ? effectsOf(body.rule, result) : null,
      }
    },
  )

  server.post(
    '/v1/rules/preview',
    {
      config: { asks: true },
      schema: {
        tags,
        summary:
          'What a rule would have told of a time, and what was told then; 422 where something is wrong with it',
        body: z.strictObject({
          rule: idParameter.optional().describe('The one it replaces'),
          text: ruleText,
          days: z
            .int()
            .min(1)
            .max(LONGEST_PREVIEW_MS / DAY_MS)
            .default(7)
            .describe('Until now'),
        }),
        response: {
          200: z.strictObject({
            from: instantSchema,
            to: instantSchema,
            points: z.strictObject({ done: z.int(), all: z.int() }),
            would: z.array(told),
            did: z.array(told),
          }),
          422: refused,
          ...problems(400, 401, 403, 404),
        },
      },
    },
    async ({ body, raw }, reply) => {
      const result = await check(body.rule, body.text)
      if (!('registry' in result)) return reply.code(422).send({ problems: result.problems })
      const to = clock.now()
      const span = { rule: result.id, from: to - body.days * DAY_MS, to }
      const gone = new AbortController()
      raw.socket.once('close', () => gone.abort(new Problem(499, 'Nobody waits for it any more.')))
      // One at a time: whoever asks meanwhile waits.
      const turn = previewing.then(() => {
        gone.signal.throwIfAborted()
        return ruleTrials.preview(result.registry, span, gone.signal)
      })
      previewing = turn.catch(() => {})
      const { would, did, points } = await turn
      return {
        ...{ from: instant(span.from), to: instant(to), points },
        ...{ would: would.map(describeTold), did: did.map(describeTold) },
      }
    },
  )

  server.post(
    '/v1/rules',
    {
      config: { write: { action: 'add-rule', credential: 'account' } },
      schema: {
        tags,
        summary: 'Add a rule to the files of the registry; 422 where something is wrong with it',
        body: z.strictObject({ text: ruleText, despiteCases }),
        response: { 200: saved, 422: notSaved, ...problems(400, 401, 403, 409) },
      },
    },
    async ({ body, actor }, reply) =>
      inTurn(async () => {
        const file = await fileForRules(path)
        await requireUnlocked(file.file)
        const result = await checkRule(registryFiles, file, undefined, body.text)
        return saveChecked(reply, { file, result, despiteCases: body.despiteCases, by: actor!.name })
      }),
  )

  const ifMatch = z.looseObject({
    'if-match': z
      .string()
      .regex(/^"[0-9a-f]{64}"$/, 'name the hash of the file that was seen')
      .optional(),
  })

  server.put(
    '/v1/rules/:rule',
    {
      config: { write: { action: 'change-rule', credential: 'account' } },
      schema: {
        tags,
        summary: 'Change a rule in its file; 409 where the file has changed since it was seen (If-Match)',
        params: z.strictObject({ rule: idParameter }),
        headers: ifMatch,
        body: z.strictObject({ text: ruleText, despiteCases }),
        response: { 200: saved, 422: notSaved, ...problems(400, 401, 403, 404, 409, 428) },
      },
    },
    async ({ params, headers, body, actor }, reply) =>
      inTurn(async () => {
        const { file } = await ruleAt(params.rule)
        await requireUnlocked(file.file)
        requireSeen(file, headers['if-match'])
        const result = await checkRule(registryFiles, file, params.rule, body.text)
        return saveChecked(reply, { file, result, despiteCases: body.despiteCases, by: actor!.name })
      }),
  )

  server.delete(
    '/v1/rules/:rule',
    {
      config: { write: { action: 'remove-rule', credential: 'account' } },
      schema: {
        tags,
        summary: 'Take a rule out of its file; its live alerts are resolved',
        params: z.strictObject({ rule: idParameter }),
        headers: ifMatch,
        body: z.strictObject({ despiteCases }).nullish(),
        response: { 200: saved, 422: notSaved, ...problems(400, 401, 403, 404, 409, 428) },
      },
    },
    async ({ params, headers, body, actor }, reply) =>
      inTurn(async () => {
        const { file } = await ruleAt(params.rule)
        await requireUnlocked(file.file)
        requireSeen(file, headers['if-match'])
        const result = await checkRemoval(registryFiles, file, params.rule)
        return saveChecked(reply, {
          file,
          result,
          despiteCases: body?.despiteCases ?? false,
          by: actor!.name,
        })
      }),
  )

  async function ruleAt(id: string) {
    const found = await findRule(path, id)
    if (!found) throw new Problem(404, `The files of the registry have no rule ${id} that can be read.`)
    return found
  }

  async function check(id: string | undefined, text: string): Promise<CheckedRule> {
    const file = id === undefined ? await fileForRules(path) : (await ruleAt(id)).file
    return checkRule(registryFiles, file, id, text)
  }

  function effectsOf(
    before: string | undefined,
    { id, registry: next }: CheckedRule & { id: string; registry: Registry },
  ) {
    const points = next.rules.get(id)!.points.map(point => point.id)
    const live = before === undefined ? [] : (active().get(before) ?? [])
    const kept = before === id ? live.filter(({ point }) => points.includes(point)) : []
    return { points, alertsKept: kept.length, alertsEnded: live.length - kept.length }
  }

  async function lockOf(file: string) {
    return ruleTrials.locked ?? ((await isWritable(file)) ? null : ('read-only' as const))
  }

  async function requireUnlocked(file: string): Promise<void> {
    if (await lockOf(file)) throw new Problem(403, `${displayName(file)} cannot be written from here.`)
  }

  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = saving.then(action)
    saving = turn.catch(() => {})
    return turn
  }

  async function saveChecked(
    reply: FastifyReply,
    change: { file: RuleFile; result: CheckedRule; despiteCases: boolean; by: string },
  ) {
    const { file, result, despiteCases, by } = change
    const refuse = (problems: RuleProblem[], failedCases: FailedCase[] = []) => {
      reply.code(422)
      return { problems, failedCases }
    }
    if (!('registry' in result)) return refuse(result.problems)
    try {
      const failed = despiteCases ? [] : await newlyFailed(result.registry)
      if (failed.length > 0) return refuse([], failed)
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error
      const [first] = error.problems
      const place = describePlace(first!)
      const name = error.problems.map(({ message }) => message).join('; ')
      return refuse([], [{ place, name, expected: [], told: [] }])
    }
    return save(file, result.text, result.id, by)
  }

  /** What is told as little as expected without the change does not speak against it. */
  async function newlyFailed(next: Registry): Promise<FailedCase[]> {
    const failed = await ruleTrials.failedCases(next)
    if (failed.length === 0) return []
    const before = await ruleTrials.failedCases(registry).catch(() => [])
    const known = new Set(before.map(({ place, told }) => `${place} ${told}`))
    return failed.filter(({ place, told }) => !known.has(`${place} ${told}`))
  }

  async function save({ file, hash }: RuleFile, text: string, id: string, by: string) {
    const { hash: now } = await readRuleFile(file)
    if (now !== hash) throw changedMeanwhile(file)
    await replaceFile(file, text)
    await registryFiles.reload(by)
    return { id, registry: registry.hash, hash: textHash(text) }
  }
}

/** @throws Problem 428 or 409 */
function requireSeen({ file, hash }: RuleFile, seen: string | undefined): void {
  if (seen === undefined) throw new Problem(428, 'Name the file that was seen: If-Match, as its ETag was.')
  if (seen !== `"${hash}"`) throw changedMeanwhile(file)
}

function changedMeanwhile(file: string): Problem {
  return new Problem(409, `${displayName(file)} has changed since it was read: look at it again.`)
}

/** Makes the function that tells whether a rule, or one of what it watches, is out of service at a time. */
function openOutOfService({ outOfService, territory }: Registry, now: number) {
  const instantOf = (local: string) => instantOfLocalTime(local, territory.timeZone)
  const present = outOfService.filter(({ from, to }) => instantOf(from) <= now && now < instantOf(to))
  return (rule: Rule) =>
    present.some(
      ({ rules, sites, points }) =>
        (rules?.includes(rule.id) ?? true) &&
        rule.points.some(({ id, site }) => (sites?.includes(site) ?? true) && (points?.includes(id) ?? true)),
    )
}

function describeTold({ point, type, time, severity, phenomenon, value }: ToldEvent) {
  return { point, type, time: instant(time), severity, phenomenon: phenomenon ?? null, value }
}
