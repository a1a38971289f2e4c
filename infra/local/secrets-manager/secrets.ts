import { createHash } from 'node:crypto';
import { ServiceFault } from '../aws-json.ts';
import type { Secret } from './secret.ts';

const arnPrefix = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:';

/** Secrets by name. AWS ends the ARN of each with six characters that are new when it is made anew. */
export function secretsByName() {
  const byName = new Map<string, Secret>();
  let made = 0;

  function find(id: string): Secret | undefined {
    if (!id.startsWith('arn:')) return byName.get(id);
    // also without the six characters
    return byName.values().find(({ arn }) => arn === id || arn.slice(0, -7) === id);
  }

  function known(id: string): Secret {
    const secret = find(id);
    if (secret) return secret;
    const message = "Secrets Manager can't find the specified secret.";
    throw new ServiceFault('ResourceNotFoundException', message);
  }

  return {
    find,
    /** Also one that is being deleted. */
    known,
    existing(id: string): Secret {
      const secret = known(id);
      if (secret.deletedAt === undefined) return secret;
      const message =
        "You can't perform this operation on the secret because it was marked for deletion.";
      throw new ServiceFault('InvalidRequestException', message);
    },
    add(name: string, now: number): Secret {
      made += 1;
      const suffix = createHash('sha256').update(`${made} ${name}`).digest('hex').slice(0, 6);
      const secret: Secret = {
        arn: `${arnPrefix}${name}-${suffix}`,
        name,
        tags: new Map(),
        versions: new Map(),
        rotation: undefined,
        createdAt: now,
        changedAt: now,
        accessedAt: undefined,
        rotatedAt: undefined,
        deletedAt: undefined,
      };
      byName.set(name, secret);
      return secret;
    },
    remove: ({ name }: Secret) => byName.delete(name),
    all: () => [...byName.values()],
  };
}

export type Secrets = ReturnType<typeof secretsByName>;
