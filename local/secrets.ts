/** Secrets that `npm start` makes once and keeps beside the data they belong to. */

import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newKeyText } from '../src/domain/api-key.ts'
import { newId } from '../src/domain/id.ts'
import { CommandError } from './command.ts'
import { makeDirectory, notWritable } from './data-directory.ts'

export interface LocalSecrets {
  admin_token: string
  master_key: string
  mailbox_password: string
  /** Opens the gateway where mail goes to a real relay. */
  api_key: string
}

/** Reads them, or makes them: `secrets.json`, readable by its owner alone. */
export async function keepSecrets(dir: string): Promise<LocalSecrets> {
  const file = join(dir, 'secrets.json')
  const made: LocalSecrets = {
    admin_token: randomBytes(32).toString('hex'),
    master_key: randomBytes(32).toString('base64'),
    mailbox_password: randomBytes(16).toString('hex'),
    api_key: newKeyText(newId('key', Date.now())),
  }
  await makeDirectory(dir)
  try {
    // Never over an existing file: its master key is the only one that opens the database.
    await writeFile(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    return made
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notWritable(dir, error)
  }
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LocalSecrets
  } catch (error) {
    throw new CommandError(
      `${file} can't be read. Only its master key opens the data beside it: put the file back, or remove ${dir} to begin anew.`,
      { cause: error },
    )
  }
}
