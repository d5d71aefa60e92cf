import { z } from 'zod'
import { SEVERITIES } from '../model/alert.ts'
import { ID_PATTERN } from '../model/point-id.ts'
import { SITE_KINDS } from '../model/site-kind.ts'
import { MINUTE_MS } from '../model/time.ts'
import { civilTimesFields } from './civil-times-schema.ts'
import { duration } from './duration.ts'
import { localTime } from './local-time.ts'

/** Who is told of alerts, and when: people, teams, rotas, and the routes that lead to them. */

const id = z.string().regex(ID_PATTERN, 'use lower-case letters, digits and hyphens')
const severities = z.array(z.enum(SEVERITIES)).min(1)

const shiftSchema = z.strictObject({
  person: id,
  from: localTime,
  to: localTime.describe('Exclusive.'),
})

const replacementSchema = shiftSchema.extend({
  for: id.describe('Whom they stand in for; without it, for everybody on duty.').optional(),
})

export const personSchema = z.strictObject({
  id: id.describe('Stands in what is kept of alerts: choose one that need not be a name.'),
  channels: z
    .array(id)
    .min(1)
    .describe('The first is told; each other one where those before it have failed for `otherwiseAfter`.'),
  quiet: z
    .array(
      z.strictObject({
        ...civilTimesFields,
        severities: severities.default(['info', 'warning']),
      }),
    )
    .describe(
      'When they are told of nothing of these severities, but for ice, snow and freezing rain. Public holidays count as Sundays.',
    )
    .default([]),
})

export const teamSchema = z.strictObject({ id, people: z.array(id).min(1) })

export const rotaSchema = z
  .strictObject({
    id,
    from: localTime.describe('When its season begins, and the first turn.'),
    to: localTime.describe('Exclusive: out of season it tells nobody.'),
    turns: z
      .strictObject({ people: z.array(id).min(1), days: z.int().min(1).max(92).default(7) })
      .describe('One after the other, each for so many days.')
      .optional(),
    shifts: z.array(shiftSchema).describe('Instead of turns: who is on duty when.').default([]),
    replacements: z.array(replacementSchema).describe('Who stands in for whoever is on duty.').default([]),
  })
  .refine(({ turns, shifts }) => (turns === undefined) === shifts.length > 0, 'give either turns or shifts')

const stepSchema = z.strictObject({
  after: duration.describe('Since the alert has fired or worsened, unacknowledged.').default(0),
  tell: z.array(id).min(1).describe('People, teams, rotas, or channels.'),
})

export const routeSchema = z
  .strictObject({
    id,
    rules: z.array(id).min(1).optional(),
    sites: z.array(id).min(1).optional(),
    siteKinds: z.array(z.enum(SITE_KINDS)).min(1).optional(),
    severities: severities.optional(),
    when: z
      .array(z.strictObject(civilTimesFields))
      .min(1)
      .describe('Only at these times; public holidays count as Sundays.')
      .optional(),
    steps: z.array(stepSchema).min(1),
    remindEvery: duration
      .refine(ms => ms >= MINUTE_MS, 'must be a minute at least')
      .describe('How often whoever was told is told again until someone acknowledges.')
      .optional(),
  })
  .refine(
    ({ steps }) => steps.every(({ after }, i) => i === 0 || after > steps[i - 1]!.after),
    'each step comes after the one before',
  )

export const alertingSchema = z.strictObject({
  fallback: z
    .strictObject({
      channels: z.array(id).min(1),
      after: duration.describe('Unacknowledged for so long.').prefault('30min'),
    })
    .describe('Who is told when no route fits, when nobody is on duty, or when nobody has acknowledged.'),
  test: z
    .strictObject({
      at: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'write a local time like 08:00'),
      site: id
        .describe('Whose alert it is when the test fails; without it, of the site of the first gateway.')
        .optional(),
    })
    .describe(
      'Every day, each channel is told that the way to it works; the last resort, where it does not. A rule on unreached-channels makes that an alert.',
    )
    .optional(),
})

export type Person = z.output<typeof personSchema>
export type Team = z.output<typeof teamSchema>
export type Rota = z.output<typeof rotaSchema>
export type Route = z.output<typeof routeSchema>
export type Alerting = z.output<typeof alertingSchema>
