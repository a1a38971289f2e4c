import { randomUUID } from 'node:crypto';
import { addVersion, type Secret, type Version } from './secret.ts';
import { current, holderOf, isRotating, moveLabel, pending } from './staging-labels.ts';

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

type Step = (typeof steps)[number];

export type RotationEvent = {
  SecretId: string;
  ClientRequestToken: string;
  Step: Step;
  RotationToken: string;
};

export type RotationFunction = (event: RotationEvent) => Promise<unknown>;

/** What came of a rotation: with `failedStep`, it stopped there and went no further. */
export type RotationRecord = {
  secretName: string;
  versionId: string;
  doneSteps: Step[];
  failedStep?: Step;
  error?: unknown;
};

type Options = {
  functions: Record<string, RotationFunction>;
  now: () => number;
  /**
   * What becomes of AWSPENDING after a rotation that went well. AWS documents both; seen was that it
   * stays (LocalStack's recordings of AWS, 2023), although its people say they remove it (2024).
   */
  pendingLabel: 'stays' | 'is removed';
};

export function rotations({ functions, now, pendingLabel }: Options) {
  const records: RotationRecord[] = [];
  const running = new Set<Promise<void>>();

  async function callFunction(secret: Secret, versionId: string, only: readonly Step[]) {
    const record: RotationRecord = { secretName: secret.name, versionId, doneSteps: [] };
    records.push(record);
    const run = functions[secret.rotation?.functionArn ?? ''];
    for (const step of only) {
      try {
        await run?.({
          SecretId: secret.arn,
          ClientRequestToken: versionId,
          Step: step,
          RotationToken: randomUUID(),
        });
      } catch (error) {
        return Object.assign(record, { failedStep: step, error });
      }
      record.doneSteps.push(step);
    }
    return record;
  }

  /** Each attempt goes through all steps: that is why they must stand being repeated. */
  async function rotate(secret: Secret, versionId: string) {
    const record = await callFunction(secret, versionId, steps);
    if (record.failedStep !== undefined) return;
    if (isRotating(secret)) {
      const error = new Error('AWSPENDING is left on a version that is not AWSCURRENT');
      Object.assign(record, { failedStep: 'finishSecret', error });
      return;
    }
    secret.rotatedAt = now();
    if (pendingLabel === 'is removed') holderOf(secret, pending)?.labels.delete(pending);
  }

  /** Documented: only testSecret runs, with a version that bears AWSPENDING and is then removed. */
  async function tryOut(secret: Secret, version: Version) {
    await callFunction(secret, version.id, ['testSecret']);
    if (holderOf(secret, pending) === version) secret.versions.delete(version.id);
  }

  function start(work: () => Promise<void>) {
    // RotateSecret does not wait for it
    const run = Promise.resolve().then(work);
    running.add(run);
    run.finally(() => running.delete(run));
  }

  return {
    records,
    begin(secret: Secret, versionId: string) {
      moveLabel(secret, pending, addVersion(secret, versionId, undefined, now()));
      start(() => rotate(secret, versionId));
    },
    beginTest(secret: Secret, versionId: string) {
      // with a value, unlike a rotation's (moto's issue 8512)
      const value = holderOf(secret, current)?.value;
      const version = addVersion(secret, versionId, value, now());
      moveLabel(secret, pending, version);
      start(() => tryOut(secret, version));
    },
    /** AWS does so by itself, some time after a failure, several times. */
    reattempt(secret: Secret) {
      const version = holderOf(secret, pending);
      if (version && isRotating(secret)) start(() => rotate(secret, version.id));
    },
    async done() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

export type Rotations = ReturnType<typeof rotations>;
