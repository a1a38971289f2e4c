import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type ConstantFeishu = {
  url: string;
  /** The same over TLS, with the certificate that vouches for it. */
  tlsUrl: string;
  cert: string;
  stop(): void;
};

/** Starts a Feishu that always says the same, in a process of its own, which may keep its core busy. */
export async function startConstantFeishu(
  core: 'awake' | 'idle' = 'idle',
): Promise<ConstantFeishu> {
  const child = fork(fileURLToPath(new URL('constant-feishu.ts', import.meta.url)), [core]);
  const [listening] = await once(child, 'message');
  return { ...listening, stop: () => child.disconnect() };
}
