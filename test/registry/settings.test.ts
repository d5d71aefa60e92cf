import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DAY_MS } from '../../model/time.ts'
import { RegistryError } from '../../registry/problem.ts'
import { loadSettings, type SettingsOptions } from '../../registry/settings.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-settings-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(text: string): Promise<string> {
  const file = join(folder, 'hub.yaml')
  await writeFile(file, text)
  return file
}

async function problemsOf(options: SettingsOptions): Promise<string[]> {
  const error = await loadSettings({ environment: {}, ...options }).catch(thrown => thrown)
  expect(error).toBeInstanceOf(RegistryError)
  return error.message.replaceAll(join(folder, 'hub.yaml'), 'hub.yaml').split('\n')
}

test('without a file everything has a default, and nothing listens beyond this machine', async () => {
  const settings = await loadSettings({ environment: {} })
  expect(settings).toMatchObject({
    territory: resolve(import.meta.dirname, '../../demo'),
    data: resolve('data'),
    http: { host: '127.0.0.1', port: 8080, proxies: [], reads: 'everybody' },
    mqtt: { host: '127.0.0.1', port: 18_830 },
    store: { kind: 'embedded', memoryLimit: 512 * 1024 ** 2 },
    outbox: { maxBytes: 1024 ** 3, maxAge: 30 * DAY_MS, syncInterval: 1000, backlogRate: 100_000 },
    publicBaseUrl: 'http://127.0.0.1:8080',
    logLevel: 'warn',
    simulators: { seed: 1, historyMonths: 13 },
    warnings: [],
  })
  const everything = ['simulators', 'gateway', 'broker', 'ingest', 'fluids', 'rules', 'api']
  expect([...settings.roles]).toEqual(everything)
})

test('the command line wins over the file key by key, and paths belong to where they were written', async () => {
  const file = await write('data: here\nterritory: mine.yaml\nhttp: { port: 1 }\nmqtt: { port: 2 }\n')
  const overrides = { data: 'there', http: { port: 3 }, logLevel: undefined }
  const settings = await loadSettings({ file, overrides, environment: {} })
  expect(settings.data).toBe(resolve('there'))
  expect(settings.territory).toBe(join(folder, 'mine.yaml'))
  expect([settings.http, settings.mqtt.port, settings.logLevel]).toEqual([
    { host: '127.0.0.1', port: 3, proxies: [], reads: 'everybody' },
    2,
    'warn',
  ])
})

test('an outbox is sized in bytes and hours', async () => {
  const file = await write('outbox: { maxBytes: 1.5GiB, maxAge: 36h, syncInterval: 0s, backlogRate: 500 }\n')
  const { outbox } = await loadSettings({ file, environment: {} })
  expect(outbox).toEqual({
    maxBytes: 1.5 * 1024 ** 3,
    maxAge: 1.5 * DAY_MS,
    syncInterval: 0,
    backlogRate: 500,
  })
  const wrong = await write('outbox:\n  maxBytes: 1GB\n  maxAge: 7\n')
  const problems = await problemsOf({ file: wrong })
  expect(problems).toEqual([
    expect.stringMatching(/hub.yaml:2.*write a size like 512MiB or 1GiB/),
    expect.stringMatching(/hub.yaml:3.*maxAge/),
  ])
  const small = await write('outbox: { maxBytes: 1MiB }\n')
  expect(await problemsOf({ file: small })).toEqual([expect.stringContaining('must be 16MiB or more')])
})

test('measures are kept for 400 days at least, by the embedded store', async () => {
  const { store } = await loadSettings({
    file: await write('store: { kind: embedded, retention: { measures: 3650d } }\n'),
    environment: {},
  })
  expect(store).toMatchObject({ retention: { measures: 3650 * DAY_MS } })
  const short = await write('store:\n  kind: embedded\n  retention:\n    measures: 365d\n')
  expect(await problemsOf({ file: short })).toEqual([
    'hub.yaml:4:5 store.retention.measures: must be 400d or more: a month is compared with that of the year before',
  ])
  const influxdb = { kind: 'influxdb', url: 'http://127.0.0.1:8086', org: 'o', bucket: 'b', token: 't' }
  const other = await write(JSON.stringify({ store: { ...influxdb, retention: { measures: '3650d' } } }))
  expect(await problemsOf({ file: other })).toEqual([
    expect.stringMatching(/ store\.retention: is for the embedded store: .* up to its bucket/),
  ])
})

test('secrets come from the environment, and a missing one is named with its line', async () => {
  const file = await write(
    `store:\n  kind: influxdb\n  url: http://127.0.0.1:8086\n  org: o\n  bucket: b\n  token: \${TOKEN}\n`,
  )
  const { store } = await loadSettings({ file, environment: { TOKEN: 's3cret' } })
  expect(store).toMatchObject({ token: 's3cret' })
  expect(await problemsOf({ file })).toEqual([
    'hub.yaml:6:3 store.token: set TOKEN, or TOKEN_FILE, in the environment',
  ])
})

test('everything that is wrong is named at once, with its line or as of the command line', async () => {
  const file = await write('prot: 1\nhttp: { port: many }\nstore: { kind: oracle }\n')
  expect(await problemsOf({ file, overrides: { mqtt: { port: 70_000 } } })).toEqual([
    'hub.yaml:1:1 prot: unknown key',
    'hub.yaml:2:9 http.port: expected number, received string',
    "hub.yaml:3:10 store.kind: expected 'embedded' | 'influxdb'",
    'command line mqtt.port: Too big: expected number to be <=65535',
  ])
  expect(await problemsOf({ file: await write('http: [\n') })).toHaveLength(1)
  expect(await problemsOf({ file: join(folder, 'nowhere.yaml') })).toEqual([
    `${join(folder, 'nowhere.yaml')}: there is no such file or folder`,
  ])
})

describe('a host beyond this machine', () => {
  const http = { host: '0.0.0.0', port: 80 }

  test('is refused unless it is allowed', async () => {
    const [problem, ...others] = await problemsOf({ overrides: { http, mqtt: { host: '192.168.1.4' } } })
    expect(problem).toMatch(/^command line http\.host: .*allowRemote: true/)
    expect(others).toEqual([expect.stringMatching(/^command line mqtt\.host: /)])
  })

  test('is allowed with a warning', async () => {
    const settings = await loadSettings({ overrides: { http, allowRemote: true }, environment: {} })
    expect(settings.warnings).toEqual([
      'HTTP listens on 0.0.0.0:80: whoever reaches this machine can read the open data.',
    ])
    expect(settings.publicBaseUrl).toBe('http://localhost:80')
  })

  test('needs an account to be read, by its own address or by that of a proxy, unless the settings say otherwise', async () => {
    const publicBaseUrl = 'https://hub.example'
    const reads = async (overrides: SettingsOptions['overrides']) =>
      (await loadSettings({ overrides, environment: {} })).http.reads
    expect(await reads({ http, allowRemote: true })).toBe('accounts')
    expect(await reads({ publicBaseUrl })).toBe('accounts')
    expect(await reads({ http, allowRemote: true, publicBaseUrl: 'http://localhost' })).toBe('accounts')
    expect(await reads({ http: { proxies: ['127.0.0.1'] } })).toBe('accounts')
    expect(await reads({ publicBaseUrl, http: { reads: 'everybody' } })).toBe('everybody')
    expect(await reads({ publicBaseUrl: 'http://[::1]:8080' })).toBe('everybody')
  })

  test('matters only to a process that listens there', async () => {
    const overrides: SettingsOptions['overrides'] = {
      http,
      roles: ['gateway'],
      mqtt: { url: 'mqtt://h:1883' },
    }
    expect((await loadSettings({ overrides, environment: {} })).warnings).toEqual([])
  })

  test.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('%s is this machine', async host => {
    await loadSettings({ overrides: { http: { host } }, environment: {} })
  })
})

describe('roles', () => {
  const mqtt = { url: 'mqtt://broker.example:1883' }

  test('a broker elsewhere takes the place of our own', async () => {
    expect((await loadSettings({ overrides: { mqtt }, environment: {} })).roles.has('broker')).toBe(false)
    expect(await problemsOf({ overrides: { mqtt, roles: ['broker'] } })).toEqual([
      'command line mqtt.url: names a broker elsewhere: leave the role broker out',
    ])
    expect(await problemsOf({ overrides: { roles: ['gateway'] } })).toEqual([
      'hub.yaml mqtt.url: say where the broker is, or give this process the role broker',
    ])
    await loadSettings({ overrides: { roles: ['simulators'] }, environment: {} })
  })

  test('an owner is never split, and the reason is given', async () => {
    const [problem] = await problemsOf({ overrides: { mqtt, roles: ['ingest', 'api'] } })
    expect(problem).toBe(
      'command line roles: ingest, fluids, rules, api run in one process, which owns the embedded store, ' +
        'figures and records: add fluids, rules',
    )
    const store = { kind: 'influxdb', url: 'http://i:8086', org: 'o', bucket: 'b', token: 't' } as const
    for (const roles of [['ingest'], ['rules'], ['fluids', 'api'], ['gateway']] as const)
      await loadSettings({ overrides: { mqtt, store, roles: [...roles] }, environment: {} })
    const [split] = await problemsOf({ overrides: { mqtt, store, roles: ['fluids'] } })
    expect(split).toMatch(/fluids, api run in one process, which owns figures and records: add api$/)
  })

  test('gateways are for the role gateway, a user and a password for a broker elsewhere', async () => {
    const overrides: SettingsOptions['overrides'] = {
      roles: ['broker'],
      gateways: ['gw'],
      mqtt: { username: 'u', password: 'p' },
    }
    expect(await problemsOf({ overrides })).toEqual([
      'command line mqtt.username: is for a broker elsewhere, which mqtt.url names',
      'command line mqtt.password: is for a broker elsewhere, which mqtt.url names',
      'command line gateways: this process does not have the role gateway',
    ])
  })

  test('the public is told of the road weather by the role api', async () => {
    const mqtt = { url: 'mqtt://broker.example:1883' }
    expect(await problemsOf({ overrides: { mqtt, roles: ['gateway'], publicMqtt: {} } })).toEqual([
      'hub.yaml publicMqtt: this process does not have the role api',
    ])
    expect((await loadSettings({ overrides: { publicMqtt: {} } })).publicMqtt).toEqual({ maxClients: 500 })
  })

  test('only a process that is one gateway follows a hub', async () => {
    const mqtt = { url: 'mqtt://broker.example:1883' }
    const follow = { key: 'AAAA', number: 1 }
    const overrides = (gateways: string[], ...roles: ('gateway' | 'simulators')[]) => ({
      overrides: { mqtt, follow, gateways, roles },
    })
    await loadSettings({ ...overrides(['gw'], 'gateway'), environment: {} })
    const message = 'hub.yaml follow: is for a process that plays one gateway of gateways and nothing else'
    expect(await problemsOf(overrides(['gw', 'gw-b'], 'gateway'))).toEqual([message])
    expect(await problemsOf(overrides(['gw'], 'gateway', 'simulators'))).toEqual([message])
  })
})

test('a broker elsewhere may be a cluster, and its certificates are files beside the settings', async () => {
  await writeFile(join(folder, 'ca.pem'), '')
  const file = await write('mqtt: { url: ["mqtts://a:8883", "mqtts://b:8883"], tls: { ca: ca.pem } }\n')
  const { mqtt } = await loadSettings({ file, environment: {} })
  expect(mqtt.url).toEqual(['mqtts://a:8883', 'mqtts://b:8883'])
  expect(mqtt.tls).toEqual({ ca: join(folder, 'ca.pem'), certificate: undefined, key: undefined })
})

test('certificates that do not go together, or cannot be read, are refused', async () => {
  const problems = await problemsOf({
    file: await write('mqtt: { url: "mqtt://a:1883", tls: { certificate: own.pem } }\n'),
  })
  expect(problems).toEqual([
    'hub.yaml:1:31 mqtt.tls: goes with mqtts:// only',
    'hub.yaml:1:31 mqtt.tls: a certificate needs its key, and a key its certificate',
    'hub.yaml:1:38 mqtt.tls.certificate: names a file that cannot be read (ENOENT)',
  ])
})

test('those of an authority that stamps the log are beside the settings, and can be read', async () => {
  const stamps = 'publication: { stamps: { url: "https://tsa.example", certificates: tsa.pem } }\n'
  expect(await problemsOf({ file: await write(stamps) })).toEqual([
    expect.stringMatching(/publication\.stamps\.certificates: names a file that cannot be read \(ENOENT\)$/),
  ])
  await writeFile(join(folder, 'tsa.pem'), '')
  const { publication } = await loadSettings({ file: await write(stamps), environment: {} })
  expect(publication.stamps?.certificates).toBe(join(folder, 'tsa.pem'))
})
