/** Where things are in the checkout. */

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout's root. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** wrangler's command, run with this process's Node: no shell, the same on every system. */
export const WRANGLER_BIN = join(
  dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
  'bin',
  'wrangler.js',
)
