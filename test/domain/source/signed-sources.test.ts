/** Every authenticated source holds what all of them hold; see `vectors.test.ts` for what others published. */

import { SOURCE_CASES } from './cases.ts'
import { holdsContract } from './contract.ts'

for (const it of SOURCE_CASES) holdsContract(it)
