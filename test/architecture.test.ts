/** Reads every import in src/ and proves that dependencies point inward only, and that the pure rings do no I/O. */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../local/paths.ts'

const SRC = join(ROOT, 'src')

/** What each ring may import beside itself. */
const RINGS: Record<string, readonly string[]> = {
  domain: [],
  mime: ['domain'],
  smtp: ['domain'],
  ports: ['domain'],
  app: ['domain', 'mime', 'smtp', 'ports'],
  http: ['domain', 'mime', 'smtp', 'ports', 'app'],
  storage: ['domain', 'mime', 'smtp', 'ports', 'app'],
  net: ['domain', 'mime', 'smtp', 'ports', 'app'],
  e2ee: ['domain', 'mime', 'smtp', 'ports', 'app'],
  objects: ['domain', 'mime', 'smtp', 'ports', 'app'],
  templates: ['domain', 'mime', 'smtp', 'ports', 'app'],
}
/** `compose.ts` builds the graph, `index.ts` is the entry. They know everything; only objects, which the runtime makes, call `compose.ts`. */
const TOP = ['compose.ts', 'index.ts']
/** `env.ts` names the bindings, by their types, and checks the settings; the adapters may read it. */
const SHARED = ['build.d.ts', 'env.ts', 'texts.d.ts']

const PURE = ['domain', 'mime', 'smtp', 'ports', 'app']
/** Modules from outside that a pure ring may use; all others are the adapters'. */
const OUTSIDE: Record<string, RegExp> = {
  domain: /^$/,
  mime: /^(nodemailer\/lib\/(mail-composer|mime-funcs)|node:(buffer|stream|crypto))$/,
  // SCRAM's hashes, all at once; no I/O.
  smtp: /^node:(buffer|crypto)$/,
  ports: /^$/,
  // Decodes base64; no I/O.
  app: /^node:buffer$/,
}
/** Globals that reach the network, the clock or the console. */
const IO_GLOBALS =
  /(?<![.\w])(?:fetch\(|Date\.now\(|new Date\(\)|performance\.|console\.|WebSocket\b|caches\.)/
/** `app` may let time pass, the rings within it may not even that. */
const TIMERS = /(?<![.\w])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\(/

interface Import {
  file: string
  target: string
  typeOnly: boolean
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.split(sep).join('/'))
    .sort()
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

function imports(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map((match) => {
    const found = match[2] ?? match[3] ?? ''
    const target = found.startsWith('.')
      ? relative(SRC, join(SRC, dirname(file), found))
          .split(sep)
          .join('/')
      : found
    return { file, target, typeOnly: match[1] !== undefined }
  })
}

function ringOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : file
}

/** Why an import must not be, or undefined. */
function fault({ file, target, typeOnly }: Import): string | undefined {
  const from = ringOf(file)
  if (TOP.includes(from)) return undefined
  const isLocal = target.endsWith('.ts') || target.startsWith('..')
  if (!isLocal) {
    const allowed = OUTSIDE[from]
    return allowed && !allowed.test(target) ? `${from} imports ${target}` : undefined
  }
  if (target.startsWith('..')) return 'outside of src/'
  const to = ringOf(target)
  if (from === to) return undefined
  if (SHARED.includes(from))
    return typeOnly || to === 'domain' ? undefined : 'env.ts imports more than types'
  if (to === 'compose.ts' && from === 'objects') return undefined
  if (SHARED.includes(to)) return PURE.includes(from) ? `${from} knows the environment` : undefined
  if (RINGS[from]?.includes(to)) return undefined
  return `${from} imports ${to}`
}

function faults(file: string, text: string): string[] {
  return imports(file, text).flatMap((found) => {
    const why = fault(found)
    return why ? [`${file} → ${found.target}: ${why}`] : []
  })
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
}

describe('the rings', () => {
  const files = sources('src')
  const read = (file: string) => readFileSync(join(SRC, file), 'utf8')

  test('every file belongs to a ring', () => {
    const known = [...Object.keys(RINGS), ...TOP, ...SHARED]
    expect(files.filter((file) => !known.includes(ringOf(file)))).toEqual([])
  })

  test('imports point inward only', () => {
    expect(files.flatMap((file) => faults(file, read(file)))).toEqual([])
  })

  test('the pure rings reach no network, clock or console', () => {
    const reaching = files
      .filter((file) => PURE.includes(ringOf(file)) && file !== 'ports/clock.ts')
      .flatMap((file) =>
        withoutComments(read(file))
          .split('\n')
          .filter((line) => IO_GLOBALS.test(line) || (ringOf(file) !== 'app' && TIMERS.test(line)))
          .map((line) => `${file}: ${line.trim()}`),
      )
    expect(reaching).toEqual([])
  })

  test.each([
    ['src', 300],
    ['local', 300],
    ['test', 400],
  ])('no file of %s has over %d lines', (folder, most) => {
    const long = sources(folder).filter(
      (file) =>
        !file.includes('generated') &&
        readFileSync(join(ROOT, folder, file), 'utf8').split('\n').length > most + 1,
    )
    expect(long).toEqual([])
  })
})

describe('the check itself', () => {
  const cases: [file: string, line: string, refused: boolean][] = [
    ['domain/a.ts', "import { b } from './b.ts'", false],
    ['domain/a.ts', "import { b } from '../smtp/b.ts'", true],
    ['domain/a.ts', "import type { B } from '../ports/b.ts'", true],
    ['domain/a.ts', "import { connect } from 'cloudflare:sockets'", true],
    ['smtp/a.ts', "import net from 'node:net'", true],
    ['smtp/a.ts', "export * from '../mime/b.ts'", true],
    ['mime/a.ts', "import { createHash } from 'node:crypto'", false],
    ['mime/a.ts', "import SMTP from 'nodemailer/lib/smtp-connection'", true],
    ['app/a.ts', "import {\n  b,\n} from '../storage/b.ts'", true],
    ['app/a.ts', "const b = await import('../net/b.ts')", true],
    ['http/routes/a.ts', "import { b } from '../../storage/b.ts'", true],
    ['http/routes/a.ts', "import type { Env } from '../../env.ts'", false],
    ['objects/a.ts', "import { b } from '../net/b.ts'", true],
    ['objects/a.ts', "import { compose } from '../compose.ts'", false],
    ['http/a.ts', "import { compose } from '../compose.ts'", true],
    ['env.ts', "import type { Outbox } from './objects/outbox.ts'", false],
    ['env.ts', "import { Outbox } from './objects/outbox.ts'", true],
    ['net/a.ts', "import { connect } from 'cloudflare:sockets'", false],
    ['compose.ts', "import { b } from './storage/b.ts'", false],
  ]
  for (const [file, line, refused] of cases)
    test(`${refused ? 'refuses' : 'allows'} ${line} in ${file}`, () => {
      expect(faults(file, line).length > 0).toBe(refused)
    })
})
