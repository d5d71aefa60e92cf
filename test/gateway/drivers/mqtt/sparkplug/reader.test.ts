import { describe, expect, it } from 'vitest'
import { mqttPoint as toMqttPoint } from '../../../../../gateway/drivers/mqtt/reader.ts'
import { interpretValue } from '../../../../../gateway/drivers/mqtt/sparkplug/payload.ts'
import { createSparkplugReader } from '../../../../../gateway/drivers/mqtt/sparkplug/reader.ts'
import type { QuantityName } from '../../../../../model/quantity.ts'
import { mqttPoint } from '../../../points.ts'
import { fixture, message, readWith } from '../messages.ts'

/** A metric of the node `town/edge`, or of its device. */
function metricPoint(name: string, metric: string, device = '/boiler', quantity?: QuantityName) {
  return mqttPoint(name, { format: 'sparkplug-b', address: `town/edge${device}`, metric }, { quantity })
}

const points = [
  metricPoint('voltage', 'Supply/Voltage', ''),
  metricPoint('uptime', 'Uptime', ''),
  metricPoint('index', 'Heat/Index', '/boiler', 'heat-index'),
  metricPoint('outdoor', 'Outdoor/Temperature', '/boiler', 'outdoor-temperature'),
  metricPoint('running', 'Pump/Running', '/boiler', 'occupancy'),
  metricPoint('offset', 'Offset'),
]

function startReading() {
  const reader = createSparkplugReader(points.map(toMqttPoint))
  const TOPICS = { n: 'town/{}/edge', d: 'town/{}/edge/boiler' }
  return {
    reader,
    hear: (name: string, rest = {}) => {
      const topic = TOPICS[name[0] as 'n' | 'd'].replace('{}', name.toUpperCase())
      return readWith(reader, message(`spBv1.0/${topic}`, fixture(`sparkplug-b/${name}.bin`), rest))
    },
  }
}

const AT = '@2026-11-22T14:03:00.000Z'

describe('Sparkplug B, as pysparkplug and protobuf write it', () => {
  it('takes the values of births, by name', () => {
    const { reader, hear } = startReading()
    expect(reader.filters).toEqual(['spBv1.0/town/+/edge/#'])
    expect(hear('nbirth')).toEqual({
      said: ['voltage=231.4 @2026-11-22T13:03:00.000Z late', `uptime=bad:undecodable ${AT} late`],
      problems: ['has no value for Uptime'],
    })
    expect(hear('dbirth')).toEqual({
      said: [
        `index=815.25 ${AT} late`,
        `outdoor=-5 ${AT} late`,
        `running=true ${AT} late`,
        `offset=-1 ${AT} late`,
      ],
      problems: [],
    })
  })

  it('takes data by alias, what is null as bad, what is historical at its time', () => {
    const { hear } = startReading()
    hear('nbirth')
    hear('dbirth')
    expect(hear('ddata')).toEqual({
      said: [
        'outdoor=-6 @2026-11-22T14:03:10.000Z',
        'index=815.5 @2026-11-21T14:03:00.000Z late',
        'running=bad:sensor-fault @2026-11-22T14:03:10.000Z',
      ],
      problems: [],
    })
    expect(hear('ndata').said).toEqual(['voltage=230.1 @2026-11-22T14:03:20.000Z'])
  })

  it('takes nothing by an alias of which no birth was heard', () => {
    const { hear } = startReading()
    expect(hear('ndata')).toEqual({ said: [], problems: ['has an alias of which no birth was heard'] })
  })

  it('after a gap, values by alias are uncertain until the node is born again', () => {
    const { hear } = startReading()
    hear('nbirth')
    hear('dbirth')
    const gapped = hear('ndata')
    expect(gapped.said).toEqual(['voltage=230.1 uncertain:uncertain-source @2026-11-22T14:03:20.000Z'])
    expect(gapped.problems).toEqual([expect.stringMatching(/^does not follow the one before/)])
    hear('nbirth')
    hear('dbirth')
    hear('ddata')
    expect(hear('ndata')).toEqual({ said: ['voltage=230.1 @2026-11-22T14:03:20.000Z'], problems: [] })
  })

  it('the death of a device takes its points, that of the node all of them', () => {
    const { hear } = startReading()
    hear('nbirth')
    hear('dbirth')
    const ofDevice = ['index', 'outdoor', 'running', 'offset'].map(name => `${name}=bad:disconnected`)
    expect(hear('ddeath').said).toEqual(ofDevice)
    expect(hear('ndeath').said).toEqual(['voltage=bad:disconnected', 'uptime=bad:disconnected', ...ofDevice])
  })

  it('a death that belongs to an earlier birth takes nothing', () => {
    const { reader, hear } = startReading()
    hear('nbirth')
    // bdSeq 7, the last byte, becomes 6.
    const payload = Buffer.from(fixture('sparkplug-b/ndeath.bin'))
    payload[payload.length - 1] = 6
    expect(readWith(reader, message('spBv1.0/town/NDEATH/edge', payload))).toEqual({ said: [], problems: [] })
  })

  it('minds the property Quality', () => {
    const { reader } = startReading()
    const quality = message('spBv1.0/town/DDATA/edge/boiler', fixture('sparkplug-b/quality.bin'))
    expect(readWith(reader, quality).said).toEqual([
      'index=1 @2026-11-22T14:03:10.000Z',
      'index=bad:timeout @2026-11-22T14:03:10.000Z',
      'index=bad:sensor-fault @2026-11-22T14:03:10.000Z',
      'index=4 uncertain:uncertain-source @2026-11-22T14:03:10.000Z',
    ])
  })

  it('names what is no payload, what is retained and whose device is unknown; commands are none of its business', () => {
    const { reader, hear } = startReading()
    const problemsOf = (topic: string, payload: Buffer | string) =>
      readWith(reader, message(`spBv1.0/town/${topic}`, payload)).problems
    expect(problemsOf('NDATA/edge', '{"v":1}')).toEqual([
      expect.stringMatching(/^is no Sparkplug B payload: field/),
    ])
    expect(hear('nbirth', { retained: true }).problems).toEqual(['is retained, which Sparkplug forbids'])
    expect(problemsOf('DBIRTH/edge/stranger', fixture('sparkplug-b/dbirth.bin'))).toEqual([
      'is of no device of the registry',
    ])
    expect(problemsOf('NCMD/edge', fixture('sparkplug-b/ndata.bin'))).toBeUndefined()
    expect(problemsOf('NDATA/other', fixture('sparkplug-b/ndata.bin'))).toBeUndefined()
  })
})

describe('whole numbers of Sparkplug', () => {
  const integer = (value: bigint, datatype?: number) => interpretValue({ type: 'integer', value }, datatype)

  it('are narrow or have their sign extended', () => {
    expect(integer(0xffn, 1)).toBe(-1)
    expect(integer(0xffff_ffffn, 1)).toBe(-1)
    expect(integer(0xffff_ffffn, 3)).toBe(-1)
    expect(integer(0xffff_ffffn, 7)).toBe(4_294_967_295)
    expect(integer(2n ** 64n - 5n, 4)).toBe(-5)
  })

  it('are nothing when no number holds them, or nobody has told their type', () => {
    expect(integer(2n ** 53n, 8)).toBeUndefined()
    expect(integer(5n)).toBeUndefined()
  })
})
