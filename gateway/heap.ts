import { setFlagsFromString } from 'node:v8'

/**
 * Has the heap of this process collected once it has grown by half of what was alive, where V8 lets it grow to three
 * times that: the machine of a gateway is small. And has no object begin as an old one: V8 takes the readings of the
 * first seconds, which wait for each other, for a sign that all of them are kept. For a process that is nothing but a
 * gateway: ingest would pay for it with a third of its processor time.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50')
  setFlagsFromString('--no-allocation-site-pretenuring')
}
