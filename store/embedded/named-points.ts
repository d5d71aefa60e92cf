import type { PackedReadings } from './packed.ts'

/** The points of a batch: each has a place, and its readings refer to that. */
export interface BatchPoints {
  /** Of each place: its name, and its id or -1 where it has none yet. */
  names: string[]
  ids: Int32Array
  /** Of each reading: the place of its point. */
  places: Uint32Array
}

const NONE = -1

/** What a packer has named so far: the other end of {@link ReadingPacker}. */
export class NamedPoints {
  readonly #names: string[] = []
  /** By position: the id of the point, and its place in the batch that is looked at. */
  #ids = new Int32Array(0)
  #places = new Int32Array(0)

  /** @throws Error when names are missing; the packer must start over. */
  place(
    { names, firstName, points }: PackedReadings,
    idOf: (name: string) => number | undefined,
  ): BatchPoints {
    this.#learn(firstName, names)
    const positions: number[] = []
    const places = new Uint32Array(points.length)
    for (let row = 0; row < points.length; row++) {
      const position = points[row]!
      let place = this.#places[position]!
      if (place === NONE) {
        place = positions.push(position) - 1
        this.#places[position] = place
      }
      places[row] = place
    }
    const ids = new Int32Array(positions.length)
    for (const [place, position] of positions.entries()) {
      this.#places[position] = NONE
      if (this.#ids[position] === NONE) this.#ids[position] = idOf(this.#names[position]!) ?? NONE
      ids[place] = this.#ids[position]!
    }
    return { names: positions.map(position => this.#names[position]!), ids, places }
  }

  #learn(first: number, names: readonly string[]): void {
    if (first > this.#names.length) throw new Error(`the names of ${first} points were not told`)
    if (first === 0) this.#names.length = 0
    if (this.#names.length + names.length > this.#ids.length) this.#grow(2 * (first + names.length))
    for (const [i, name] of names.entries()) {
      this.#names[first + i] = name
      this.#ids[first + i] = NONE
    }
  }

  #grow(length: number): void {
    const ids = new Int32Array(length).fill(NONE)
    ids.set(this.#ids)
    this.#ids = ids
    this.#places = new Int32Array(length).fill(NONE)
  }
}
