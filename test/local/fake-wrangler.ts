/** Plays wrangler and Cloudflare for the deploy script: state in FAKE_STATE, every call written to it. */

import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'

interface State {
  loggedIn: boolean
  databases: string[]
  /** Null: there is no Worker yet; a text is what comes in place of a list. */
  secrets: string[] | string | null
  /** Where the deployed Worker answers. */
  target: string
  /** Fail this command with this text. */
  failing?: { command: string; text: string }
  calls: { args: string[]; secrets?: Record<string, string>; mode?: number }[]
}

const file = process.env.FAKE_STATE ?? ''
const state = JSON.parse(readFileSync(file, 'utf8')) as State
const args = process.argv.slice(2)
const call: State['calls'][number] = { args }
state.calls.push(call)

function end(code: number, said: string): never {
  writeFileSync(file, JSON.stringify(state))
  if (code === 0) process.stdout.write(said)
  else process.stderr.write(said)
  process.exit(code)
}

const command = args.slice(0, 2).join(' ')
if (state.failing && command === state.failing.command) end(1, state.failing.text)
if (args[0] === 'whoami') {
  end(state.loggedIn ? 0 : 1, JSON.stringify({ loggedIn: state.loggedIn }, null, 2))
}
if (command === 'd1 list') end(0, JSON.stringify(state.databases.map((name) => ({ name }))))
if (command === 'd1 create') {
  state.databases.push(args[2] ?? '')
  end(0, 'Successfully created DB')
}
if (command === 'd1 migrations') {
  if (state.databases.length === 0) end(1, "Couldn't find a D1 DB named 'postern'")
  end(0, 'No migrations to apply!')
}
if (command === 'secret list') {
  if (state.secrets === null) end(1, 'Worker "postern" not found.\n\nIf this is a new Worker, …')
  if (typeof state.secrets === 'string') end(0, state.secrets)
  end(0, JSON.stringify(state.secrets.map((name) => ({ name, type: 'secret_text' }))))
}
if (args[0] === 'deploy') {
  const at = args.indexOf('--secrets-file')
  const path = args[at + 1] ?? ''
  if (at >= 0 && existsSync(path)) {
    call.secrets = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>
    call.mode = statSync(path).mode & 0o777
  }
  state.secrets = [...(state.secrets ?? []), ...Object.keys(call.secrets ?? {})]
  const targets = ['schedule: * * * * *', state.target]
  const record = { type: 'deploy', version: 1, worker_name: 'postern', targets }
  appendFileSync(process.env.WRANGLER_OUTPUT_FILE_PATH ?? '', `${JSON.stringify(record)}\n`)
  end(0, 'Uploaded postern')
}
end(1, `unexpected: ${args.join(' ')}`)
