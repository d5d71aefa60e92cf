import { pageStyle } from '../page.ts'

/**
 * For paper: A4 across, black on white, the head of a table on each of its sheets, no row cut in two. On a screen that is
 * too narrow for seven columns each row is a card.
 */
export const NIGHT_STYLE = pageStyle(`
@page { size: A4 landscape; margin: 12mm }
:root { color-scheme: light dark; font: 0.875rem/1.35 system-ui, sans-serif; color: CanvasText; background: Canvas }
body { margin: 1.5rem; overflow-wrap: anywhere }
h1 { font-size: 1.4rem; margin: 0 0 .5rem }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .4rem; break-after: avoid }
p, ul { margin: .3rem 0 }
table { border-collapse: collapse; table-layout: fixed; width: 100% }
thead { display: table-header-group }
tr { break-inside: avoid }
th, td { border: 1px solid #767676; padding: .25rem .4rem; text-align: left; vertical-align: top }
thead th { background: color-mix(in srgb, CanvasText 10%, Canvas) }
tbody th { font-weight: normal }
th:first-child { width: 9% }
th:nth-child(6) { width: 10% }
th:last-child { width: 17% }
small, code { font-size: .75rem }
.open { font-weight: bold; border: 2px solid; padding: 0 .25rem }
@media screen and (max-width: 50rem) {
  :root { font-size: 1rem }
  body { margin: 1rem }
  thead { display: none }
  table, tbody, tr, tbody th, td { display: block; width: auto !important; border: 0 }
  tr { border: 1px solid #767676; border-radius: .4rem; margin: .75rem 0; padding: .25rem }
  tbody th { font-weight: bold }
  td:empty { display: none }
  td::before { content: attr(data-column); display: block; font-size: .75rem; font-weight: bold }
}
@media print { :root { color-scheme: light; font-size: 8.5pt } body { margin: 0 } small, code { font-size: 6.5pt } nav { display: none } }
`)
