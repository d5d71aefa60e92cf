import { render } from 'preact'
import 'uplot/dist/uPlot.min.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/overview.css'
import './styles/map.css'
import './styles/site.css'
import './styles/charts.css'
import './styles/alerts.css'
import './styles/print.css'
import { App } from './app.tsx'

render(<App />, document.getElementById('app')!)
