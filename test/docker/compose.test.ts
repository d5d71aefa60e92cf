import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadHub } from '../../registry/hub.ts'
import { ROLES } from '../../registry/roles.ts'
import { ROOT, runAffluent } from '../e2e/command-line.ts'
import { readDockerfile } from './dockerfile.ts'

interface Service {
  image: string
  profiles: string[]
  command?: string[]
  entrypoint?: string[]
  environment?: Record<string, string>
  ports?: string[]
  volumes?: string[]
  depends_on?: string[]
  network_mode?: string
  healthcheck?: { test: string[] }
  build?: string
  read_only?: boolean
}

const read = (file: string) => readFileSync(ROOT + file, 'utf8')
const compose: { services: Record<string, Service>; volumes: Record<string, null> } = parse(
  read('docker-compose.yml'),
  { merge: true },
)
const services = Object.entries(compose.services)
const ours = services.filter(([, service]) => service.build !== undefined)
const stages = readDockerfile(read('Dockerfile'))
const image = stages.at(-1)!
const instruction = (name: string) => image.filter(found => found.name === name).map(({ words }) => words)

/** What a value is when nothing is set in the environment. */
const withDefaults = (text: string) => text.replace(/\$\{\w+(?::-([^}]*))?\}/g, (_, value = '') => value)
const isSecret = (name: string) => /token|password|secret/i.test(name)
const DATA = '/data'
/** What the build does not see. */
const ignored = read('.dockerignore').trim().split('\n')

describe('docker-compose.yml', () => {
  it('has exactly the profiles core, influxdb, grafana and simulators', () => {
    const profiles = new Set(services.flatMap(([, service]) => service.profiles))
    expect([...profiles].sort()).toEqual(['core', 'grafana', 'influxdb', 'simulators'])
    for (const [name, { profiles }] of services) expect(profiles, name).toHaveLength(1)
  })

  it('refers only to services and volumes that it has, and keeps every volume for a service', () => {
    const used = new Set<string>()
    for (const [, { volumes = [], depends_on = [], network_mode }] of services) {
      for (const name of depends_on) expect(compose.services).toHaveProperty(name)
      if (network_mode) expect(compose.services).toHaveProperty(network_mode.replace(/^service:/, ''))
      for (const volume of volumes) if (!volume.startsWith('.')) used.add(volume.split(':')[0]!)
    }
    expect([...used].sort()).toEqual(Object.keys(compose.volumes).sort())
  })

  it('publishes on the loopback of the machine only, and what the image exposes', () => {
    const exposed = instruction('EXPOSE').flat()
    for (const [name, { ports = [], network_mode }] of services) {
      expect(network_mode, name).not.toBe('host')
      for (const port of ports) {
        expect(port, name).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
        if (ours.some(([own]) => own === name)) expect(exposed).toContain(port.split(':').at(-1))
      }
    }
    expect(services.flatMap(([, { ports = [] }]) => ports)).not.toEqual([])
  })

  it('mounts only files that exist, which a container cannot change', () => {
    const mounts = services
      .flatMap(([, { volumes = [] }]) => volumes)
      .filter(volume => volume.startsWith('.'))
    expect(mounts).not.toEqual([])
    for (const mount of mounts) {
      const [source, , mode] = mount.split(':')
      expect(existsSync(ROOT + source), source).toBe(true)
      expect(mode, mount).toBe('ro')
    }
  })

  it('has no secret in it, neither as a value nor as a default, nor have the files that it starts from', () => {
    let found = 0
    const check = (name: string, value: unknown) => {
      if (!isSecret(name)) return
      found++
      expect(value, name).toMatch(/^\$\{\w+(:-)?\}$/)
    }
    for (const [, { environment = {} }] of services)
      for (const [name, value] of Object.entries(environment)) check(name, value)
    for (const file of globSync('docker/*.yaml', { cwd: ROOT }))
      parse(read(file), (key, value) => {
        if (typeof key === 'string' && typeof value === 'string') check(key, value)
        return value
      })
    expect(found).toBeGreaterThan(4)
    for (const { name, words } of stages.flat())
      if (name === 'ENV' || name === 'ARG') for (const word of words) expect(isSecret(word), word).toBe(false)
    expect(ignored).toContain('.env')
  })

  it('does not start Grafana with the password that Grafana has by default', () => {
    const { entrypoint, environment } = compose.services.grafana!
    expect(environment!.GF_SECURITY_ADMIN_PASSWORD).toMatch(/^\$\{GRAFANA_PASSWORD:-\}$/)
    const [shell, flag, script] = entrypoint!.map(word => word.replaceAll('$$', '$'))
    const start = (password: string) =>
      spawnSync(shell!, [flag!, script!.replace('/run.sh', 'echo started')], {
        env: { ...process.env, GF_SECURITY_ADMIN_PASSWORD: password },
        encoding: 'utf8',
      })
    expect(start('').stderr).toContain('set GRAFANA_PASSWORD')
    expect(start('').status).not.toBe(0)
    expect(start('s3cret word').stdout).toBe('started\n')
  })

  it('asks its own service whether it is well, by code that is sound', () => {
    const { healthcheck, ports } = compose.services.hub!
    const [kind, program, flag, code] = healthcheck!.test
    expect([kind, program, flag]).toEqual(['CMD', 'node', '-e'])
    expect(() => new Script(code!)).not.toThrow()
    const { port, pathname } = new URL(/'(http:[^']+)'/.exec(code!)![1]!)
    expect(ports!.some(published => published.endsWith(`:${port}`))).toBe(true)
    expect(pathname).toBe('/health/live')
  })

  it('names a version of every image', () => {
    const images = services.filter(([, service]) => !service.build).map(([, service]) => service.image)
    for (const name of [...images, ...stages.map(([from]) => from!.words[0]!)])
      expect(name).toMatch(/^[\w./-]+:\d[\w.-]*$/)
  })
})

describe('the Dockerfile', () => {
  it('runs as a normal user, whose data it keeps in a volume', () => {
    const users = instruction('USER').flat()
    expect(users).toEqual(['node'])
    const names = image.map(({ name }) => name)
    expect(names.lastIndexOf('RUN')).toBeLessThan(names.indexOf('USER'))
    expect(instruction('VOLUME').flat()).toEqual([DATA])
    expect(instruction('RUN').map(words => words.join(' '))).toContainEqual(
      expect.stringContaining(`chown node:node ${DATA}`),
    )
    for (const [name, service] of ours) {
      expect(service.read_only, name).toBe(true)
      expect(service.volumes, name).toContainEqual(expect.stringMatching(`:${DATA}$`))
    }
  })

  it('copies only what exists and is not kept from the build', () => {
    for (const { words } of stages.flat().filter(({ name }) => name === 'COPY')) {
      if (words[0]!.startsWith('--from=')) continue
      for (const source of words.slice(0, -1)) {
        expect(existsSync(ROOT + source), source).toBe(true)
        expect(ignored).not.toContain(source)
      }
    }
  })

  it('starts from the Node that the program asks for', () => {
    const { engines } = JSON.parse(read('package.json'))
    const oldest = Number(/\d+/.exec(engines.node)![0])
    for (const [from] of stages)
      expect(Number(/^node:(\d+)/.exec(from!.words[0]!)![1])).toBeGreaterThanOrEqual(oldest)
  })
})

describe('the commands of the containers', () => {
  const [entrypoint] = instruction('ENTRYPOINT')
  const commands = [...ours.map(([, { command }]) => command!.map(withDefaults)), ...instruction('CMD')]

  it('are words of the command line, and files that exist', async () => {
    expect(entrypoint).toEqual(['node', '--max-semi-space-size=4', 'bin/affluent.js'])
    expect(existsSync(ROOT + entrypoint!.at(-1))).toBe(true)
    const listed = new Map<string, string>()
    for (const [command, ...words] of commands) {
      const help = listed.get(command!) ?? (await runAffluent([command!, '--help'])).out
      listed.set(command!, help)
      expect(help).toContain(`Usage: affluent ${command} `)
      for (const word of words) {
        if (word.startsWith('-')) expect(help).toContain(`${word} <`)
        else expect(existsSync(ROOT + word), word).toBe(true)
      }
    }
  })

  it('name settings that are sound and go together: all roles, one broker, one InfluxDB', async () => {
    const environment = { INFLUXDB_TOKEN: 'a-token' }
    const load = async (file: string) => (await loadHub({ file: ROOT + file, environment })).settings
    const hub = await load('docker/hub.yaml')
    const withInfluxdb = await load('docker/hub-influxdb.yaml')
    const gateway = await load('docker/gateway.yaml')
    for (const settings of [hub, withInfluxdb, gateway]) expect(settings.data).toBe(DATA)

    const played = [...hub.roles, ...gateway.roles, 'simulators']
    expect(played.sort()).toEqual([...ROLES].sort())
    expect(withInfluxdb.roles).toEqual(hub.roles)
    expect(gateway.mqtt.url).toEqual([`mqtt://hub:${hub.mqtt.port}`])
    for (const { http, mqtt } of [hub, withInfluxdb])
      expect(compose.services.hub!.ports!.map(port => Number(port.split(':')[2]))).toEqual([
        http.port,
        mqtt.port,
      ])

    const influxdb = compose.services.influxdb!.environment!
    const grafana = compose.services.grafana!.environment!
    expect(withInfluxdb.store).toEqual({
      kind: 'influxdb',
      url: 'http://influxdb:8086',
      org: influxdb.DOCKER_INFLUXDB_INIT_ORG,
      bucket: influxdb.DOCKER_INFLUXDB_INIT_BUCKET,
      token: environment.INFLUXDB_TOKEN,
    })
    expect(grafana).toMatchObject({
      INFLUXDB_URL: 'http://influxdb:8086',
      INFLUXDB_BUCKET: influxdb.DOCKER_INFLUXDB_INIT_BUCKET,
      INFLUXDB_TOKEN: influxdb.DOCKER_INFLUXDB_INIT_ADMIN_TOKEN,
    })
    expect(compose.services.hub!.environment!.INFLUXDB_TOKEN).toBe(influxdb.DOCKER_INFLUXDB_INIT_ADMIN_TOKEN)
  })
})

describe('the provisioning of Grafana', () => {
  const files = globSync('dashboards/grafana/provisioning/*/*.yaml', { cwd: ROOT })
  const grafana = compose.services.grafana!

  it('is mounted where Grafana looks, and finds the dashboards where they are mounted', () => {
    expect(files).toHaveLength(2)
    const mounts = new Map(grafana.volumes!.map(mount => mount.split(':') as [string, string]))
    for (const file of files) {
      const folder = `./${file.slice(0, file.lastIndexOf('/'))}`
      expect(mounts.get(folder)).toBe(`/etc/grafana/provisioning/${folder.split('/').at(-1)}`)
    }
    const { providers } = parse(read('dashboards/grafana/provisioning/dashboards/affluent.yaml'))
    expect(providers[0].options.path).toBe(mounts.get('./dashboards/grafana/generated'))
  })

  it('uses only variables that its container has', () => {
    const used = files.flatMap(file => [...read(file).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!))
    expect(used).not.toEqual([])
    for (const name of used) expect(grafana.environment).toHaveProperty(name)
  })
})
