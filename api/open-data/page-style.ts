import { pageStyle } from '../page.ts'

/** Wide enough for tables, readable at 320 px, dark where the reader wants it; series differ by dash, not only by colour. */
export const OPEN_DATA_STYLE = pageStyle(`
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); --ink: #1b1b1b; --paper: #fff; --line: #767676; --0: #0b5a8a; --1: #a33b00; --2: #2f6b1e; --3: #6a3a9c }
@media (prefers-color-scheme: dark) { :root { --ink: #eee; --paper: #161616; --0: #7cc4f0; --1: #ffb27a; --2: #9fdc8a; --3: #cfaef5 } }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; line-height: 1.25 }
h2 { font-size: 1.2rem; margin-top: 2rem }
a { color: var(--0) }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 3px solid #e08a00; outline-offset: 2px }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal }
caption { text-align: left; padding: .25rem 0 }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top }
code, pre { font-size: .875rem }
pre { overflow-x: auto; padding: .75rem; border: 1px solid var(--line); border-radius: .3rem }
figure { margin: 1rem 0 }
svg { width: 100%; height: auto; max-height: 20rem }
svg text { fill: currentColor; font-size: 12px }
svg path { fill: none; stroke-width: 2; stroke-linecap: round }
svg line { stroke: var(--line) }
.s0 { stroke: var(--0) } .s1 { stroke: var(--1); stroke-dasharray: 8 3 }
.s2 { stroke: var(--2); stroke-dasharray: 2 3 } .s3 { stroke: var(--3); stroke-dasharray: 10 3 2 3 }
`)
