/** A refusal of the service. `name` is what AWS calls it, as on the SDK's errors. */
export class ServiceFault extends Error {
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** Instead of an answer, the connection ends. */
export class HangUp extends Error {
  override readonly name = 'HangUp';
}
