import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'test/golden/{outcomes,delivery-policy}.test.ts',
      'test/domain/{account-refusal,disposition,reply,transaction-outcome}.test.ts',
    ],
  },
})
