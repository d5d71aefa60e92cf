import { parseArgs } from 'node:util'
import { install } from '../peers/install.ts'
import { openTheatre, TOPOLOGIES, topologyOf } from './rounds.ts'

/**
 * `npm run faults [-- --rounds N] [--seed N] [--minutes N] [--topology NAME]`: rounds of random faults until so
 * many are done or so much time is over. Round i has the seed S + i: a round that fails is played again by
 * `--seed <its seed> --rounds 1`.
 */
const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string' },
    minutes: { type: 'string' },
    topology: { type: 'string' },
  },
})
const rounds = Number(flags.rounds)
const first = Number(flags.seed ?? Math.floor(Math.random() * 1_000_000))
const endAt = flags.minutes === undefined ? undefined : Date.now() + Number(flags.minutes) * 60_000
const only = TOPOLOGIES.find(name => name === flags.topology)
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(first) || (flags.topology && !only)) {
  console.error(
    `usage: npm run faults -- [--rounds N] [--seed N] [--minutes N] [--topology ${TOPOLOGIES.join('|')}]`,
  )
  process.exit(2)
}

install(['influxdb', 'mosquitto'])
console.log(`faults: ${rounds} rounds from seed ${first}`)
const theatre = openTheatre()
let played = 0
let failed = 0
for (; played < rounds && (endAt === undefined || Date.now() < endAt); played++) {
  const seed = first + played
  const topology = only ?? topologyOf(seed)
  try {
    console.log(`${played + 1}. ${await theatre.play(seed, topology)}`)
  } catch (error) {
    failed++
    console.error(`${played + 1}. FAILED ${topology} ${(error as Error).message}`)
    console.error(`again: npm run faults -- --seed ${seed} --rounds 1 --topology ${topology}`)
  }
}
await theatre.close()
console.log(`${played} rounds, ${failed} failed, from seed ${first}`)
process.exit(failed > 0 ? 1 : 0)
