import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { replyCodeOf } from '../../../model/reply-code.ts'
import { tellText } from '../../../rules/notify/http.ts'
import { signature } from '../../../rules/notify/webhook.ts'
import { testRegistry } from '../territory.ts'
import { startBareServer } from './bare-server.ts'
import { BASE, iceEvent, senderOf, TOKEN } from './fixtures.ts'

let server: Awaited<ReturnType<typeof startBareServer>>
beforeEach(async () => {
  server = await startBareServer()
})
afterEach(() => server.close())

describe('a webhook with a secret', () => {
  test('signs the time and the body, which a receiver can check', async () => {
    const send = await senderOf(`{ id: hook, type: webhook, url: '${server.url}/x', secret: s3cret }`)
    await send()
    const { headers, body } = server.asked[0]!
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['affluent-signature']))!
    expect(v1).toBe(createHmac('sha256', 's3cret').update(`${t}.${body}`).digest('hex'))
    expect(Math.abs(Date.now() / 1000 - Number(t))).toBeLessThan(60)
    expect(JSON.parse(body)).toMatchObject({ event: 'fired', alert: { id: 'road-1', phenomenon: 'ice' } })
  })

  test('after a vector that was computed with openssl dgst', () => {
    expect(signature('s3cret', '{"a":1}', 1_700_000_000_999)).toBe(
      't=1700000000,v1=1698a50bc74d1ff1db85c4e0a5297c2ad9fdba245d5737cdb789e4cc6e098940',
    )
  })

  test('without a secret nothing is signed', async () => {
    await (await senderOf(`{ id: hook, type: webhook, url: '${server.url}' }`))()
    expect(server.asked[0]!.headers).not.toHaveProperty('affluent-signature')
  })
})

describe('ntfy', () => {
  test('publishes title, text, priority and link to the topic, with the token', async () => {
    const send = await senderOf(
      `{ id: push, type: ntfy, url: '${server.url}', topic: viabilite-42, token: tk_abc }`,
    )
    await send()
    await send(iceEvent('resolved'))
    const [fired, resolved] = server.asked
    expect(fired).toMatchObject({ method: 'POST', path: '/', headers: { authorization: 'Bearer tk_abc' } })
    expect(JSON.parse(fired!.body)).toEqual({
      topic: 'viabilite-42',
      title: 'Critique – Col du Loup',
      message: 'Verglas, chaussée −1,2 °C',
      priority: 5,
      tags: ['fired', 'critical'],
      click: `${BASE}/k/${TOKEN}`,
      actions: [
        {
          ...{ action: 'view', label: 'Carte' },
          url: 'https://www.openstreetmap.org/?mlat=44&mlon=6#map=15/44/6',
        },
      ],
    })
    expect(JSON.parse(resolved!.body)).toMatchObject({ title: 'Fin – Col du Loup', priority: 2 })
  })

  test('names neither who acknowledged or shelved, nor what they wrote: its server may be anybody’s', async () => {
    const send = await senderOf(`{ id: push, type: ntfy, url: '${server.url}', topic: viabilite-42 }`)
    for (const type of ['acknowledged', 'shelved'] as const) {
      const { alert, ...event } = { ...iceEvent(type), actor: 'nadia' }
      const shelving = {
        number: 1,
        time: event.time,
        by: 'nadia',
        until: event.time + 1,
        reason: 'Paul y va',
      }
      await send({ ...event, alert: { ...alert, acknowledgedBy: 'nadia', shelving } })
    }
    expect(server.asked.map(({ body }) => JSON.parse(body).message)).toEqual([
      'Prise en charge – Verglas, chaussée −1,2 °C',
      'Mise en attente – Verglas, chaussée −1,2 °C',
    ])
    expect(JSON.stringify(server.asked)).not.toMatch(/nadia|Paul/)
  })
})

describe('the templates of gateways in the docs, filled in:', async () => {
  const docs = await readFile(new URL('../../../docs/notifications.md', import.meta.url), 'utf8')
  const [, yaml] = /```yaml\n(channels:\n {2}- id: portable-1[\s\S]*?)```/.exec(docs)!
  const channels: { id: string; url: string }[] = parse(yaml!.replaceAll(/\$\{(\w+)\}/g, '$1')).channels
  /** What is asked of a provider of an alert at a place whose name no markup takes. */
  async function asked(id: string) {
    const channel = channels.find(each => each.id === id)!
    const { host } = new URL(channel.url)
    const event = iceEvent()
    event.alert.message.fr = 'Verglas <A 7> & bretelle'
    await (
      await senderOf(JSON.stringify({ ...channel, url: channel.url.replace(`https://${host}`, server.url) }))
    )(event)
    const { method, path, headers, body } = server.asked.at(-1)!
    return { host, method, path, headers, body, form: Object.fromEntries(new URLSearchParams(body)) }
  }
  const TEXT = 'Verglas <A 7> & bretelle'
  const REPLY = `${TEXT} Répondre OK ${replyCodeOf('road-1', 0)}`

  test('an SMS of Twilio', async () =>
    expect(await asked('portable-1')).toMatchObject({
      ...{
        host: 'api.twilio.com',
        method: 'POST',
        path: '/2010-04-01/Accounts/TWILIO_ACCOUNT/Messages.json',
      },
      headers: { authorization: 'Basic TWILIO_BASIC', 'content-type': 'application/x-www-form-urlencoded' },
      form: { From: '+33100000000', To: '+33600000000', Body: REPLY },
    }))
  test('a call of Twilio, in XML', async () => {
    const { path, form } = await asked('appel-1')
    expect(path).toBe('/2010-04-01/Accounts/TWILIO_ACCOUNT/Calls.json')
    expect(form).toEqual({
      ...{ From: '+33100000000', To: '+33600000000' },
      Twiml: `<Response><Gather numDigits="1" action="${BASE}/v1/answers/${TOKEN}"><Say language="fr-FR">Verglas &#60;A 7&#62; &#38; bretelle. Pour prendre en charge, tapez 1.</Say></Gather></Response>`,
    })
  })
  test('an SMS of 46elks', async () =>
    expect(await asked('portable-2')).toMatchObject({
      ...{ host: 'api.46elks.com', method: 'POST', path: '/a1/sms' },
      headers: { authorization: 'Basic ELKS_BASIC' },
      form: { from: '+33700000000', to: '+33600000000', message: REPLY },
    }))
  test('an SMS of Brevo', async () => {
    const { body, ...brevo } = await asked('portable-3')
    expect(brevo).toMatchObject({ path: '/v3/transactionalSMS/send', headers: { 'api-key': 'BREVO_KEY' } })
    const content = `${TEXT} ${BASE}/k/${TOKEN}`
    expect(JSON.parse(body)).toEqual({
      ...{ sender: 'Affluent', recipient: '33600000000', content, type: 'transactional' },
    })
  })
  test('an SMS of Free Mobile', async () => {
    const { host, method, path } = await asked('portable-4')
    expect([host, method]).toEqual(['smsapi.free-mobile.fr', 'GET'])
    const { searchParams } = new URL(path, 'http://x')
    expect(Object.fromEntries(searchParams)).toEqual({
      ...{ user: 'FREE_USER', pass: 'FREE_KEY', msg: `${TEXT} ${BASE}/k/${TOKEN}` },
    })
  })
  test('and there is no other', () => expect(channels).toHaveLength(5))
})

describe('an HTTP gateway of SMS or voice', () => {
  test('is asked in JSON of its own shape, with the text cut to its length', async () => {
    const send = await senderOf(`{ id: sms, type: http, url: '${server.url}/sms/{{severity}}', longest: 20,
      headers: { authorization: 'Bearer x', 'x-id': '{{alert}}' },
      body: { message: '{{text}} {{link}}', receivers: ['+33600000000'], options: { priority: high, retries: 2 } } }`)
    await send()
    expect(server.asked[0]).toMatchObject({
      ...{ method: 'POST', path: '/sms/critical' },
      headers: { 'content-type': 'application/json', authorization: 'Bearer x', 'x-id': 'road-1%2Ffired' },
    })
    expect(JSON.parse(server.asked[0]!.body)).toEqual({
      message: `Verglas, chaussée −… ${BASE}/alerts/road-1`,
      receivers: ['+33600000000'],
      options: { priority: 'high', retries: 2 },
    })
  })

  test('or as a form, or by its address alone, with what is put in encoded', async () => {
    await (
      await senderOf(
        `{ id: sms, type: http, url: '${server.url}', format: form, body: { Body: '{{text}}', To: '+33600000000', Keys: '{{answer}}' } }`,
      )
    )()
    expect(server.asked[0]!.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(Object.fromEntries(new URLSearchParams(server.asked[0]!.body))).toEqual({
      Body: 'Verglas, chaussée −1,2 °C',
      To: '+33600000000',
      Keys: `${BASE}/v1/answers/${TOKEN}`,
    })
    await (
      await senderOf(`{ id: sms, type: http, method: GET, url: '${server.url}/send?msg={{title}}&to=1' }`)
    )()
    const { method, path, body } = server.asked[1]!
    expect([method, body]).toEqual(['GET', ''])
    expect(new URL(path, server.url).searchParams.get('msg')).toBe('Critique – Col du Loup')
  })

  test('names its number, and the code that answers, which changes as the alert does', async () => {
    const own = `id: sms, type: http, url: '${server.url}', number: '+33600000007', longest: 20`
    const body = `body: { To: '{{number}}', Body: '{{text}} {{reply}}' }`
    const send = await senderOf(`{ ${own}, ${body}, replies: {} }`)
    await send()
    await send(iceEvent('worsened'))
    await send(iceEvent('resolved'))
    await (await senderOf(`{ ${own}, ${body} }`))()
    const told = server.asked.map(({ body }) => JSON.parse(body))
    expect(told[0].To).toBe('+33600000007')
    expect(told.map(({ Body }) => Body.slice(21))).toEqual([
      `Répondre OK ${replyCodeOf('road-1', 0)}`,
      `Répondre OK ${replyCodeOf('road-1', 1)}`,
      '',
      '',
    ])
  })

  test('tells its phone a text that is no alert, cut to its length', async () => {
    const registry = await testRegistry(
      [],
      [
        `{ id: sms, type: http, url: '${server.url}', number: '+33600000007', longest: 20, body: { To: '{{number}}', Body: '{{text}}' } }`,
      ],
    )
    const text = 'Rien n’est encore pris en charge.'
    await tellText(registry.channels.get('sms') as never, { text, link: BASE })
    expect(JSON.parse(server.asked[0]!.body)).toEqual({ To: '+33600000007', Body: 'Rien n’est encore p…' })
  })

  test('text cannot break out of the JSON that it is put in', async () => {
    const send = await senderOf(`{ id: sms, type: http, url: '${server.url}', body: { text: '{{text}}' } }`)
    const event = iceEvent()
    event.alert.message.fr = '", "to": "+33899000000\n'
    await send(event)
    expect(JSON.parse(server.asked[0]!.body)).toEqual({ text: '", "to": "+33899000000\n' })
  })
})

test.each([
  ['webhook', "type: webhook, url: 'URL/s3cret'"],
  ['ntfy', "type: ntfy, url: 'URL', topic: s3cret, token: s3cret"],
  ['http', "type: http, url: 'URL/s3cret', headers: { authorization: s3cret }"],
])('%s: a refusal and a server that is away are errors that hold no secret', async (_kind, channel) => {
  const refusing = await startBareServer(401)
  const url = refusing.url
  const send = await senderOf(`{ id: c, ${channel.replace('URL', url)} }`)
  await expect(send()).rejects.toThrow(/^answered with status 401$/)
  await refusing.close()
  const reason = await send().catch((error: Error) => error.message)
  expect(reason).toBe('ECONNREFUSED')
})

test.each<[string, RegExp]>([
  [
    "type: http, url: 'http://x/{{tetx}}'",
    /channels\[0\]\.url: holds a placeholder that means nothing: there are \{\{text\}\}/,
  ],
  ["type: http, url: 'http://x', replies: {}", /channels\[0\]\.number: is missing/],
  ["type: http, url: 'http://x', number: '0612345678'", /channels\[0\]\.number: write it like \+33612345678/],
  ["type: http, url: 'ftp://x'", /channels\[0\]\.url: is no URL/],
  ['type: ntfy, topic: a, otherwise: b', /channels\[0\]\.otherwise: there is no channel b/],
  ['type: ntfy, topic: a, otherwise: c', /channels\[0\]\.otherwise: leads back here/],
  ["type: ntfy, topic: 'a b'", /channels\[0\]\.topic: use up to 64 letters/],
  ['type: email, host: x, from: a@b.fr, to: [c@d.fr], user: u', /give both user and password/],
  [
    'type: email, host: x, tls: none, from: a@b.fr, to: [c@d.fr], user: u, password: p',
    /a password is not sent in the clear/,
  ],
])('what cannot work is an error of the registry: %s', async (channel, message) => {
  await expect(testRegistry([], [`{ id: c, ${channel} }`])).rejects.toThrow(message)
})
