import { z } from 'zod'
import { ALERT_EVENT_TYPES, SEVERITIES } from '../../model/alert.ts'
import { DAY_MS } from '../../model/time.ts'
import type { Registry } from '../../registry/registry.ts'
import { idParameter, instant, instantSchema, valueSchema } from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { siteOf } from '../sites/parameter.ts'
import { alertFields, alertSchema, describeAlert, describePhenomenon } from './alert.ts'
import { type Commanding, commandAlert } from './command.ts'
import { describeOnTheWay, describeResponse, onTheWaySchema, responseSchema } from './responses.ts'

export interface AlertRoutes extends Commanding {
  registry: Registry
}

const params = z.strictObject({ id: idParameter })
/** What a page says that sends an acknowledgement later than it was given. */
const acknowledgementSchema = z
  .strictObject({
    change: z
      .int()
      .nonnegative()
      .optional()
      .describe('The `change` of the alert as it was seen; 409 when it is another one now'),
    time: z.iso.datetime({ offset: true }).optional().describe('When the person acted; RFC 3339'),
  })
  .nullish()
const tags = ['alerts']

/** Alerts, what happened to each, and their acknowledgement. */
export function addAlertRoutes(server: Server, parts: AlertRoutes): void {
  const { registry, records, clock } = parts

  server.get(
    '/v1/alerts',
    {
      schema: {
        tags,
        summary: 'Alerts, newest first',
        querystring: z.strictObject({
          state: z.enum(['active', 'resolved']).optional().describe('active: firing or acknowledged'),
          site: idParameter.optional(),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
        }),
        response: {
          200: z.strictObject({
            time: instantSchema,
            alerts: z.array(z.strictObject({ ...alertFields, onTheWay: onTheWaySchema })),
          }),
          ...problems(400),
        },
      },
    },
    async ({ query }) => {
      if (query.site !== undefined) siteOf(registry, query.site)
      return {
        time: instant(clock.now()),
        alerts: records.alerts(query).map(alert => ({
          ...describeAlert(alert, registry),
          onTheWay: describeOnTheWay(records.responses(alert.id)),
        })),
      }
    },
  )

  server.get(
    '/v1/alerts/:id',
    {
      schema: {
        tags,
        summary: 'One alert and what happened to it, in order',
        params,
        response: {
          200: z.strictObject({
            ...alertFields,
            onTheWay: onTheWaySchema,
            responses: z.array(responseSchema).describe('Who went there or turned back, in order'),
            events: z.array(
              z.strictObject({
                type: z.enum(ALERT_EVENT_TYPES),
                time: instantSchema,
                actor: z.string(),
                severity: z.enum(SEVERITIES),
                phenomenon: alertFields.phenomenon,
                phenomenonName: alertFields.phenomenonName,
                value: valueSchema.describe('The newest value at the time'),
              }),
            ),
          }),
          ...problems(400, 404),
        },
      },
    },
    async ({ params: { id } }) => {
      const alert = records.alert(id)
      if (!alert) throw new Problem(404, `There is no alert ${id}; /v1/alerts lists them.`)
      const events = records.alertEvents(id).map(event => ({
        type: event.type,
        time: instant(event.time),
        actor: event.actor,
        severity: event.alert.severity,
        ...describePhenomenon(event.alert, registry),
        value: event.alert.lastValue,
      }))
      const responses = records.responses(id)
      return {
        ...describeAlert(alert, registry),
        onTheWay: describeOnTheWay(responses),
        responses: responses.map(describeResponse),
        events,
      }
    },
  )

  server.get(
    '/v1/alerts/:id/notifications',
    {
      config: { account: true, crew: true },
      schema: {
        tags,
        summary: 'Who was told of an alert, on which channel, and with what receipt, in order',
        params,
        response: {
          200: z.strictObject({
            notifications: z.array(
              z.strictObject({
                event: z.string().describe('Of the alert, such as fired or worsened-1'),
                reminder: z.int().describe('Which reminder it was; 0 is the first time'),
                channel: z.string(),
                person: z.string().nullable(),
                outcome: z.enum(['delivered', 'failed']),
                time: instantSchema,
                receipt: z.string().describe('What the channel answered, or why it was given up'),
              }),
            ),
          }),
          ...problems(400, 401, 404),
        },
      },
    },
    async ({ params: { id } }, reply) => {
      if (!records.alert(id)) throw new Problem(404, `There is no alert ${id}; /v1/alerts lists them.`)
      reply.header('Cache-Control', 'no-store')
      return {
        notifications: records
          .notifications(id)
          .map(({ alert: _, time, person = null, ...told }) => ({ ...told, person, time: instant(time) })),
      }
    },
  )

  server.post(
    '/v1/alerts/:id/acknowledge',
    {
      config: { write: { action: 'acknowledge-alert', credential: 'account' }, crew: true },
      schema: {
        tags,
        summary: 'Acknowledge an alert; a repeat changes nothing',
        params,
        body: acknowledgementSchema,
        response: { 200: alertSchema, ...problems(400, 401, 403, 404, 409, 503) },
      },
    },
    async ({ params: { id }, body, actor }) => {
      // The clock of a phone may be ahead.
      const actedAt = body?.time && Math.min(Date.parse(body.time), clock.now())
      const by = { actor: actor!.name, change: body?.change, ...(actedAt && { actedAt }) }
      return describeAlert(await commandAlert(id, { action: 'acknowledge', ...by }, parts), registry)
    },
  )

  server.post(
    '/v1/alerts/:id/shelve',
    {
      config: { write: { action: 'shelve-alert', credential: 'account' }, crew: true },
      schema: {
        tags,
        summary: 'Have an alert told to nobody until an end; what worsens meanwhile is told all the same',
        params,
        body: z.strictObject({
          until: z.iso.datetime({ offset: true }).describe('RFC 3339; a day from now at most'),
          reason: z.string().trim().min(1).max(200).optional(),
        }),
        response: { 200: alertSchema, ...problems(400, 401, 403, 404, 409, 503) },
      },
    },
    async ({ params: { id }, actor, body }) => {
      const until = Date.parse(body.until)
      const left = until - clock.now()
      if (left <= 0 || left > DAY_MS)
        throw new Problem(400, 'until: must lie within the next 24 hours; nothing is shelved for ever.')
      const asked = { action: 'shelve', actor: actor!.name, until, reason: body.reason } as const
      return describeAlert(await commandAlert(id, asked, parts), registry)
    },
  )

  server.post(
    '/v1/alerts/:id/unshelve',
    {
      config: { write: { action: 'unshelve-alert', credential: 'account' }, crew: true },
      schema: {
        tags,
        summary: 'End the shelving of an alert; a repeat changes nothing',
        params,
        response: { 200: alertSchema, ...problems(400, 401, 403, 404, 409, 503) },
      },
    },
    async ({ params: { id }, actor }) => {
      const alert = await commandAlert(id, { action: 'unshelve', actor: actor!.name }, parts)
      return describeAlert(alert, registry)
    },
  )
}
