import type { BilingualText } from './bilingual-text.ts';
import type { ErrorName } from './error-catalogue.ts';

/** What a code of Feishu's API or gateway asks of us. */
export type ApiCode =
  | { kind: 'rate_limit'; meaning: BilingualText }
  | { kind: 'transient'; meaning: BilingualText }
  /** Renew the token and ask once more; refused again it is `Feishu.TokenRejected`. */
  | { kind: 'token_refused'; meaning: BilingualText }
  /** `advice` where what the catalogue says under `error` is too general for this code. */
  | { kind: 'permanent'; error: ErrorName; meaning: BilingualText; advice?: BilingualText };

const askSupport = {
  en: 'Send the code and the log_id to Feishu support, since only they can clear this, and then start again with the same ticket.',
  zh: '该错误只能由飞书侧处理，请将错误码和 log_id 提供给飞书技术支持，解决后使用同一 ticket 再次发起。',
};

const checkTicket = {
  en: 'Check that the ticket is copied in full and was created on this platform (Feishu or Lark) by the app or user whose credentials this profile holds, then start again with the right ticket and profile.',
  zh: '请检查 ticket 是否完整，以及导入任务是否由该 profile 对应的应用或用户在同一平台（飞书或 Lark）创建，然后使用正确的 ticket 和 profile 再次发起。',
};

const checkAddress = {
  en: 'Check that FEISHU_BASE_URL is the address of the open platform (https://open.feishu.cn, for Lark https://open.larksuite.com) and that no proxy changes the request, then start again with the same ticket.',
  zh: '请检查 FEISHU_BASE_URL 是否为开放平台地址（飞书为 https://open.feishu.cn，Lark 为 https://open.larksuite.com），且中间没有代理改写请求，然后使用同一 ticket 再次发起。',
};

const installApp = {
  en: 'Have the app installed in this tenant (a custom app: publish a version and have the administrator approve it), then start again with the same ticket.',
  zh: '请在当前租户安装该应用（自建应用需发布版本并由管理员审核通过），然后使用同一 ticket 再次发起。',
};

const renewAppTicket = {
  en: 'For a store app, have Feishu push the app_ticket again and use the new one; for a custom app, check app_id and app_secret; then start again with the same ticket.',
  zh: '商店应用请触发重新推送 app_ticket 并使用最新的 app_ticket，自建应用请检查 app_id 和 app_secret，然后使用同一 ticket 再次发起。',
};

export const apiCodes = {
  1500: { kind: 'transient', meaning: { en: 'internal error', zh: '内部错误，请稍后重试' } },
  1503: {
    kind: 'transient',
    meaning: {
      en: 'internal error: the token was updated but no authentication came back',
      zh: '内部错误，更新 token 无鉴权结果',
    },
  },
  1551: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'internal error: no tenant id could be obtained', zh: '获取 tenant id 错误' },
    advice: askSupport,
  },
  1557: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'internal error: no open user could be obtained', zh: '获取 open user 错误' },
    advice: askSupport,
  },
  1642: {
    kind: 'transient',
    meaning: {
      en: 'internal error: the session could not be updated',
      zh: '内部错误，更新 session 失败',
    },
  },
  1663: { kind: 'transient', meaning: { en: 'internal error', zh: '内部错误，请稍后重试' } },
  1665: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'internal error', zh: '内部错误' },
    advice: askSupport,
  },
  1668: { kind: 'transient', meaning: { en: 'internal error', zh: '内部错误，请稍后重试' } },
  2200: {
    kind: 'transient',
    meaning: {
      en: 'internal error, usually from calling too often',
      zh: '内部服务错误，通常因频繁调用',
    },
  },
  4000: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'bad request', zh: '传参错误' },
  },
  4001: {
    kind: 'token_refused',
    meaning: { en: 'token is invalid or has expired', zh: 'token 无效或已过期' },
  },
  5000: {
    kind: 'transient',
    meaning: { en: 'internal error, call less often', zh: '内部错误，请减少调用频率，稍后再试' },
  },
  // also used for throttling, which only its message tells
  9499: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'bad request', zh: '请求参数有误' },
  },
  10003: {
    kind: 'permanent',
    error: 'Feishu.CredentialsRejected',
    meaning: {
      en: 'parameter is missing or wrong, often an app_id that does not exist',
      zh: '请求参数缺失或有误，常见于 app_id 不存在',
    },
  },
  10005: {
    kind: 'permanent',
    error: 'Feishu.CredentialsRejected',
    meaning: {
      en: 'app or tenant named in the request is wrong',
      zh: '请求鉴权失败，应用或租户信息有误',
    },
  },
  10012: {
    kind: 'permanent',
    error: 'Feishu.CredentialsRejected',
    meaning: { en: 'app_access_token could not be obtained', zh: '获取 app_access_token 失败' },
    advice: renewAppTicket,
  },
  10013: {
    kind: 'permanent',
    error: 'Feishu.CredentialsRejected',
    meaning: {
      en: 'tenant_access_token could not be obtained',
      zh: '获取 tenant_access_token 失败',
    },
    advice: installApp,
  },
  10014: {
    kind: 'permanent',
    error: 'Feishu.CredentialsRejected',
    meaning: {
      en: 'app is not available, or its secret is wrong',
      zh: '应用状态不可用，或 app secret 错误',
    },
  },
  10015: {
    kind: 'permanent',
    error: 'Feishu.CredentialsRejected',
    meaning: { en: 'app secret is wrong', zh: 'app secret 错误' },
  },
  10016: {
    kind: 'permanent',
    error: 'Feishu.CredentialsRejected',
    meaning: { en: 'app_ticket could not be sent again', zh: '重新推送 app_ticket 失败' },
    advice: renewAppTicket,
  },
  10101: { kind: 'transient', meaning: { en: 'internal error', zh: '内部错误，请稍后重试' } },
  10500: { kind: 'transient', meaning: { en: 'server error', zh: '服务端异常错误' } },
  20005: {
    kind: 'token_refused',
    meaning: { en: 'access_token is invalid', zh: '无效的 access_token' },
  },
  20006: {
    kind: 'token_refused',
    meaning: { en: 'user_access_token has expired', zh: 'user_access_token 已过期' },
  },
  20013: {
    kind: 'token_refused',
    meaning: { en: 'tenant_access_token is invalid', zh: 'tenant_access_token 无效' },
  },
  20014: {
    kind: 'token_refused',
    meaning: { en: 'app_access_token is invalid', zh: '校验 app_access_token 失败' },
  },
  20050: {
    kind: 'transient',
    meaning: { en: 'internal error of the token service', zh: '内部服务错误，请稍后重试' },
  },
  20072: {
    kind: 'transient',
    meaning: { en: 'token service is unavailable for now', zh: '服务暂不可用，请稍后重试' },
  },
  55001: {
    kind: 'transient',
    meaning: { en: 'internal error, call less often', zh: '服务内部错误，请减少调用频率' },
  },
  1061001: { kind: 'transient', meaning: { en: 'internal error', zh: '服务内部错误' } },
  // what an unknown ticket gives is not documented; one of the next three is likely
  1061002: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'parameter is wrong', zh: '请求参数错误' },
    advice: checkTicket,
  },
  1061003: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'resource was not found', zh: '资源不存在' },
    advice: checkTicket,
  },
  1061004: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'this identity has no permission', zh: '当前身份无权限' },
    advice: {
      en: 'Query with the app or user that created the import task: start again with the same ticket and the profile that holds their credentials.',
      zh: '请以创建该导入任务的应用或用户身份查询，即使用同一 ticket 和对应的 profile 再次发起。',
    },
  },
  1061006: { kind: 'transient', meaning: { en: 'internal timeout', zh: '服务内部超时' } },
  1061045: {
    kind: 'transient',
    meaning: { en: 'internal error that passes', zh: '内部可重试错误' },
  },
  1064230: {
    kind: 'transient',
    meaning: { en: 'locked while data is being migrated', zh: '数据迁移中，暂时无法操作' },
  },
  1069901: { kind: 'transient', meaning: { en: 'internal error', zh: '服务内部错误' } },
  1069902: {
    kind: 'permanent',
    error: 'Feishu.NoPermission',
    meaning: {
      en: 'this identity may not read or edit the document',
      zh: '当前访问身份没有文档阅读或编辑权限',
    },
  },
  1069903: { kind: 'transient', meaning: { en: 'internal error', zh: '服务内部错误' } },
  1069904: {
    kind: 'permanent',
    error: 'Feishu.InvalidParam',
    meaning: { en: 'invalid parameter', zh: '无效参数' },
  },
  1069905: { kind: 'transient', meaning: { en: 'internal error', zh: '服务内部错误' } },
  1069906: {
    kind: 'permanent',
    error: 'Feishu.DocumentDeleted',
    meaning: { en: 'document has been deleted', zh: '文档已被删除' },
  },
  1069907: {
    kind: 'permanent',
    error: 'Feishu.FileTokenNotFound',
    meaning: { en: 'file token does not exist', zh: '文件 token 不存在' },
  },
  1069908: {
    kind: 'permanent',
    error: 'Feishu.MountPointNotFound',
    meaning: {
      en: 'target folder does not exist, or this identity may not import into it',
      zh: '挂载点对应的文件夹不存在，或当前身份无导入至该文件夹的权限',
    },
  },
  1069909: {
    kind: 'permanent',
    error: 'Feishu.FileTooLarge',
    meaning: { en: 'file is over the import size limit', zh: '文件超过导入大小限制' },
  },
  1069910: {
    kind: 'permanent',
    error: 'Feishu.ExtensionMismatch',
    meaning: {
      en: 'extensions of the uploaded file and the import task differ',
      zh: '上传文件和导入任务文件后缀不一致',
    },
  },
  1069911: {
    kind: 'permanent',
    error: 'Feishu.TypeMismatch',
    meaning: {
      en: 'types of the uploaded file and the import task differ',
      zh: '上传文件和导入任务指定的文件类型不一致',
    },
  },
  1069912: {
    kind: 'permanent',
    error: 'Feishu.FolderNotFound',
    meaning: { en: 'folder does not exist', zh: '目录不存在' },
  },
  1069913: {
    kind: 'permanent',
    error: 'Feishu.FileTokenExpired',
    meaning: {
      en: 'uploaded file has expired (it is kept for 5 minutes)',
      zh: '上传文件过期，有效期 5 分钟',
    },
  },
  1069914: {
    kind: 'permanent',
    error: 'Feishu.InvalidFileToken',
    meaning: { en: 'file token is not valid', zh: '文件 token 不合法' },
  },
  1069923: { kind: 'rate_limit', meaning: { en: 'too many requests', zh: '请求发生限频' } },
  99991201: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'request path does not exist', zh: '请求路径错误' },
    advice: checkAddress,
  },
  99991301: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'HTTP method does not fit the API', zh: '请求方法与接口不一致' },
    advice: checkAddress,
  },
  99991400: {
    kind: 'rate_limit',
    meaning: { en: 'too many requests', zh: '请求过于频繁，触发频控' },
  },
  99991401: {
    kind: 'permanent',
    error: 'Feishu.IpNotAllowed',
    meaning: {
      en: "caller's IP address is not on the app's allow-list",
      zh: '调用方 IP 不在应用的 IP 白名单中',
    },
  },
  99991403: {
    kind: 'permanent',
    error: 'Feishu.QuotaExceeded',
    meaning: {
      en: "tenant's API calls of this month are used up",
      zh: '本月 API 调用次数已达上限',
    },
  },
  99991406: {
    kind: 'permanent',
    error: 'Feishu.QuotaExceeded',
    meaning: { en: 'paid advanced API package is used up', zh: '高级 API 资源包已用尽' },
    advice: {
      en: 'Buy more calls for the advanced API package, then start again with the same ticket.',
      zh: '请增购高级 API 资源包，然后使用同一 ticket 再次发起。',
    },
  },
  99991543: {
    kind: 'permanent',
    error: 'Feishu.CredentialsRejected',
    meaning: { en: 'app_id or app_secret does not exist', zh: 'app_id 或 app_secret 不存在' },
  },
  99991661: {
    kind: 'token_refused',
    meaning: { en: 'request carries no access token', zh: '请求未携带 token' },
  },
  99991662: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'app is disabled', zh: '应用已停用' },
    advice: {
      en: 'Enable the app in the admin console, then start again with the same ticket.',
      zh: '请在管理后台启用该应用，然后使用同一 ticket 再次发起。',
    },
  },
  99991663: {
    kind: 'token_refused',
    meaning: {
      en: 'tenant_access_token is invalid, or this API takes none',
      zh: 'tenant_access_token 失效，或接口不支持该凭证',
    },
  },
  99991664: {
    kind: 'token_refused',
    meaning: { en: 'app_access_token is invalid', zh: 'app_access_token 非法' },
  },
  99991665: {
    kind: 'token_refused',
    meaning: { en: 'tenant_access_token is invalid', zh: 'tenant_access_token 非法' },
  },
  99991668: {
    kind: 'token_refused',
    meaning: {
      en: 'user_access_token is invalid, or this API takes none',
      zh: 'user_access_token 失效，或接口不支持该凭证',
    },
  },
  99991669: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: "user's refresh_token is invalid", zh: '用户的 refresh_token 非法' },
    advice: {
      en: "Have the user authorise the app again and store the new tokens in the profile's credentials, then start again with the same ticket.",
      zh: '请让用户重新授权应用，并将新的 token 更新到该 profile 的凭证中，然后使用同一 ticket 再次发起。',
    },
  },
  99991670: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'SSO access token is invalid', zh: 'SSO access token 非法' },
    advice: {
      en: 'Use a tenant_access_token or a user_access_token instead of an SSO access token, then start again with the same ticket.',
      zh: '请改用 tenant_access_token 或 user_access_token，而不是 SSO access token，然后使用同一 ticket 再次发起。',
    },
  },
  99991671: {
    kind: 'token_refused',
    meaning: { en: 'access token has the wrong format', zh: 'token 格式错误' },
  },
  99991672: {
    kind: 'permanent',
    error: 'Feishu.ScopeMissing',
    meaning: { en: 'app lacks the API scope', zh: '应用未申请 API 权限' },
  },
  99991673: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'app is not available in this tenant', zh: '应用在当前租户不可用' },
    advice: installApp,
  },
  99991674: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'user type is not supported', zh: '不支持该用户类型' },
    advice: {
      en: 'Create and query the import as the app itself (tenant_access_token) or as an ordinary user of the tenant.',
      zh: '请改用应用身份（tenant_access_token）或企业内的普通用户身份创建并查询导入任务。',
    },
  },
  99991676: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'access token lacks permission', zh: 'token 没有对应权限' },
    advice: {
      en: 'Check that the app, and the user if one is queried as, has been granted one of docs:document:import, drive:drive or drive:drive:readonly, then start again with the same ticket.',
      zh: '请检查应用（以用户身份查询时还包括该用户的授权）是否已开通 docs:document:import、drive:drive、drive:drive:readonly 中的任一权限，然后使用同一 ticket 再次发起。',
    },
  },
  99991677: {
    kind: 'token_refused',
    meaning: { en: 'user_access_token has expired', zh: 'user_access_token 已过期' },
  },
  99991679: {
    kind: 'permanent',
    error: 'Feishu.ScopeMissing',
    meaning: { en: 'user has not granted the scope', zh: '未经用户授权' },
  },
  99991681: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'third-party authentication failed', zh: '第三方鉴权返回错误' },
  },
  99991692: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'authentication failed', zh: '鉴权失败' },
  },
  99992402: {
    kind: 'permanent',
    error: 'Feishu.Rejected',
    meaning: { en: 'request field is missing or wrong', zh: '请求参数缺失或有误' },
  },
} as const satisfies Record<number, ApiCode>;

const rows: Record<number, ApiCode> = apiCodes;

export const apiCode = (code: number): ApiCode | undefined => rows[code];
