import { afterAll, expect, it } from 'vitest'
import { findPeer } from '../peers/cache.ts'
import { openTheatre, type Topology } from './rounds.ts'

/** The short form; the long one is `npm run faults`. Each run plays other rounds. */
const theatre = openTheatre()
afterAll(() => theatre.close())

const first = Math.floor(Math.random() * 1_000_000)

/** @throws Error that says how to play the round again. */
async function play(topology: Topology, rounds: number): Promise<void> {
  for (let seed = first; seed < first + rounds; seed++) {
    const again = `npm run faults -- --seed ${seed} --rounds 1 --topology ${topology}`
    expect(await theatre.play(seed, topology).catch((error: Error) => `${again}\n${error.message}`)).toMatch(
      new RegExp(`^${topology} seed ${seed}: `),
    )
  }
}

it(`on the way from an outbox to a store nothing is lost and nothing comes twice (seed ${first})`, () =>
  play('line', 6))

it(
  `between a gateway, a broker and a hub nothing is lost and nothing comes twice (seed ${first})`,
  {
    timeout: 240_000,
  },
  () => play('embedded', 3),
)

it.runIf(findPeer('influxdb') && findPeer('mosquitto'))(
  `with Mosquitto, InfluxDB and a process a role nothing is lost and nothing comes twice (seed ${first})`,
  { timeout: 240_000 },
  () => play('influxdb', 1),
)
