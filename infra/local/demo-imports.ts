import type { Script } from './feishu-simulator.ts';

export type DemoImport = {
  file: string;
  ticket: string;
  script: Script;
  /** How it must end for the demo to succeed. */
  expected: string;
};

const running = { result: { job_status: 2 } };

function done(type: string, extra: string[] = []) {
  const token = `Fm7osyjtMh5o7K${type}`;
  const url = `https://example.feishu.cn/${type}/${token}`;
  return { result: { job_status: 0, type, token, url, extra } };
}

/** Every import of the demo, and what becomes of it. */
export const demoImports: DemoImport[] = [
  {
    file: 'minutes.docx',
    ticket: '7369583175086912001',
    script: { replies: [{ result: { job_status: 1 } }, running, done('docx')] },
    expected: 'succeeded',
  },
  {
    file: 'sales.xlsx',
    ticket: '7369583175086912002',
    script: { replies: [running, done('sheet', ['2000', '2004'])] },
    expected: 'succeeded, not complete',
  },
  {
    file: 'payroll.xlsx',
    ticket: '7369583175086912003',
    script: {
      replies: [running, { result: { job_status: 100, job_error_msg: 'file is encrypted' } }],
    },
    expected: 'Import.FileEncrypted',
  },
  {
    file: 'inventory.csv',
    // after a refusal executions spread over 12 seconds, by their names: this one is among the first
    ticket: '7369583175086912083',
    script: { replies: [{ rateLimit: { resetSeconds: 4 } }, running, done('bitable')] },
    expected: 'succeeded',
  },
  {
    file: 'handbook.md',
    ticket: '7369583175086912005',
    script: {
      replies: [
        { raw: { http: 502, body: '<html>Bad Gateway</html>', contentType: 'text/html' } },
        // 0, but the document is not there yet
        { result: { job_status: 0, token: '' } },
        done('docx'),
      ],
    },
    expected: 'succeeded',
  },
];
