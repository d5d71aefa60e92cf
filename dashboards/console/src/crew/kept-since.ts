/** The header that only a kept answer has: when it was asked for, ms UTC of this device. */
export const KEPT_SINCE = 'affluent-kept-since'
