/** A query event of the state machine, for an import that Feishu is still at. */
export function pendingEvent() {
  return {
    execution_id:
      'arn:aws:states:eu-central-1:000000000000:execution:import:default_7369583175086912356_1',
    started_at: new Date().toISOString(),
    input: { ticket: '7369583175086912356', timeout_seconds: 3600 },
    state: {
      query: {
        outcome: 'pending',
        job_status: 2,
        wait_seconds: 5,
        error: '',
        cause: '',
        output: {},
        queries: 6,
        elapsed_seconds: 17.3,
        transient_failures: 0,
        outage_since_seconds: 0,
        rate_limits: 0,
        app_ticket_missed_at_seconds: -1,
        congestion: 0,
      },
    },
  };
}

export const context = { getRemainingTimeInMillis: () => 45_000 };
