/** How long a relay's line leaves its relay or its gate alone. */

/** How soon a line asks again for a session that other shards hold, or that broke unused. */
export const ASK_AGAIN_MS = 1000
/** How soon new mail may make a relay that could not be reached be tried again. */
export const PROBE_AFTER_MS = 30_000
/** How long mail waits between looks while only a person can mend its relay; the mending wakes it. */
export const OPERATOR_WAIT_MS = 4 * 3_600_000
/** How long the place of a session that was told QUIT is kept for it. */
export const LEAVE_MS = 5000
