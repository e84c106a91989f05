/** Which methods a path takes: what `Allow` says where another one came (RFC 9110 §15.5.6). */

export interface RegisteredRoute {
  method: string
  path: string
}

/** Registered routes without middleware, which is registered for all methods. */
export function endpoints(routes: readonly RegisteredRoute[]): RegisteredRoute[] {
  const seen = new Set<string>()
  return routes.filter(({ method, path }) => {
    const name = `${method} ${path}`
    if (method === 'ALL' || seen.has(name)) return false
    seen.add(name)
    return true
  })
}

export function allowedMethods(routes: readonly RegisteredRoute[], path: string): string[] {
  const wanted = path.split('/')
  const methods = endpoints(routes)
    .filter((route) => matches(route.path.split('/'), wanted))
    .map((route) => route.method)
  return [...new Set(methods)].sort()
}

function matches(pattern: string[], path: string[]): boolean {
  return (
    pattern.length === path.length &&
    pattern.every((part, index) =>
      part.startsWith(':') ? path[index] !== '' : part === path[index],
    )
  )
}
