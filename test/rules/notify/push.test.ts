import { createECDH } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AlertEvent } from '../../../model/alert.ts'
import { isPublicAddress, misfitOfEndpoint, type PushSubscription } from '../../../model/push-subscription.ts'
import { carrierOf, Unreachable } from '../../../rules/notify/channel.ts'
import type { Notice } from '../../../rules/notify/notice.ts'
import { openPhones } from '../../../rules/notify/phones.ts'
import { lookupPublic } from '../../../rules/notify/push-request.ts'
import { FROST, memoryLog, START, temporaryFolder, testRegistry } from '../territory.ts'
import { iceEvent } from './fixtures.ts'
import { browserKeys, decryptPush, readVapid, startPushService } from './push-service.ts'

test('the decryption of these tests is that of RFC 8291, appendix A', () => {
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey('q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94', 'base64url')
  const auth = Buffer.from('BTBZMqHH6r4Tts7J_aSIgg', 'base64url')
  const body =
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN'
  expect(decryptPush(Buffer.from(body, 'base64url'), { ecdh, auth })).toBe(
    'When I grow up, I want to be a watermelon',
  )
})

const ON_CALL = `
people:
  - { id: marie, channels: [phones, journal] }
  - { id: paul, channels: [phones] }
`
const RULE = FROST.replace('id: frost', 'id: road').replace(/\}$/, ', advice: { fr: Saler, en: Salt } }')
const CHANNELS = ['{ id: phones, type: push, timeout: 3s }', '{ id: journal, type: log }']

describe('a channel of phones', () => {
  let service: Awaited<ReturnType<typeof startPushService>>
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let kept: PushSubscription[]
  beforeEach(async () => {
    service = await startPushService()
    folder = await temporaryFolder()
    kept = []
  })
  afterEach(async () => {
    await service.close()
    await folder.remove()
  })

  async function start() {
    const registry = await testRegistry([RULE], CHANNELS, ON_CALL)
    const records = {
      pushSubscriptions: (person: string) => kept.filter(each => each.person === person),
      removePushSubscription(id: string) {
        kept = kept.filter(each => each.id !== id)
      },
    }
    const phones = openPhones({ folder: folder.path, registry, records })
    const log = memoryLog()
    const links = { tokenOf: () => '1-signed', noticeOf: () => undefined, replyTokenOf: () => '' }
    const hub = { registry, log: log.log, baseUrl: () => 'http://127.0.0.1:8080', links, phones }
    const send = (channel: string, ...events: Notice['event'][]) => {
      const [first, ...others] = events.map(event => ({
        number: 1,
        event,
        channel,
        reminder: 0,
        due: event.time,
      }))
      const carrier = carrierOf(registry.channels.get(channel)!, hub, () => START)
      return carrier.send([first!, ...others], AbortSignal.timeout(10_000))
    }
    return { registry, phones, send, log }
  }

  /** A browser that has subscribed. */
  function subscribe(person: string, path: string, vapidKey: string) {
    const keys = browserKeys()
    kept.push({
      ...{ id: path, person, endpoint: service.url + path, vapidKey, createdAt: START },
      p256dh: keys.ecdh.getPublicKey('base64url'),
      auth: keys.auth.toString('base64url'),
    })
    return (pushed = service.pushed.find(each => each.path === path)!) =>
      JSON.parse(decryptPush(pushed.body, keys))
  }

  test('pushes place, what, since and the alert, encrypted for each phone of its person alone', async () => {
    const { phones, send } = await start()
    const [read, readOther] = ['/a', '/b'].map(path => subscribe('marie', path, phones.publicKey))
    subscribe('paul', '/c', phones.publicKey)
    expect(await send('phones/marie', iceEvent())).toBe('accepted for 2 of 2 phones')
    expect(service.pushed.map(({ path }) => path).toSorted()).toEqual(['/a', '/b'])
    const content = {
      ...{ place: 'Col du Loup', what: 'Verglas, chaussée −1,2 °C', advice: 'Saler' },
      ...{ since: START, alert: 'road-1' },
    }
    expect(read!()).toEqual(content)
    expect(readOther!()).toEqual(content)
    const { headers } = service.pushed[0]!
    expect(headers).toMatchObject({ ttl: '86400', urgency: 'high', 'content-encoding': 'aes128gcm' })
    expect(headers.topic).toMatch(/^[\w-]{1,32}$/)
    const { key, claims } = readVapid(headers.authorization!)
    expect(key).toBe(phones.publicKey)
    expect(claims).toMatchObject({ aud: service.url, sub: 'mailto:test@example.org' })
  })

  test('names no person, makes no noise of what is over, and one push tells of many', async () => {
    const { phones, send } = await start()
    const read = subscribe('paul', '/c', phones.publicKey)
    const taken: AlertEvent = { ...iceEvent('acknowledged'), actor: 'nadia' }
    taken.alert = { ...taken.alert, state: 'acknowledged', acknowledgedBy: 'nadia' }
    await send('phones/paul', taken)
    await send('phones/paul', iceEvent('resolved'))
    await send('phones/paul', iceEvent(), iceEvent('worsened'))
    await send('phones/paul', { type: 'test', time: START, alert: { id: 'test-2026-11-22' } })
    const [acknowledged, resolved, several, tried] = service.pushed.map(read)
    const alert = { place: 'Col du Loup', alert: 'road-1' }
    expect(acknowledged).toEqual({ ...alert, what: 'Prise en charge – Verglas, chaussée −1,2 °C' })
    expect(resolved).toEqual({ ...alert, what: expect.stringMatching(/^Fin d'alerte le 22/) })
    expect(several).toEqual({ place: '2 alertes', what: expect.any(String), since: START })
    expect(tried).toEqual({ place: 'Essai – Test', what: expect.stringMatching(/^Essai quotidien/) })
    expect(service.pushed[1]!.headers.urgency).toBe('normal')
  })

  test('a subscription that is over ends; where no phone is left, nobody is reached here', async () => {
    const { phones, send, log } = await start()
    for (const path of ['/a', '/b']) subscribe('marie', path, phones.publicKey)
    service.answers.set('/a', 410)
    expect(await send('phones/marie', iceEvent())).toBe('accepted for 1 of 2 phones')
    expect(kept.map(({ id }) => id)).toEqual(['/b'])
    service.answers.set('/b', 404)
    await expect(send('phones/marie', iceEvent())).rejects.toThrow(Unreachable)
    await expect(send('phones/marie', iceEvent())).rejects.toThrow(/^no phone is subscribed$/)
    expect(JSON.stringify(log.lines)).not.toContain(service.url)
  })

  test('one whose push service is busy is tried again, and one for another key of ours is not', async () => {
    const { phones, send } = await start()
    subscribe('paul', '/c', phones.publicKey)
    service.answers.set('/c', 503)
    await expect(send('phones/paul', iceEvent())).rejects.toThrow(/^answered with status 503$/)
    expect(kept).toHaveLength(1)
    kept = []
    subscribe('paul', '/old', 'of-a-hub-that-was-restored')
    await expect(send('phones/paul', iceEvent())).rejects.toThrow(Unreachable)
  })

  test('without a person it tells everybody who has it', async () => {
    const { phones, send } = await start()
    subscribe('marie', '/a', phones.publicKey)
    subscribe('paul', '/c', phones.publicKey)
    expect(await send('phones', iceEvent())).toBe('accepted for 2 of 2 phones')
  })

  test('its key is made once, and nobody else may read it', async () => {
    const { publicKey } = (await start()).phones
    expect((await start()).phones.publicKey).toBe(publicKey)
    const file = join(folder.path, 'own', 'vapid.key')
    expect([statSync(file).size, statSync(file).mode & 0o777]).toEqual([32, 0o600])
    expect(Buffer.from(publicKey, 'base64url')).toHaveLength(65)
  })
})

test('a channel of phones that no person has is an error of the registry', async () => {
  await expect(testRegistry([], ['{ id: phones, type: push }'])).rejects.toThrow(
    /channels\[0\]: tells nobody: no person has it/,
  )
})

test.each([
  ['https://push.example.org/x', true],
  ['http://push.example.org/x', false],
  ['https://user@push.example.org/x', false],
  ['https://10.1.2.3/x', false],
  ['https://169.254.169.254/latest/meta-data', false],
  ['https://0x7f000001/x', false],
  ['https://localhost/x', false],
  ['https://[::1]/x', false],
  ['https://[::ffff:10.0.0.1]/x', false],
  ['https://[fd00::1]/x', false],
  ['http://127.0.0.1:9/x', false],
  ['https://9.9.9.9/x', true],
  ['file:///etc/passwd', false],
])('an endpoint that a browser names may not lead inside: %s', (endpoint, allowed) => {
  expect(misfitOfEndpoint(endpoint, false) === undefined).toBe(allowed)
})

test('a hub that only its own machine reaches may push to it, and to nothing else inside', () => {
  expect(misfitOfEndpoint('http://127.0.0.1:9/x', true)).toBeUndefined()
  expect(misfitOfEndpoint('https://192.168.1.1/x', true)).toBe('is not of the public internet')
  expect(['9.9.9.9', '2606:4700::1111'].every(isPublicAddress)).toBe(true)
  const inside = [
    '192.168.1.1',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '2002:a00:1::',
    '::',
    'fe80::1',
    'x',
  ]
  expect(inside.filter(isPublicAddress)).toEqual([])
})

test('where a name leads is looked at when it is connected to', async () => {
  const found = Promise.withResolvers<[string | undefined, unknown]>()
  lookupPublic('localhost', { all: true }, (error, addresses) => found.resolve([error?.code, addresses]))
  expect(await found.promise).toEqual(['ENOTPUBLIC', ''])
})
