import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { MEASURED_QUANTITY_NAMES, type QuantityName, quantity } from '../../../model/quantity.ts'
import {
  bitCount,
  kindOf,
  NUMBER_TYPES,
  REGISTER_ORDERS,
  REGISTER_TYPES,
} from '../../../model/register-values.ts'
import { readDeviceFiles, SHIPPED_DEVICES } from '../../../registry/device-files.ts'
import { loadRegistry } from '../../../registry/load.ts'
import { readPointList } from '../../../registry/point-list/read.ts'
import { writePointList } from '../../../registry/point-list/write.ts'
import type { Registry } from '../../../registry/registry.ts'
import { measuredPoints } from '../../../registry/registry.ts'
import type { RegistryInput } from '../../../registry/schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'affluent-points-'))
afterAll(() => rmSync(folder, { recursive: true }))

const TERRITORY = {
  territory: {
    id: 'essai',
    name: 'Essai',
    timeZone: 'Europe/Paris',
    publisher: { name: 'Essai', url: 'https://example.org', email: 'essai@example.org' },
  },
  sites: ['ecole', 'route'].map(id => ({
    ...{ id, name: id, kind: 'building' as const, commune: '96204', position: { lat: 48, lon: 3 } },
  })),
}
type Gateways = NonNullable<RegistryInput['gateways']>

/** A registry of these gateways, as YAML or as what YAML says. */
async function load(gateways: Gateways | string): Promise<Registry> {
  const file = join(folder, 'territory.yaml')
  const text = typeof gateways === 'string' ? gateways : stringify({ gateways })
  writeFileSync(file, `${stringify(TERRITORY)}${text}`)
  return loadRegistry(file, { environment: {} })
}

async function write(registry: Registry, mark: ',' | '.' = ',') {
  const gateways = [...registry.gateways.values()]
  const models = gateways.flatMap(({ connections }) =>
    connections.flatMap(({ devices }) => devices.flatMap(({ model }) => model ?? [])),
  )
  const { deviceFiles } = await readDeviceFiles(models, [SHIPPED_DEVICES])
  return writePointList(gateways, deviceFiles, mark)
}

async function read(csv: string | Buffer): Promise<string> {
  const bytes = typeof csv === 'string' ? Buffer.from(csv) : csv
  return (await readList(bytes)).yaml
}

function readList(bytes: Buffer) {
  return readPointList(bytes, { file: 'points.csv', gateway: 'gw', deviceFolders: [SHIPPED_DEVICES] })
}

const wrong = (csv: string) =>
  read(csv).then(
    () => 'nothing is wrong',
    (error: Error) => error.message.split('\n'),
  )

const id = fc.stringMatching(/^[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,3})?$/)
const number = fc.oneof(
  fc.integer({ min: -1e9, max: 1e9 }),
  fc.constant(-0),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const label = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const interval = fc.constantFrom('200ms', '1s', '90s', '10min', '1h', '1.5h', '1d')
const byKind = (kind: 'boolean' | 'number' | 'string') =>
  fc.constantFrom(
    ...MEASURED_QUANTITY_NAMES.filter(name => quantity(name).value === kind && !quantity(name).values),
  )

const integers = REGISTER_TYPES.filter(type => ['int', 'uint'].includes(kindOf(type)) && bitCount(type) <= 32)
const optional = { requiredKeys: [] as [] }
const registers = fc
  .record({
    place: fc.record({ table: fc.constantFrom('holding', 'input'), address: fc.nat(65_000) } as const),
    type: fc.oneof(
      fc.record({ type: fc.constantFrom(...NUMBER_TYPES) }),
      fc.record({
        type: fc.constantFrom(...integers),
        bits: fc.record({ first: fc.nat(7), count: fc.integer({ min: 1, max: 8 }) }),
      }),
    ),
    rest: fc.record(
      {
        wordOrder: fc.constantFrom(...REGISTER_ORDERS),
        byteOrder: fc.constantFrom(...REGISTER_ORDERS),
        unavailable: fc.array(number, { minLength: 1, maxLength: 3 }),
        scale: number.filter(scale => scale !== 0),
        offset: number,
      },
      optional,
    ),
  })
  .map(({ place, type, rest }) => ({ ...place, ...type, ...rest }))
const bits = fc.oneof(
  fc.record({
    table: fc.constantFrom('coil', 'discrete'),
    address: fc.nat(65_535),
    type: fc.constant('bool'),
  } as const),
  fc.record({
    table: fc.constantFrom('holding', 'input'),
    address: fc.nat(65_535),
    type: fc.constant('bool'),
    bit: fc.nat(15),
  } as const),
)

const place = { table: fc.constantFrom('holding', 'input' as const), address: fc.nat(65_000) }
const raw = fc.integer({ min: -300, max: 300 }).map(String)
const stateName = fc
  .stringMatching(/^[a-zA-Z0-9 ]{1,9}$/)
  .map(name => name.trim())
  .filter(name => name !== '' && name !== 'true' && name !== 'false')
const states = (name: fc.Arbitrary<string | boolean>) =>
  fc.record({
    ...place,
    type: fc.constant('int16'),
    states: fc.dictionary(raw, name, { minKeys: 1, maxKeys: 4 }),
  })
const texts = fc.oneof(
  fc.record({ ...place, type: fc.constant('string'), length: fc.integer({ min: 1, max: 125 }) }),
  states(stateName),
)

const common = {
  interval,
  range: fc.option(fc.tuple(number, number).map(pair => pair.sort((a, b) => a - b))),
  label: fc.option(fc.oneof(label, fc.record({ fr: label, en: label }))),
  tags: fc.option(fc.array(id, { minLength: 1, maxLength: 3 })),
}
const point = fc
  .oneof(
    fc.record({ quantity: byKind('number'), modbus: registers, ...common }),
    fc.record({ quantity: byKind('boolean'), modbus: fc.oneof(bits, states(fc.boolean())), ...common }),
    fc.record({ quantity: byKind('string'), modbus: texts, ...common }),
  )
  .chain(({ quantity: name, range, label, tags, ...rest }) =>
    fc.constantFrom(...quantity(name as QuantityName).units).map(unit => ({
      ...{ quantity: name, unit, ...rest },
      ...(range && { min: range[0], max: range[1] }),
      ...(label && { label }),
      ...(tags && { tags }),
    })),
  )

const device = fc.oneof(
  fc.record({ points: fc.dictionary(id, point, { minKeys: 1, maxKeys: 4 }), unit: fc.nat(255) }),
  fc.record({
    model: fc.constantFrom('generic/heat-meter', 'generic/indoor-sensor'),
    points: fc.dictionary(fc.oneof(id, fc.constant('index')), point, { maxKeys: 2 }),
    unit: fc.nat(255),
  }),
)
const line = fc.oneof(
  fc.record({ host: fc.ipV4() }),
  fc.record({
    host: fc.domain(),
    port: fc.integer({ min: 1, max: 65_535 }),
    framing: fc.constantFrom('rtu', 'tcp'),
  }),
  fc.record({
    serial: fc.record(
      {
        path: fc.constantFrom('/dev/ttyUSB0', 'COM3'),
        baudRate: fc.constantFrom(9600, 19_200),
        parity: fc.constantFrom('none', 'even', 'odd'),
        dataBits: fc.constantFrom(7, 8),
        stopBits: fc.constantFrom(1, 2),
      } as const,
      { requiredKeys: ['path'] },
    ),
  }),
)
/** Connections and devices have their place in their names, so that there are no two. */
const gateways = fc
  .array(
    fc.record({
      name: label,
      connections: fc.array(
        fc.record({
          line,
          times: fc.option(interval),
          devices: fc.array(device, { minLength: 1, maxLength: 3 }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    }),
    { minLength: 1, maxLength: 2 },
  )
  .map(list =>
    list.map(({ name, connections }, g) => ({
      id: `gw-${g}`,
      name,
      connections: connections.map(({ line, times, devices }, c) => ({
        ...{ id: `line-${g}-${c}`, driver: 'modbus', ...line },
        ...('host' in line
          ? { host: `${g}-${c}.${line.host}` }
          : { serial: { ...line.serial, path: `${line.serial.path}-${g}-${c}` } }),
        ...(times && { timeout: times, pause: times }),
        devices: devices.map((own, d) => ({
          id: `device-${g}-${c}-${d}`,
          site: d % 2 ? 'route' : 'ecole',
          ...own,
        })),
      })),
    })),
  )

describe('a point list', () => {
  it('carries Modbus points to CSV and back without loss, however it is separated and encoded', () =>
    fc.assert(
      fc.asyncProperty(
        gateways,
        fc.constantFrom(',', '.'),
        fc.constantFrom('utf-8', 'without-mark', 'utf-16le'),
        async (written, mark, encoding) => {
          const before = await load(written as Gateways)
          const { csv, leftOut } = await write(before, mark as ',' | '.')
          expect(leftOut).toEqual([])
          const plain = encoding === 'without-mark' ? csv.replace(/^\uFEFF/, '') : csv
          const yaml = await read(Buffer.from(plain, encoding === 'utf-16le' ? encoding : 'utf-8'))
          const after = await load(yaml)
          expect([...after.points]).toEqual([...before.points])
          expect([...after.gateways.values()].map(connectionsOf)).toEqual(
            [...before.gateways.values()].map(connectionsOf),
          )
        },
      ),
    ))

  const connectionsOf = ({
    id,
    name,
    connections,
  }: Registry['gateways'] extends ReadonlyMap<string, infer G> ? G : never) => ({
    ...{ id, name },
    connections: connections.map(({ devices, ...connection }) => ({
      ...connection,
      devices: devices.map(({ points, ...device }) => device),
    })),
  })

  it('is what a French spreadsheet writes: Windows-1252, semicolons, decimal commas', async () => {
    const csv =
      'Site;Device;Unit_ID;Point;Table;Address;Type;Scale;Quantity;Unit;Interval;Label FR;Connection;Host\r\n' +
      'ecole;compteur;3;index;holding;0x46;uint32;0,1;electricity-index;kW.h;10min;"Énergie ; totale";tableau;10.1.2.3\r\n' +
      ';;;;;;;;;;;;;\r\n' +
      'ecole;compteur;;puissance;holding;80;float32;;active-power;kW;10s;;tableau;\r\n'
    const { points, gateways } = await load(await read(Buffer.from(csv, 'latin1')))
    expect(points.get('ecole/compteur/index')).toMatchObject({
      label: { fr: 'Énergie ; totale', en: 'Énergie ; totale' },
      source: { unit: 3, modbus: { address: 70, scale: 0.1 } },
    })
    expect(points.get('ecole/compteur/puissance')).toMatchObject({ source: { unit: 3 } })
    expect(gateways.get('gw')!.connections).toHaveLength(1)
  })

  it('has tags with spaces, semicolons or commas between, and names the cell of one that is none', async () => {
    const csv = (tags: string) =>
      'site;device;point;table;address;type;quantity;unit;interval;host;tags\n' +
      `ecole;compteur;index;holding;1;uint32;electricity-index;kW.h;10min;10.1.2.3;${tags}\n`
    const registry = await load(await read(csv('"critique; a-relever"')))
    expect(registry.points.get('ecole/compteur/index')!.tags).toEqual(['critique', 'a-relever'])
    expect((await write(registry)).csv).toMatch(/;critique a-relever(;|\r?\n)/)
    expect(await wrong(csv('Critique'))).toEqual([expect.stringMatching(/^points\.csv:2:11 tags/)])
  })

  it('may have commas between cells, and then numbers in quotation marks', async () => {
    const csv =
      'site,device,point,table,address,type,scale,quantity,unit,interval,host\n' +
      'ecole,compteur,index,holding,1,uint32,"0,001",electricity-index,kW.h,10min,10.1.2.3\n'
    const { points, gateways } = await load(await read(csv))
    expect(points.get('ecole/compteur/index')).toMatchObject({ source: { modbus: { scale: 0.001 } } })
    expect(gateways.get('gw')!.connections[0]!.id).toBe('10-1-2-3')
  })

  it('names row and column of everything that is wrong, all at once', async () => {
    const csv = `site;device;model;unit id;point;table;address;type;scale;quantity;unit;interval;connection;host
ecole;a;;1;index;holding;0;uint32;1.234,5;electricity-index;kW.h;10min;l1;10.1.2.3
ecole;a;;2;power;holding;2;float32;;active-power;kWh;10;l1;10.1.2.4
ecole;a;;;index;holding;4;uint99;;electricity-index;m3;10min;l1;
ecole;b;;1;fault;coil;0;uint16;;fault;1;1min;l1;
ecole;a;;;sound;holding;6;float32;;active-power;kW;10s;l1;
ecole;c;acme/none;1;index;holding;;uint16;;electricity-index;kW.h;1min;l1;
`
    expect(await wrong(csv)).toEqual([
      'points.csv:2:9 scale: 1.234,5 is no number: write it like 1234.5 or 1234,5',
      'points.csv:3:4 unit id: is 2, where line 2 says 1 of the same device',
      expect.stringMatching(/^points\.csv:3:11 unit: .*kW/),
      'points.csv:3:12 interval: write a duration like 500ms, 10s, 15min, 1h or 1d',
      'points.csv:3:14 host: is 10.1.2.4, where line 2 says 10.1.2.3 of the same connection',
      'points.csv:4:1: line 2 has index of this device already',
      expect.stringMatching(/^points\.csv:4:8 type: /),
      'points.csv:5:8 type: a coil is a bool',
      'points.csv:5:8 type: fault is a boolean, which this type is not',
      'points.csv:7:1 address: is missing',
      'points.csv:7:3 model: there is no device file acme/none.yaml',
    ])
  })

  it('is refused with the columns that it lacks or that nobody knows', async () => {
    expect(await wrong('site;device;point;quantity;unit;adresse\n')).toEqual([
      'points.csv:1:1 interval: this column is missing',
      expect.stringMatching(/^points\.csv:1:6 adresse: unknown column; there are site, device, model/),
    ])
    expect(await wrong('site;device;point;quantity;unit;interval\n')).toEqual(['points.csv:1:1: has no row'])
    expect(
      await wrong(
        'site;device;point;quantity;unit;interval;table;address;type;host\nÉcole;a;p;fault;1;1s;coil;0;bool;h\n',
      ),
    ).toEqual(['points.csv:2:1 site: use lower-case letters, digits and hyphens'])
    expect(await wrong('site;site;device;point;quantity;unit;interval\n')).toEqual([
      'points.csv:1:2 site: is there twice',
    ])
    expect(await wrong('site;device;point;quantity;unit;interval\n"a;b\n')).toEqual([
      expect.stringMatching(/^points\.csv:\d+:1: Quote/),
    ])
  })

  it('tells what is wrong in its rows beside what is wrong in its header, each once', async () => {
    const csv = `site;device;unit id;point;remarque;quantity;unit;table;type;Adress;host
ecole;c;1;index;x;electricity-index;kW.h;holding;uint33;5;h
ecole;c;1;power;y;active-power;kW;holding;float32;7;h
`
    expect(await wrong(csv)).toEqual([
      'points.csv:1:1 interval: this column is missing',
      expect.stringMatching(/^points\.csv:1:5 remarque: unknown column; there are site/),
      'points.csv:1:10 Adress: unknown column',
      'points.csv:2:1 address: is missing',
      expect.stringMatching(/^points\.csv:2:9 type: /),
    ])
  })

  it('warns of a number of a manual in the place of an address', async () => {
    const csv = `site;device;unit id;point;quantity;unit;interval;table;address;type;host
ecole;c;1;index;electricity-index;kW.h;1min;holding;40071;uint32;h
`
    expect((await readList(Buffer.from(csv))).warnings).toEqual([
      'points.csv:2:9 address: counts from 0, as on the wire: if 40071 is the number that a manual gives, write 70',
    ])
  })

  it('carries OPC-UA points, those of models among them', async () => {
    const before = await load([
      {
        id: 'gw',
        name: 'Passerelle',
        connections: [
          {
            id: 'gtb',
            driver: 'opcua',
            url: 'opc.tcp://10.1.2.3:4840',
            securityMode: 'None',
            securityPolicy: 'None',
            devices: [
              { id: 'automate', site: 'ecole', model: 'generic/building-controller-opcua' },
              {
                id: 'autre',
                site: 'route',
                points: {
                  air: {
                    quantity: 'air-temperature',
                    unit: 'Cel',
                    interval: '10s',
                    opcua: { node: 'ns=2;s=A,B;C' },
                  },
                  humidity: {
                    quantity: 'relative-humidity',
                    unit: '%',
                    interval: '10s',
                    opcua: {
                      ...{ node: 'ns=2;s=D', element: 3, scale: 0.1, offset: -5 },
                      ...{ sampling: '500ms', queue: 20, deadband: 0.5 },
                    },
                  },
                  wind: {
                    ...{ quantity: 'wind-speed', unit: 'm/s', interval: '10s' },
                    opcua: { node: 'ns=2;i=6', deadband: '2%' },
                  },
                  mode: {
                    quantity: 'operating-mode',
                    unit: '1',
                    interval: '10s',
                    opcua: { node: 'ns=2;i=7', states: { 0: 'off', 1: 'heating' } },
                  },
                },
              },
            ],
          },
        ],
      },
    ])
    const { csv, leftOut } = await write(before)
    expect(leftOut).toEqual([])
    const yaml = await read(csv)
    expect(yaml.match(/points:/g)).toHaveLength(1)
    expect([...(await load(yaml)).points]).toEqual([...before.points])
  })

  it('takes the driver from any row of a connection', async () => {
    const csv = `site;device;point;node;quantity;unit;interval;connection;driver;url
ecole;a;air;ns=1;s=A;air-temperature;Cel;10s;gtb;;
ecole;a;road;ns=1;s=B;air-temperature;Cel;10s;gtb;opcua;opc.tcp://10.1.2.3:4840
`.replaceAll(/ns=1;s=./g, '"$&"')
    const registry = await load(await read(csv))
    expect(measuredPoints(registry).map(({ source }) => source.driver)).toEqual(['opcua', 'opcua'])
  })

  it('has no room for MQTT, and says so', async () => {
    const water = {
      ...{ id: 'water', site: 'ecole', format: 'json' as const, topic: 'a/b' },
      points: { index: { quantity: 'water-index' as const, unit: 'm3' as const, interval: '1h', mqtt: {} } },
    }
    const registry = await load([
      {
        id: 'gw',
        name: 'gw',
        connections: [{ id: 'broker', driver: 'mqtt', url: 'mqtt://h:1883', devices: [water] }],
      },
    ])
    expect((await write(registry)).leftOut).toEqual([
      'broker is left out: a point list has no columns for all that water says; keep it in YAML',
    ])
  })

  it('leaves out a connection that says what no column holds, and names it', async () => {
    const registry = await load([
      {
        id: 'gw',
        name: 'gw',
        connections: [
          {
            ...{ id: 'line', driver: 'modbus', host: 'h' },
            devices: [
              {
                id: 'a',
                site: 'ecole',
                points: {
                  p: {
                    quantity: 'active-power',
                    unit: 'kW',
                    interval: '1s',
                    modbus: { table: 'input', address: 0, type: 'uint16' },
                  },
                },
              },
            ],
          },
        ],
      },
    ])
    const [gateway] = registry.gateways.values()
    Object.assign(gateway!.connections[0]!, { username: 'somebody' })
    expect((await write(registry)).leftOut).toEqual([
      'line is left out: a point list has no column for username; keep it in YAML',
    ])
  })
})
