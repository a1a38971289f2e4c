import type { BilingualText } from './bilingual-text.ts';

/** The kind of token the query was made with. */
export type AccessToken = 'tenant' | 'user';

export type ErrorEntry = {
  /** Asking again within a day, with nothing changed, can succeed. */
  retryable: boolean;
  /** Uploading and importing the file again, with nothing changed, can succeed. */
  reimport: boolean;
  when: BilingualText;
  advice: BilingualText | Record<AccessToken, BilingualText>;
};

// the size guide is newer than the error texts, which still say 20 MB for every format
const staySmall = {
  en: "Split or shrink the file to fit Feishu's limit for its format (doc and docx 600 MB, xlsx 800 MB, csv into a bitable 100 MB, every other format 20 MB), then upload and import it again.",
  zh: '请拆分或压缩文件，使其不超过飞书对该格式的大小限制（doc、docx 为 600 MB，xlsx 为 800 MB，csv 导入多维表格为 100 MB，其余格式为 20 MB），然后重新上传并导入。',
};

const matchExtension = {
  en: 'Give the upload and the import task exactly the extension the file has (md, mark and markdown are three different values of file_extension), then upload and import it again.',
  zh: '请确保上传文件和导入任务中的 file_extension 与文件的实际扩展名完全一致（md、mark、markdown 是三个不同的值），然后重新上传并导入。',
};

const matchType = {
  en: "Check that the file's real content, the obj_type named at upload and the type of the import task agree, then upload and import it again.",
  zh: '请检查文件的实际内容、上传时指定的 obj_type 与导入任务的 type 是否一致，然后重新上传并导入。',
};

const nameExistingFolder = {
  en: 'Create a new import task whose mount_key is the token of an existing folder, or is empty for the root folder.',
  zh: '请重新创建导入任务，将 mount_key 设为已存在的文件夹的 token，或留空以导入到根目录。',
};

const uploadInTime = {
  en: 'Upload the file again and create the import task within 5 minutes of the upload.',
  zh: '请重新上传文件，并在上传后 5 分钟内创建导入任务。',
};

const openFolder = {
  tenant: {
    en: "Check the folder token in mount_key and let the app edit that folder (add the bot capability to the app and share the folder, with edit permission, with a group that has the app's bot in it), then import the file again.",
    zh: '请检查 mount_key 中的文件夹 token 是否正确，并为应用开通该文件夹的编辑权限（为应用添加机器人能力，再将文件夹分享给含有该机器人的群组并授予编辑权限），然后重新导入文件。',
  },
  user: {
    en: 'Check the folder token in mount_key and share that folder with the user, with edit permission, then import the file again.',
    zh: '请检查 mount_key 中的文件夹 token 是否正确，并将该文件夹分享给该用户、授予编辑权限，然后重新导入文件。',
  },
};

/** Every name an execution can end with. */
export const errorCatalogue = {
  'Import.InternalError': {
    retryable: false,
    reimport: true,
    when: { en: 'internal error in Feishu', zh: '飞书内部错误' },
    advice: {
      en: 'Upload and import the file again, and if that fails too, send the ticket to Feishu support.',
      zh: '请重新上传并导入文件；如仍然失败，请将 ticket 提供给飞书技术支持。',
    },
  },
  'Import.FileEncrypted': {
    retryable: false,
    reimport: false,
    when: { en: 'source file is encrypted', zh: '导入文档已加密' },
    advice: {
      en: 'Remove the password or encryption from the file, then upload and import it again.',
      zh: '请先解除文件的密码或加密，然后重新上传并导入。',
    },
  },
  'Import.TenantOutOfStorage': {
    retryable: false,
    reimport: false,
    when: { en: 'tenant is out of storage', zh: '租户容量不足' },
    advice: {
      en: "Ask the tenant's administrator to free or buy storage, then upload and import the file again.",
      zh: '请联系企业管理员清理或扩充云空间容量，然后重新上传并导入文件。',
    },
  },
  'Import.FolderHasTooManyNodes': {
    retryable: false,
    reimport: false,
    when: { en: 'target folder holds too many nodes', zh: '文件夹节点太多' },
    advice: {
      en: 'Move something out of the target folder or choose another one (Feishu allows 1,500 items on one level), then import the file again.',
      zh: '请移出目标文件夹中的部分内容或改用其他文件夹（飞书单层最多 1500 个节点），然后重新导入文件。',
    },
  },
  'Import.ProcessingTimedOut': {
    retryable: false,
    reimport: true,
    when: { en: 'Feishu took too long to process the file', zh: '飞书处理超时' },
    advice: {
      en: 'Upload and import the file again, and if it times out once more, split it into smaller files.',
      zh: '请重新上传并导入文件；如再次超时，请将文件拆分后分别导入。',
    },
  },
  'Import.NoPermission': {
    retryable: false,
    reimport: false,
    when: { en: 'no permission', zh: '无权限' },
    advice: {
      tenant: {
        en: 'Make sure that the app which creates the import task is the one that uploaded the file and that it may edit the place the document goes to (on a document: top right, ... > More > Add document app), then import the file again.',
        zh: '请确认创建导入任务与上传文件使用的是同一应用，并为该应用开通导入位置的编辑权限（云文档网页右上方「...」->「...更多」->「添加文档应用」），然后重新导入文件。',
      },
      user: {
        en: 'Make sure that the user who creates the import task is the one who uploaded the file and that they may edit the place the document goes to (top right: Share), then import the file again.',
        zh: '请确认创建导入任务与上传文件使用的是同一用户，并通过网页右上方「分享」为该用户开通导入位置的编辑权限，然后重新导入文件。',
      },
    },
  },
  'Import.FormatNotSupported': {
    retryable: false,
    reimport: false,
    when: { en: 'file format is not supported', zh: '格式不支持' },
    advice: {
      en: 'Save the file in a format Feishu imports (docx, doc, txt, md, mark, markdown or html for documents; xlsx, xls or csv for sheets; xlsx or csv for bitables), then upload and import that.',
      zh: '请将文件另存为飞书支持导入的格式（文档：docx、doc、txt、md、mark、markdown、html；电子表格：xlsx、xls、csv；多维表格：xlsx、csv），然后上传并导入新文件。',
    },
  },
  'Import.OfficeFormatNotSupported': {
    retryable: false,
    reimport: false,
    when: { en: 'office format is not supported', zh: 'office 格式不支持' },
    advice: {
      en: 'Open the file in an Office application, save it as docx or xlsx, then upload and import that.',
      zh: '请用 Office 软件打开文件并另存为 docx 或 xlsx，然后上传并导入新文件。',
    },
  },
  'Import.FileTooLarge': {
    retryable: false,
    reimport: false,
    when: { en: 'source file is too large', zh: '导入文件过大' },
    advice: staySmall,
  },
  'Import.NoFolderPermission': {
    retryable: false,
    reimport: false,
    when: {
      en: 'this identity may not import into that folder',
      zh: '当前身份无导入至该文件夹的权限',
    },
    advice: openFolder,
  },
  'Import.FolderDeleted': {
    retryable: false,
    reimport: false,
    when: { en: 'target folder was deleted', zh: '目录已删除' },
    advice: {
      en: 'Restore the folder from the trash or choose another one in mount_key, then import the file again.',
      zh: '请从回收站恢复该文件夹，或在 mount_key 中改用其他文件夹，然后重新导入文件。',
    },
  },
  'Import.ExtensionMismatch': {
    retryable: false,
    reimport: false,
    when: {
      en: 'file extension differs from the one the task names',
      zh: '导入文件和任务指定后缀不匹配',
    },
    advice: matchExtension,
  },
  'Import.FolderNotFound': {
    retryable: false,
    reimport: false,
    when: { en: 'target folder does not exist', zh: '目录不存在' },
    advice: nameExistingFolder,
  },
  'Import.TypeMismatch': {
    retryable: false,
    reimport: false,
    when: {
      en: 'file type differs from the one the task names',
      zh: '导入文件和任务指定文件类型不匹配',
    },
    advice: matchType,
  },
  'Import.FileExpired': {
    retryable: false,
    reimport: true,
    when: { en: 'uploaded source file has expired', zh: '导入文件已过期' },
    advice: uploadInTime,
  },
  'Import.ExportDeniedWhileCopying': {
    retryable: false,
    reimport: false,
    when: { en: 'export is forbidden while a copy is being made', zh: '创建副本中禁止导出' },
    advice: {
      en: "Check that the source document's permission settings allow copying and downloading it and that no copy of it is still being made, then import it again.",
      zh: '请确认源文档的权限设置允许创建副本和下载，且没有正在创建的副本，然后重新导入。',
    },
  },
  'Import.FileCorrupted': {
    retryable: false,
    reimport: false,
    when: { en: 'source file is damaged', zh: '文件格式损坏' },
    advice: {
      en: 'Open the file, save it as a new file, then upload and import that.',
      zh: '请打开文件并另存为新文件，然后上传并导入新文件。',
    },
  },
  'Import.TooManyBlocks': {
    retryable: false,
    reimport: false,
    when: { en: 'document has too many blocks', zh: 'docx block 数量超过系统上限' },
    advice: {
      en: 'Split the document into several files with fewer paragraphs, pictures and tables each, then upload and import them one by one.',
      zh: '请将文档拆分为多个文件，减少每个文件中的段落、图片和表格数量，然后逐个上传并导入。',
    },
  },
  'Import.BlocksNestedTooDeep': {
    retryable: false,
    reimport: false,
    when: { en: 'blocks are nested too deep', zh: 'docx block 层级超过系统上限' },
    advice: {
      en: 'Flatten the deepest lists, tables and quotes of the document, then upload and import it again.',
      zh: '请减少文档中列表、表格、引用等内容的嵌套层级，然后重新上传并导入。',
    },
  },
  'Import.BlockTooLarge': {
    retryable: false,
    reimport: false,
    when: { en: 'a block is too large', zh: 'docx block 大小超过系统上限' },
    advice: {
      en: 'Break up the longest paragraphs and tables of the document, then upload and import it again.',
      zh: '请将文档中过长的段落或过大的表格拆分成几部分，然后重新上传并导入。',
    },
  },
  'Import.FolderConflict': {
    retryable: false,
    reimport: true,
    when: {
      en: 'another import into the same folder was in the way',
      zh: '与同一文件夹的其他导入任务冲突',
    },
    advice: {
      en: 'Wait a few seconds, import the file again, and run the imports into one folder one after the other.',
      zh: '请等待几秒后重新导入文件，并将同一文件夹的导入任务改为逐个依次执行。',
    },
  },
  'Import.UnknownStatus': {
    retryable: false,
    reimport: false,
    when: { en: 'undocumented job_status', zh: '飞书文档未说明的 job_status' },
    advice: {
      en: 'Look in Feishu whether the document has been created, and ask Feishu support, with the ticket, what this job_status means.',
      zh: '请在飞书中查看文档是否已生成，并将 ticket 提供给飞书技术支持，确认该 job_status 的含义。',
    },
  },
  'Import.TimedOut': {
    retryable: true,
    reimport: false,
    when: {
      en: 'import was still running when timeout_seconds were up',
      zh: '达到 timeout_seconds 时导入仍在进行',
    },
    advice: {
      en: 'The import may still be running in Feishu, so do not upload the file again but start once more with the same ticket (POST /imports) and a longer timeout_seconds.',
      zh: '导入可能仍在飞书中进行，请勿因此重新上传文件，而应使用同一 ticket 再次发起（POST /imports）并设置更长的 timeout_seconds。',
    },
  },
  'Feishu.NoPermission': {
    retryable: false,
    reimport: false,
    when: {
      en: 'this identity may not read or edit the document',
      zh: '当前身份没有文档阅读或编辑权限',
    },
    advice: {
      tenant: {
        en: 'Query with the app that created the import task, let it read or edit the document (top right of the document: ... > More > Add document app), and start again with the same ticket.',
        zh: '请使用创建该导入任务的应用进行查询，并通过云文档网页右上方「...」->「...更多」->「添加文档应用」为应用添加文档权限，然后使用同一 ticket 再次发起。',
      },
      user: {
        en: 'Query as the user who created the import task, let them read or edit the document (top right of the document: Share), and start again with the same ticket.',
        zh: '请以创建该导入任务的用户身份进行查询，并通过云文档网页右上方「分享」为该用户添加文档权限，然后使用同一 ticket 再次发起。',
      },
    },
  },
  'Feishu.InvalidParam': {
    retryable: false,
    reimport: false,
    when: { en: 'invalid parameter', zh: '无效参数' },
    advice: {
      en: "Check that the ticket is copied in full from the answer that created the import task, and that the task's file_extension equals the extension of the imported file.",
      zh: '请检查 ticket 是否与创建导入任务时返回的完全一致，以及任务的 file_extension 与导入文件的扩展名是否一致。',
    },
  },
  'Feishu.DocumentDeleted': {
    retryable: false,
    reimport: false,
    when: { en: 'document has been deleted', zh: '文档已被删除' },
    advice: {
      en: 'Check who deleted the document, and restore it from the trash if it is still needed.',
      zh: '请检查文档是否被误删，如仍需要请从回收站恢复。',
    },
  },
  'Feishu.FileTokenNotFound': {
    retryable: false,
    reimport: false,
    when: { en: 'file token does not exist', zh: '文件 token 不存在' },
    advice: {
      en: 'Check that the ticket and the file_token of the file to import are right, and if the token was wrong, create the import task again with the one the upload returned.',
      zh: '请检查 ticket 以及要导入文件的 file_token 是否正确；如 file_token 有误，请使用上传接口返回的 token 重新创建导入任务。',
    },
  },
  'Feishu.MountPointNotFound': {
    retryable: false,
    reimport: false,
    when: {
      en: 'target folder does not exist, or this identity may not import into it',
      zh: '挂载点对应的文件夹不存在，或当前身份无导入至该文件夹的权限',
    },
    advice: openFolder,
  },
  'Feishu.FileTooLarge': {
    retryable: false,
    reimport: false,
    when: { en: 'file is over the import size limit', zh: '文件超过导入大小限制' },
    advice: staySmall,
  },
  'Feishu.ExtensionMismatch': {
    retryable: false,
    reimport: false,
    when: {
      en: 'extensions of the uploaded file and the import task differ',
      zh: '上传文件和导入任务文件后缀不一致',
    },
    advice: matchExtension,
  },
  'Feishu.TypeMismatch': {
    retryable: false,
    reimport: false,
    when: {
      en: 'types of the uploaded file and the import task differ',
      zh: '上传文件和导入任务指定的文件类型不一致',
    },
    advice: matchType,
  },
  'Feishu.FolderNotFound': {
    retryable: false,
    reimport: false,
    when: { en: 'folder does not exist', zh: '目录不存在' },
    advice: nameExistingFolder,
  },
  'Feishu.FileTokenExpired': {
    retryable: false,
    reimport: true,
    when: {
      en: 'uploaded file has expired (it is kept for 5 minutes)',
      zh: '上传文件过期，有效期 5 分钟',
    },
    advice: uploadInTime,
  },
  'Feishu.InvalidFileToken': {
    retryable: false,
    reimport: false,
    when: { en: 'file token is not valid', zh: '文件 token 不合法' },
    advice: {
      en: 'Create the import task again with the file_token exactly as the upload returned it.',
      zh: '请使用上传接口返回的 file_token（不要改动）重新创建导入任务。',
    },
  },
  'Feishu.TokenRejected': {
    retryable: false,
    reimport: false,
    when: {
      en: 'access token was refused again after one renewal',
      zh: 'access token 更新一次后仍被拒绝',
    },
    advice: {
      tenant: {
        en: 'Check that the app is enabled and installed in this tenant and that FEISHU_BASE_URL is the platform it belongs to (Feishu or Lark), then start again with the same ticket.',
        zh: '请确认应用已启用并安装在当前租户，且 FEISHU_BASE_URL 与应用所属平台（飞书或 Lark）一致，然后使用同一 ticket 再次发起。',
      },
      user: {
        en: "Have the user authorise the app again, store the new user_access_token in the profile's credentials, and start again with the same ticket.",
        zh: '请让用户重新授权应用，将新的 user_access_token 更新到该 profile 的凭证中，然后使用同一 ticket 再次发起。',
      },
    },
  },
  'Feishu.CredentialsRejected': {
    retryable: false,
    reimport: false,
    when: { en: 'Feishu gave no token for these credentials', zh: '飞书拒绝为该凭证签发 token' },
    advice: {
      en: 'Compare app_id and app_secret with those in the developer console (Credentials & Basic Info), check that the app is enabled in this tenant and belongs to this platform (Feishu or Lark), and start again with the same ticket.',
      zh: '请核对 app_id 和 app_secret 是否与开发者后台「凭证与基础信息」中的一致，并确认应用在当前租户已启用且属于当前平台（飞书或 Lark），然后使用同一 ticket 再次发起。',
    },
  },
  'Feishu.AppTicketMissing': {
    retryable: true,
    reimport: false,
    when: {
      en: 'no app_ticket of the store app arrived within 10 minutes of asking for it',
      zh: '请求重新推送后 10 分钟内未收到商店应用的 app_ticket',
    },
    advice: {
      en: "Check that the app's events reach this workflow (the event URL, encrypt key and verification token in the developer console, or the event server that hands the app_ticket on), then start again with the same ticket.",
      zh: '请检查应用的事件能否送达本工作流（开发者后台的事件请求地址、Encrypt Key 和 Verification Token，或转交 app_ticket 的事件服务器），然后使用同一 ticket 再次发起。',
    },
  },
  'Feishu.AuthorisationExpired': {
    retryable: false,
    reimport: false,
    when: {
      en: "user's authorisation has ended and cannot be renewed",
      zh: '用户授权已失效且无法自动续期',
    },
    advice: {
      en: "Have the user authorise the app again (with the scope offline_access), store the new tokens in the profile's secret, and start again with the same ticket.",
      zh: '请让用户重新授权应用（需包含 offline_access 权限），将新的 token 存入该 profile 的密钥，然后使用同一 ticket 再次发起。',
    },
  },
  'Feishu.ScopeMissing': {
    retryable: false,
    reimport: false,
    when: {
      en: 'app lacks the API scope, or the user has not granted it',
      zh: '应用未申请 API 权限，或用户未授权',
    },
    advice: {
      tenant: {
        en: 'Grant the app one of docs:document:import, drive:drive or drive:drive:readonly in the developer console, publish a new version of the app, and start again with the same ticket.',
        zh: '请在开发者后台为应用开通 docs:document:import、drive:drive、drive:drive:readonly 中的任一权限并发布新版本，然后使用同一 ticket 再次发起。',
      },
      user: {
        en: 'Grant the app one of docs:document:import, drive:drive or drive:drive:readonly in the developer console, publish a new version, have the user authorise the app again with that scope, and start again with the same ticket.',
        zh: '请在开发者后台为应用开通 docs:document:import、drive:drive、drive:drive:readonly 中的任一权限并发布新版本，再让用户重新授权该权限，然后使用同一 ticket 再次发起。',
      },
    },
  },
  'Feishu.IpNotAllowed': {
    retryable: false,
    reimport: false,
    when: {
      en: "the caller's IP address is not on the app's allow-list",
      zh: '调用方 IP 不在应用的 IP 白名单中',
    },
    advice: {
      en: "Add every public IPv4 address the query function goes out from (of each NAT gateway) to the app's IP allow-list in the developer console, and start again with the same ticket.",
      zh: '请在开发者后台的应用 IP 白名单中添加查询函数的所有公网出口 IPv4 地址（每个 NAT 网关各一个），然后使用同一 ticket 再次发起。',
    },
  },
  'Feishu.QuotaExceeded': {
    retryable: false,
    reimport: false,
    when: { en: 'API call quota is used up', zh: 'API 调用额度已用尽' },
    advice: {
      en: "Raise the tenant's API call quota or wait until it renews on the first of the month, and start again with the same ticket.",
      zh: '请提升企业的 API 调用额度，或等待次月 1 日额度恢复，然后使用同一 ticket 再次发起。',
    },
  },
  'Feishu.Rejected': {
    retryable: false,
    reimport: false,
    when: { en: 'Feishu refused the query', zh: '飞书拒绝了查询请求' },
    advice: {
      en: "Look up Feishu's code and message, kept with this error, in its list of error codes, or send the log_id to Feishu support, and once the cause is gone start again with the same ticket.",
      zh: '请根据错误中保留的飞书错误码和提示查阅飞书错误码文档，或将 log_id 提供给飞书技术支持，排除原因后使用同一 ticket 再次发起。',
    },
  },
  'Feishu.Unavailable': {
    retryable: true,
    reimport: false,
    when: {
      en: 'Feishu could not be reached, or gave no usable answer, for too long',
      zh: '飞书长时间无法访问或未返回有效结果',
    },
    advice: {
      en: 'The import may still be running in Feishu, so do not upload the file again but start once more with the same ticket when Feishu answers again, and turn to Feishu support if it stays down.',
      zh: '导入可能仍在飞书中进行，请勿因此重新上传文件，而应在飞书恢复后使用同一 ticket 再次发起；如持续异常，请联系飞书技术支持。',
    },
  },
  'Input.Invalid': {
    retryable: false,
    reimport: false,
    when: { en: 'input is not valid', zh: '输入不符合要求' },
    advice: {
      en: 'Correct every fault the message lists and start again with the corrected input.',
      zh: '请逐一修正提示中列出的问题，然后使用修正后的输入再次发起。',
    },
  },
  'Profile.Unknown': {
    retryable: false,
    reimport: false,
    when: {
      en: 'no such credentials profile, or its secret cannot be read or understood',
      zh: '凭证 profile 不存在，或其密钥无法读取或解析',
    },
    advice: {
      en: "Check the profile's name, that its secret exists and holds credentials in the documented form, and that the query function may read it, then start again with the same ticket.",
      zh: '请检查 profile 名称是否正确、对应的密钥是否存在且格式符合说明，以及查询函数是否有权读取，然后使用同一 ticket 再次发起。',
    },
  },
  'Internal.Error': {
    retryable: true,
    reimport: false,
    when: { en: 'something broke in this workflow', zh: '本工作流内部出错' },
    advice: {
      en: "Start again with the same ticket, and if that fails too, look for the cause in the query function's log.",
      zh: '请使用同一 ticket 再次发起；如仍然失败，请在查询函数的日志中查找原因。',
    },
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorName = keyof typeof errorCatalogue;

export function adviceFor(name: ErrorName, accessToken: AccessToken): BilingualText {
  const { advice } = errorCatalogue[name];
  return 'en' in advice ? advice : advice[accessToken];
}
