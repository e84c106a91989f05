/** Whether a certificate serves a use, and if not, why: one reason, the one to mend first. */

import {
  type KeyRecord,
  type KeyUse,
  ProtectionError,
  type Verdict,
} from '../../ports/e2ee-provider.ts'
import { readCertificate } from './certificate.ts'
import { partsFor } from './parts.ts'

export async function judge(record: KeyRecord, use: KeyUse, at: number): Promise<Verdict> {
  try {
    const { fault } = await partsFor(await readCertificate(record.material), use, new Date(at))
    return fault ? { usable: false, ...fault } : { usable: true, warnings: [] }
  } catch (error) {
    const detail = 'it can not be read as an OpenPGP certificate'
    return error instanceof ProtectionError
      ? { usable: false, code: error.code, detail: error.message }
      : { usable: false, code: 'key.malformed', detail }
  }
}
