import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findPeer } from '../../peers/cache.ts'
import { createAuthority } from '../../peers/certificates.ts'
import { startMosquitto } from '../../peers/mosquitto.ts'
import { temporaryFolder, testRegistry } from '../territory.ts'
import { BASE, senderOf, TOKEN } from './fixtures.ts'

const hasPeers = findPeer('mosquitto') && findPeer('openssl')

describe.runIf(hasPeers)('a broker of the user', () => {
  /** With TLS, and a password. */
  async function startBroker() {
    const folder = await temporaryFolder()
    onTestFinished(folder.remove)
    chmodSync(folder.path, 0o755)
    const authority = createAuthority(folder.path, 'authority')
    const { certificate, key } = authority.issue('broker', ['IP:127.0.0.1'])
    const passwords = join(folder.path, 'passwords')
    writeFileSync(passwords, '')
    spawnSync('mosquitto_passwd', ['-b', passwords, 'affluent', 's3cret'])
    for (const file of [passwords, key, certificate]) chmodSync(file, 0o644)
    const broker = await startMosquitto(
      `allow_anonymous false\npassword_file ${passwords}\ncertfile ${certificate}\nkeyfile ${key}`,
    )
    onTestFinished(broker.close)
    const url = `mqtts://127.0.0.1:${broker.port}`
    const more = `username: affluent, password: s3cret, tls: { ca: '${authority.certificate}' }, timeout: 5s`
    const listen = async (topic: string) => {
      const client = await connectAsync(url, {
        ...{ username: 'affluent', password: 's3cret', rejectUnauthorized: false },
      })
      onTestFinished(() => client.endAsync(true))
      const heard = Promise.withResolvers<{ body: Record<string, unknown>; qos: number; retain: boolean }>()
      client.on('message', (_, payload, { qos, retain }) =>
        heard.resolve({ body: JSON.parse(payload.toString()), qos, retain }),
      )
      await client.subscribeAsync(topic, { qos: 1 })
      return { heard: heard.promise }
    }
    return { url, more, listen, authority }
  }

  test('is given what a webhook is, with QoS 1, and keeps it where that is asked for', async () => {
    const { url, more, listen } = await startBroker()
    const live = await listen('routes/alertes')
    const send = await senderOf(`{ id: m, type: mqtt, url: '${url}', topic: routes/alertes, ${more} }`)
    await send()
    expect(await live.heard).toMatchObject({
      ...{ qos: 1, retain: false },
      body: {
        ...{ version: 1, key: 'road-1/fired', event: 'fired', acknowledge: `${BASE}/k/${TOKEN}` },
        ...{ alert: { id: 'road-1', phenomenon: 'ice' }, site: { id: 'col-du-loup' } },
      },
    })
    const keep = await senderOf(`{ id: m, type: mqtt, url: '${url}', topic: kept, retain: true, ${more} }`)
    expect(await keep()).toBe('acknowledged by the broker')
    expect(await (await listen('kept')).heard).toMatchObject({ retain: true })
  })

  test('that refuses, is strange or away is an error without secret and address', async () => {
    const { url, more, authority } = await startBroker()
    const channel = (settings: string, at = url) =>
      senderOf(`{ id: m, type: mqtt, url: '${at}', topic: a, ${settings} }`)
    const failing = async (settings: string, at?: string) =>
      (await channel(settings, at))().catch((error: Error) => error.message)
    expect(await failing(more.replace('s3cret', 'wrong'))).toMatch(
      /wrong user name or password|not authorized/,
    )
    const strange = createAuthority((await temporaryFolder()).path, 'another')
    expect(await failing(more.replace(authority.certificate, strange.certificate))).toMatch(/^[A-Z_]+$/)
    expect(await failing('timeout: 5s', 'mqtt://127.0.0.1:1')).toBe('ECONNREFUSED')
  })
})

test.each([
  ["url: 'mqtt://broker', topic: 'a/#'", /topic: use up to 200 characters, neither \+ nor #/],
  ["url: 'mqtt://user:s3cret@broker', topic: a", /url: write mqtt:\/\/host:port/],
  ["url: 'mqtt://broker', topic: a, tls: { ca: x }", /tls: goes with mqtts:\/\/ only/],
])('what cannot work is an error of the registry: %s', async (channel, message) => {
  await expect(testRegistry([], [`{ id: m, type: mqtt, ${channel} }`])).rejects.toThrow(message)
})
