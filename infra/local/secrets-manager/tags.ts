import type { Request } from '../aws-json.ts';
import { optionalRecords, requiredText } from './request-fields.ts';
import type { Secret } from './secret.ts';

export function addTags(secret: Secret, request: Request) {
  for (const tag of optionalRecords(request, 'Tags')) {
    const value = requiredText(tag, 'Value', { minLength: 0, maxLength: 256 });
    secret.tags.set(requiredText(tag, 'Key', { maxLength: 128 }), value);
  }
}
