// Settings are read without a schema: it is all that a start of the query function would load one for.

/** A setting that cannot be understood. The message names each, and shows no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type Environment = Record<string, string | undefined>;

export type Settings = {
  /** Undefined where it is not set, or set to nothing. */
  text(name: string): string | undefined;
  /** Undefined where it is not set; else what `read` makes of it, and `fault` where that is undefined. */
  optional<Value>(
    name: string,
    read: (text: string) => Value | undefined,
    fault: string,
  ): Value | undefined;
  /** One that must be set. */
  required(name: string): string;
  oneOf<Value extends string>(
    name: string,
    values: readonly [Value, Value, ...Value[]],
    preset?: Value,
  ): Value;
  /** From `smallest` to `largest`, both allowed. */
  wholeNumber(name: string, smallest: number, largest: number, preset: number): number;
  fault(message: string): void;
};

/** Throws a ConfigError with a line for each fault that `read` meets with, in its order. */
export function readSettings<Config>(
  environment: Environment,
  read: (settings: Settings) => Config,
): Config {
  const faults: string[] = [];
  const config = read(settingsOf(environment, (message) => void faults.push(message)));
  if (faults.length > 0) throw new ConfigError(faults.join('\n'));
  return config;
}

/** What is faulty reads as anything: nobody gets to see it. */
function settingsOf(environment: Environment, fault: (message: string) => void): Settings {
  const text = (name: string) => environment[name] || undefined;

  function optional<Value>(
    name: string,
    read: (text: string) => Value | undefined,
    message: string,
  ): Value | undefined {
    const given = text(name);
    const value = given === undefined ? undefined : read(given);
    if (given !== undefined && value === undefined) fault(message);
    return value;
  }

  return {
    text,
    optional,
    required(name) {
      const given = text(name);
      if (given === undefined) fault(`${name} is not set`);
      return given ?? '';
    },
    oneOf(name, values, preset) {
      const value = text(name) ?? preset;
      const known = values.find((one) => one === value);
      if (known === undefined) fault(`${name} must be ${listed(values)}`);
      return known ?? values[0];
    },
    wholeNumber(name, smallest, largest, preset) {
      const rule = wholeNumberRule(name, smallest, largest);
      return optional(name, rule.read, rule.fault(text(name))) ?? preset;
    },
    fault,
  };
}

/** How a setting that is a whole number between two others, both allowed, is read, and what is said of one that is none. */
export function wholeNumberRule(name: string, smallest: number, largest: number) {
  return {
    read: (text: string) =>
      /^\d{1,9}$/.test(text) && +text >= smallest && +text <= largest ? +text : undefined,
    fault: (given: unknown) =>
      `${name} must be a whole number from ${smallest} to ${largest}, not ${JSON.stringify(given)}`,
  };
}

/** `a, b or c` */
function listed(values: readonly string[]): string {
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
