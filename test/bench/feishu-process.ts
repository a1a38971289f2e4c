import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a Feishu that always says the same, in a process of its own. */
export async function startConstantFeishu(): Promise<{ url: string; stop: () => void }> {
  const child = fork(fileURLToPath(new URL('constant-feishu.ts', import.meta.url)));
  const [{ port }] = await once(child, 'message');
  return { url: `http://127.0.0.1:${port}`, stop: () => child.disconnect() };
}
