export interface Table {
  columns: string[]
  /** The first cell heads its row. */
  rows: string[][]
  /** Where the head of each row leads to. */
  hrefs?: string[]
}

/** Figures in rows, which scrolls by itself where it is too wide. */
export function DataTable({ table, title }: { table: Table; title: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="table-scroll" tabIndex={0} aria-label={title}>
      <table>
        <thead>
          <tr>
            {table.columns.map(column => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(([head, ...cells], row) => (
            <tr key={table.hrefs?.[row] ?? [head, ...cells].join()}>
              <th scope="row">{table.hrefs ? <a href={table.hrefs[row]}>{head}</a> : head}</th>
              {cells.map((cell, index) => (
                <td key={table.columns[index + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
