/** vitest's global set-up: every gateway a test starts runs the Worker as the sources have it now. */

import { build } from '../../local/build.ts'

export default async function setup(): Promise<void> {
  await build()
}
