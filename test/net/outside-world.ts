/** What asks other hosts, in real workerd, before hosts that the test plays. */

import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { bundleWorker } from '../support/bundle.ts'
import { makeCertificates, type TestCertificates } from '../support/certificates.ts'
import { startTestGateway } from '../support/gateway.ts'
import { type OutsideWorld, startOutside } from '../support/outside.ts'

export interface OutsideWorker {
  world: OutsideWorld
  /** Everything the Worker wrote. */
  lines: readonly string[]
  call<T>(name: 'fetch' | 'lookup' | 'sign', body: unknown): Promise<T>
  close(): Promise<void>
}

/** `play` starts what plays more hosts than the world does, and tells their addresses. */
export async function openOutsideWorker(
  hosts: string[],
  play: (certificates: TestCertificates) => Promise<Record<string, string>> = async () => ({}),
): Promise<OutsideWorker> {
  const certificates = await makeCertificates()
  const world = await startOutside(certificates, hosts, await play(certificates))
  const bundle = await bundleWorker('test/net/outside-worker.ts')
  const gateway = await startTestGateway({
    caFile: certificates.caFile,
    program: world.program(bundle.folder),
  })
  return {
    world,
    lines: gateway.lines,
    call: async <T>(name: string, body: unknown) => {
      const response = await gateway.post(`/outside/${name}`, body)
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
      return (await response.json()) as T
    },
    close: async () => {
      await gateway.stop()
      await Promise.all([world.close(), bundle.remove()])
      await rm(dirname(certificates.caFile), { recursive: true, force: true })
    },
  }
}
