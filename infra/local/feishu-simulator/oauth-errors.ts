const names: Readonly<Record<number, string>> = {
  20001: 'invalid_request',
  20002: 'invalid_client',
  20036: 'unsupported_grant_type',
  20048: 'invalid_client',
  20050: 'server_error',
  20063: 'invalid_request',
  20067: 'invalid_scope',
  20068: 'invalid_scope',
  20069: 'unauthorized_client',
  20070: 'invalid_request',
  20072: 'temporarily_unavailable',
  20074: 'unauthorized_client',
};

/**
 * The `error` that goes with a code. Known are `server_error` (documented) and `invalid_grant`
 * (seen with 20003); the others are what RFC 6749 calls these cases.
 */
export const oauthErrorOf = (code: number): string => names[code] ?? 'invalid_grant';
