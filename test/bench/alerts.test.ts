import { expect, it } from 'vitest'
import { LATENCY_SIZE, measureLatency } from '../../bench/alerts/latency.ts'
import { runSide, type SideName } from '../../bench/alerts/sides.ts'
import { findPeer } from '../peers/cache.ts'

const sides: SideName[] = ['affluent', 'node-red, function', 'node-red, flows']

it.runIf(findPeer('node-red') && findPeer('mosquitto')).each(sides)(
  'every alert that fires or resolves is told to the webhook by %s',
  async side => {
    const outcome = await runSide(side, LATENCY_SIZE, running =>
      measureLatency(running, { warmUpSteps: 2, measuredSteps: 2 }),
    )
    expect(outcome.p50Ms).toBeGreaterThan(0)
  },
)
