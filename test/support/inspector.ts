/** What lives in the memory of a Worker, as V8's inspector tells it. */

import { once } from 'node:events'

interface Answer {
  id?: number
  result?: { usedSize: number; backingStorageSize: number }
}

/** Octets of the heap and of buffers that are still in use: a snapshot has the rest collected first. */
export async function liveMemory(inspectorPort: number, worker = 'postern'): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${inspectorPort}/core:user:${worker}`)
  await once(socket, 'open')
  const ask = (id: number, method: string) => {
    const answer = new Promise<Answer['result']>((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        // Nothing but a piece of the snapshot is so long.
        if (data.length > 10_000) return
        const said = JSON.parse(data) as Answer
        if (said.id === id) resolve(said.result)
      })
    })
    socket.send(JSON.stringify({ id, method }))
    return answer
  }
  await ask(1, 'HeapProfiler.takeHeapSnapshot')
  const usage = await ask(2, 'Runtime.getHeapUsage')
  socket.close()
  return (usage?.usedSize ?? 0) + (usage?.backingStorageSize ?? 0)
}
