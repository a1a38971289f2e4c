/** Where the open platforms are; every host else must be allowed by who deploys. */
const platforms = ['https://open.feishu.cn', 'https://open.larksuite.com'];

/** Where a secret may be sent to. */
export type BaseUrls = {
  /** Where nothing else is named. */
  baseUrl: string;
  /** Beside the platforms and `baseUrl`. */
  allowedBaseUrls?: readonly string[] | undefined;
};

export function isAllowed(url: string, { baseUrl, allowedBaseUrls = [] }: BaseUrls): boolean {
  return [...platforms, baseUrl, ...allowedBaseUrls].includes(url);
}

/** An address without its last slashes; undefined where no secret may be sent to it: https only, but for this machine. */
export function normalBaseUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || url.username || url.password || url.search || url.hash) return undefined;
  const isSafe =
    url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  return isSafe ? url.origin + url.pathname.replace(/\/+$/, '') : undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
