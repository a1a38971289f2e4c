import { queryConfig } from '../../functions/config.ts';
import { logEntry, type Observation } from '../../functions/observation.ts';
import { ConfigError, readSettings } from '../../functions/settings.ts';
import { demoApp, startFeishuSimulator } from './feishu-simulator.ts';
import { startLocalWorkflow } from './local-workflow.ts';
import { scriptOfTicket } from './ticket-scripts.ts';

async function start() {
  const port = readSettings(process.env, (settings) =>
    settings.wholeNumber('PORT', 0, 65_535, 3000),
  );
  const config = queryConfig();
  // whatever has been started is closed again if the rest cannot be
  await using starting = new AsyncDisposableStack();
  const simulator =
    config.app || config.profilesFile
      ? undefined
      : starting.use(await startFeishuSimulator({ scriptFor: scriptOfTicket }));
  const feishu = simulator ? { ...config, baseUrl: simulator.url, app: demoApp } : config;
  const observe = (query: Observation) => console.info(JSON.stringify(logEntry(query)));
  const workflow = starting.use(await startLocalWorkflow({ feishu, port, observe }));

  const started = starting.move();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => started.disposeAsync());
  }

  console.log(`${
    simulator
      ? `Asking a simulated Feishu at ${simulator.url}, and no other (FEISHU_BASE_URL does not count),
since neither FEISHU_APP_ID and FEISHU_APP_SECRET are set, nor FEISHU_PROFILES_FILE.
Any ticket is imported in some seconds; one that ends in -status-100, -notice-2000, -code-1069902
or -never meets with just that.`
      : `Asking Feishu at ${feishu.baseUrl} ${config.app ? `as the app ${config.app.appId}` : 'with the profiles of FEISHU_PROFILES_FILE'}.`
  }
Executions are kept in memory only: they end with this process (Ctrl-C).

The API listens on ${workflow.url}

  curl -i ${workflow.url}/imports -H 'content-type: application/json' -d '{"ticket":"7369583175086912356"}'
  curl -i ${workflow.url}/imports/default_7369583175086912356_1
`);
}

try {
  await start();
} catch (error) {
  if (error instanceof ConfigError) {
    console.error(error.message);
  } else if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    console.error(`${error.message}. Set PORT to a port that is free, or to 0 for any.`);
  } else {
    throw error;
  }
  process.exitCode = 1;
}
