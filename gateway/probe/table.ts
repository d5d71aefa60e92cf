/** Rows of cells as lines, every column as wide as its widest cell; a cell that is a number stands to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...rows.map(row => row[column]?.length ?? 0))
  const widths = Array.from({ length: Math.max(0, ...rows.map(row => row.length)) }, (_, i) => width(i))
  return rows
    .map(row =>
      row
        .map((cell, i) =>
          /^[-+]?\d[\d.,e+-]*\*?$/.test(cell) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
