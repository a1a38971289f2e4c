/** A query event of the state machine, for an import that Feishu is still at. */
export function pendingEvent() {
  return {
    execution_id:
      'arn:aws:states:eu-central-1:000000000000:execution:import:default_7369583175086912356_1',
    started_at: new Date().toISOString(),
    input: { ticket: '7369583175086912356', timeout_seconds: 3600 },
    state: {},
  };
}

export const context = { getRemainingTimeInMillis: () => 45_000 };
