import { pageStyle } from '../page.ts'

/** For paper: A4 across, black on white, the head of a table on each of its sheets, no row cut in two. */
export const NIGHT_STYLE = pageStyle(`
@page { size: A4 landscape; margin: 12mm }
:root { color-scheme: light; font: 0.875rem/1.35 system-ui, sans-serif; color: #000; background: #fff }
body { margin: 1.5rem }
h1 { font-size: 1.4rem; margin: 0 0 .5rem }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .4rem; break-after: avoid }
p, ul { margin: .3rem 0 }
table { border-collapse: collapse; table-layout: fixed; width: 100% }
thead { display: table-header-group }
tr { break-inside: avoid }
th, td { border: 1px solid #555; padding: .25rem .4rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
thead th { background: #eee }
tbody th { font-weight: normal }
th:first-child { width: 9% }
th:nth-child(6) { width: 10% }
th:last-child { width: 17% }
small, code { font-size: .75rem }
.open { font-weight: bold; border: 2px solid #000; padding: 0 .25rem }
@media print { :root { font-size: 8.5pt } body { margin: 0 } small, code { font-size: 6.5pt } nav { display: none } }
`)
