// The first thing every npm script runs. It must parse on any Node since 14.
const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  console.error(
    `This project runs on Node 24 or later; this is Node ${process.versions.node}.\n` +
      'On Linux (x64, arm64) "npm ci" brings Node 24 along for the npm scripts: run it again, ' +
      'without --omit=optional.\nElsewhere install Node 24 (see .node-version).',
  );
  process.exit(1);
}
