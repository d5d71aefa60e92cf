import { z } from 'zod'
import { PHONE_NUMBER } from '../model/phone-number.ts'
import { ID_PATTERN } from '../model/point-id.ts'
import { MINUTE_MS } from '../model/time.ts'
import { duration } from './duration.ts'
import { mqttConnectionFields } from './mqtt-schema.ts'
import { misfitsOfTls } from './tls-schema.ts'

const id = z.string().regex(ID_PATTERN, 'use lower-case letters, digits and hyphens')
const common = {
  id,
  otherwise: id
    .describe('The channel that is told instead, where this one has failed for `otherwiseAfter`.')
    .optional(),
  otherwiseAfter: duration.prefault('5min'),
  timeout: duration.describe('How long an attempt may take.').prefault('10s'),
}
/** Of channels that people read. */
const readByPeople = {
  ...common,
  together: z
    .int()
    .min(2)
    .describe('From so many alerts on that wait at once, one message sums them up.')
    .default(5),
}
const url = z.url({ protocol: /^https?$/ })
/** Secrets stand in the environment or in files: the registry names them. */
const secret = z.string().min(1)

/** Of a form, or of JSON, there with full stops between what is inside each other. */
const fieldPath = z.string().min(1).max(100)

const PLACEHOLDERS = [
  'text',
  'title',
  'severity',
  'event',
  'alert',
  'link',
  'acknowledge',
  'answer',
  'reply',
  'number',
  'map',
] as const
export type Placeholder = (typeof PLACEHOLDERS)[number]
const PLACEHOLDER = /\{\{\s*(\w+)\s*\}\}/g

const template = z
  .string()
  .refine(
    text => [...text.matchAll(PLACEHOLDER)].every(([, name]) => PLACEHOLDERS.includes(name as Placeholder)),
    `holds a placeholder that means nothing: there are ${PLACEHOLDERS.map(name => `{{${name}}}`).join(', ')}`,
  )

/** Text with its placeholders filled in, each encoded for where it stands. */
export function fill(
  text: string,
  values: Readonly<Record<Placeholder, string>>,
  encode: (value: string) => string = value => value,
): string {
  return text.replace(PLACEHOLDER, (_, name: Placeholder) => encode(values[name]))
}

/** How people are told of alerts. */
export const channelSchema = z.discriminatedUnion('type', [
  z.strictObject({ id, type: z.literal('log') }),
  z.strictObject({
    ...common,
    type: z.literal('webhook'),
    url,
    secret: secret
      .describe('Signs each request (HMAC-SHA256), so that the receiver knows who sent it.')
      .optional(),
  }),
  z
    .strictObject({
      ...common,
      type: z.literal('alertmanager'),
      url: url.describe('Of the Alertmanager, without /api/v2/alerts.'),
      user: z.string().min(1).optional(),
      password: secret.optional(),
      token: secret.describe('Sent as `Authorization: Bearer`.').optional(),
      labels: z
        .record(
          z.string().regex(/^[a-zA-Z_]\w*$/, 'use letters, digits and _ in the name of a label'),
          z.string().min(1),
        )
        .describe('Further labels of each alert, for the routes of the Alertmanager.')
        .default({}),
      resendEvery: duration
        .refine(ms => ms <= 15 * MINUTE_MS, 'must be 15 minutes at most')
        .describe('How often it is told again of what is live.')
        .prefault('1min'),
    })
    .refine(
      ({ user, password }) => (user === undefined) === (password === undefined),
      'give both user and password, or neither',
    )
    .refine(
      ({ user, token }) => user === undefined || token === undefined,
      'give user and password, or a token',
    ),
  z
    .strictObject({
      ...common,
      type: z.literal('mqtt'),
      url: mqttConnectionFields.url,
      username: mqttConnectionFields.username,
      password: secret.optional(),
      tls: mqttConnectionFields.tls,
      topic: z.string().regex(/^[^+#\0]{1,200}$/, 'use up to 200 characters, neither + nor #'),
      retain: z
        .boolean()
        .describe('Whether the broker keeps the last message for who subscribes later.')
        .default(false),
    })
    .superRefine(({ url, tls }, { addIssue }) => {
      for (const message of tls ? misfitsOfTls(tls, [url]) : [])
        addIssue({ code: 'custom', path: ['tls'], message })
    }),
  z
    .strictObject({
      ...readByPeople,
      type: z.literal('email'),
      host: z.string().min(1).describe('The SMTP server.'),
      port: z.int().min(1).max(65_535).default(587),
      tls: z
        .enum(['starttls', 'implicit', 'none'])
        .describe(
          'implicit is for port 465; none only for a server on this machine or in a network of its own.',
        )
        .default('starttls'),
      user: z.string().min(1).optional(),
      password: secret.optional(),
      from: z.email(),
      to: z.array(z.email()).min(1),
    })
    .refine(
      ({ user, password }) => (user === undefined) === (password === undefined),
      'give both user and password, or neither',
    )
    .refine(
      ({ tls, password }) => tls !== 'none' || password === undefined,
      'a password is not sent in the clear: tls must be starttls or implicit',
    ),
  z.strictObject({
    ...readByPeople,
    type: z.literal('ntfy'),
    url: url.describe('The server, without the topic.').default('https://ntfy.sh'),
    topic: z
      .string()
      .regex(/^[-_A-Za-z0-9]{1,64}$/, 'use up to 64 letters, digits, - and _')
      .describe('Whoever knows it can read along, unless the server asks for a token.'),
    token: secret.optional(),
  }),
  z
    .strictObject({ ...readByPeople, type: z.literal('push') })
    .describe('The phones that people have subscribed on the crew page; each person has their own of it.'),
  z
    .strictObject({
      ...readByPeople,
      type: z.literal('http'),
      url: template.refine(
        text => /^https?:\/\//.test(text) && URL.canParse(text.replace(PLACEHOLDER, 'x')),
        'is no URL',
      ),
      method: z.enum(['POST', 'PUT', 'GET']).default('POST'),
      headers: z.record(z.string(), template).default({}),
      body: z
        .union([template, z.record(z.string(), z.json())])
        .describe('A mapping is sent as `format` says, with placeholders in its texts; a text as it is.')
        .optional(),
      format: z.enum(['json', 'form']).default('json'),
      longest: z
        .int()
        .min(20)
        .describe('Characters of {{text}}: what is longer is cut, as for an SMS.')
        .optional(),
      answerField: z
        .string()
        .min(1)
        .describe('Of what a voice gateway posts to {{answer}}: where the keys stand that were pressed.')
        .default('Digits'),
      answerKey: z
        .string()
        .regex(/^[0-9*#]{1,8}$/, 'use the keys of a telephone')
        .describe('What acknowledges; every other key changes nothing.')
        .default('1'),
      number: z
        .string()
        .regex(PHONE_NUMBER, 'write it like +33612345678')
        .describe('Of the telephone that is told: {{number}}, and whose answer an SMS is.')
        .optional(),
      replies: z
        .strictObject({
          from: fieldPath.describe('Where the number of the sender stands.').default('From'),
          text: fieldPath.describe('Where the text stands.').default('Body'),
        })
        .describe(
          'Of what the gateway posts of an incoming SMS: where its fields are. They are answers, which acknowledge.',
        )
        .optional(),
    })
    .refine(({ replies, number }) => !replies || number !== undefined, {
      path: ['number'],
      message: 'is missing: who takes replies is known by it',
    }),
])

/** What a person has of a channel of phones: no id can hold a slash, so none is called so. */
export function phonesId(channel: string, person: string): string {
  return `${channel}/${person}`
}
