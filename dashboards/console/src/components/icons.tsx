import type { Severity } from '../../../../model/alert.ts'

const SEVERITY_PATHS: Record<Severity, { shape: string; sign: string }> = {
  critical: { shape: 'M7 1.5h10L22.5 7v10L17 22.5H7L1.5 17V7Z', sign: 'M8 8l8 8M16 8l-8 8' },
  warning: { shape: 'M12 2 23 21.5H1Z', sign: 'M12 9v5.5M12 18v.2' },
  info: { shape: 'M12 1.5a10.5 10.5 0 1 1 0 21a10.5 10.5 0 1 1 0-21Z', sign: 'M12 11v6M12 7v.2' },
}

/** An octagon, a triangle or a disc; the word stands beside it. */
export function SeverityIcon({ severity }: { severity: Severity }) {
  const { shape, sign } = SEVERITY_PATHS[severity]
  return (
    <svg class={`icon severity-icon severity-${severity}`} viewBox="0 0 24 24" aria-hidden="true">
      <path class="severity-shape" d={shape} />
      <path class="severity-sign" d={sign} />
    </svg>
  )
}

const PATHS = {
  unknown: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M9.5 9.5a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.1.9-1.1 1.9M12 17v.2',
  check: 'M4 12.5 9.5 18 20 6.5',
  offline: 'M3 3l18 18M8.5 16a5 5 0 0 1 7 0M5 12.5a10 10 0 0 1 4-2.4M19 12.5a10 10 0 0 0-5-2.7M12 19.5v.2',
  back: 'M19 12H5M11 6l-6 6 6 6',
  light:
    'M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2',
  dark: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z',
  auto: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 3v18M12 7l7.5 0M12 11l9 0M12 15l8.5 0M12 19l5 0',
  table: 'M4 5h16v14H4ZM4 10h16M4 14.5h16M10 5v14',
  chart: 'M4 20h16M7 20v-7M12 20V6M17 20v-10',
} as const

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
