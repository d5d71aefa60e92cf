/** How many rows of a matrix are independent, by another way than ours: floats, and pivots that are sure. */
export function rank(matrix: number[][]): number {
  const rows = matrix.map(row => [...row])
  let rank = 0
  for (let column = 0; column < (rows[0]?.length ?? 0); column++) {
    const best = rows.slice(rank).reduce((most, row) => Math.max(most, Math.abs(row[column]!)), 0)
    if (best < 1e-9) continue
    const at = rows.findIndex((row, index) => index >= rank && Math.abs(row[column]!) === best)
    ;[rows[rank], rows[at]] = [rows[at]!, rows[rank]!]
    for (let other = rank + 1; other < rows.length; other++) {
      const factor = rows[other]![column]! / rows[rank]![column]!
      rows[other] = rows[other]!.map((value, index) => value - factor * rows[rank]![index]!)
    }
    rank++
  }
  return rank
}
