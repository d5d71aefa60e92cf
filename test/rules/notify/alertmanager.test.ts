import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HOUR_MS } from '../../../model/time.ts'
import { alertmanagerChannel } from '../../../rules/notify/alertmanager.ts'
import { type AlertmanagerPeer, startAlertmanager } from '../../peers/alertmanager.ts'
import { findPeer } from '../../peers/cache.ts'
import { memoryLog, testRegistry } from '../territory.ts'
import { startBareServer } from './bare-server.ts'
import { BASE, iceEvent, NO_PHONES } from './fixtures.ts'

/** Real time: an Alertmanager compares it with its own. */
async function channelTo(url: string, more = '', now = Date.now) {
  const registry = await testRegistry([], [`{ id: am, type: alertmanager, url: '${url}/'${more} }`])
  const links = { tokenOf: () => '1-signed', noticeOf: () => undefined, replyTokenOf: () => '' }
  const hub = { registry, log: memoryLog().log, baseUrl: () => BASE, links, phones: NO_PHONES }
  const [parameters] = registry.channels.values()
  const { send, repeater } = alertmanagerChannel(parameters as never, hub, now)
  return {
    repeater,
    send: (event: Parameters<typeof send>[0][0]['event']) =>
      send([{ number: 1, event, channel: 'am', reminder: 0, due: event.time }], AbortSignal.timeout(10_000)),
  }
}

function event(
  type: Parameters<typeof iceEvent>[0],
  id: string,
  severity: 'warning' | 'critical' = 'critical',
) {
  const made = iceEvent(type)
  return { ...made, alert: { ...made.alert, id, severity } }
}

describe.runIf(findPeer('alertmanager'))('an Alertmanager', () => {
  let peer: AlertmanagerPeer
  beforeAll(async () => {
    peer = await startAlertmanager()
  })
  afterAll(() => peer.close())
  const firing = async (id: string) => (await peer.alerts()).filter(({ labels }) => labels.alert === id)

  test('has an alert while it is live, under labels for its routes, and no longer', async () => {
    const { send } = await channelTo(peer.url, ', labels: { team: routes }')
    expect(await send(event('fired', 'a'))).toBe('answered with status 200')
    const [alert, ...others] = await firing('a')
    expect(others).toEqual([])
    expect(alert).toMatchObject({
      labels: {
        ...{ alertname: 'road', severity: 'critical', territory: 'test', team: 'routes', alert: 'a' },
        ...{ site: 'col-du-loup', point: 'col-du-loup/station/surface' },
      },
      annotations: {
        ...{ summary: 'Verglas, chaussée −1,2 °C', message_en: 'Ice, surface −1.2 °C', phenomenon: 'ice' },
        ...{ site_name: 'Col du Loup', state: 'firing' },
      },
      startsAt: '2026-11-22T03:00:00.000Z',
      generatorURL: `${BASE}/alerts/a`,
    })
    expect(Date.parse(alert!.endsAt)).toBeGreaterThan(Date.now() + HOUR_MS - 60_000)
    await send(event('resolved', 'a'))
    expect(await firing('a')).toEqual([])
  })

  test('has one alert also where its severity changes', async () => {
    const { send } = await channelTo(peer.url)
    await send(event('fired', 'b', 'warning'))
    await send(event('worsened', 'b', 'critical'))
    expect((await firing('b')).map(({ labels }) => labels.severity)).toEqual(['critical'])
  })

  test('is told again of what is live, so that it lasts, and never after its end', async () => {
    const { send, repeater } = await channelTo(peer.url)
    const { alert } = event('fired', 'c')
    const signal = AbortSignal.timeout(10_000)
    await repeater.repeat(() => [alert], signal)
    const [first] = await firing('c')
    await repeater.repeat(() => [alert], signal)
    const [second] = await firing('c')
    expect(Date.parse(second!.endsAt)).toBeGreaterThan(Date.parse(first!.endsAt))
    // What is live is asked for when its turn has come.
    const live = [alert]
    const ended = send(event('resolved', 'c')).then(() => (live.length = 0))
    await Promise.all([ended, repeater.repeat(() => live, signal)])
    expect(await firing('c')).toEqual([])
  })

  test('is told that the way to it works', async () => {
    const { send } = await channelTo(peer.url)
    await send({ type: 'test', time: Date.now(), alert: { id: 'test-2026-11-22' } })
    const tests = (await peer.alerts()).filter(({ labels }) => labels.alertname === 'affluent-test')
    expect(tests).toMatchObject([{ labels: { severity: 'info' } }])
  })
})

test('is asked with its credentials, which no error shows', async () => {
  const server = await startBareServer(401)
  for (const more of [', user: affluent, password: s3cret', ', token: s3cret']) {
    const { send } = await channelTo(server.url, more)
    await expect(send(iceEvent())).rejects.toThrow(/^answered with status 401$/)
  }
  expect(server.asked.map(({ method, path, headers }) => [method, path, headers.authorization])).toEqual([
    ['POST', '/api/v2/alerts', `Basic ${btoa('affluent:s3cret')}`],
    ['POST', '/api/v2/alerts', 'Bearer s3cret'],
  ])
  await server.close()
})
