/**
 * Writes what the package's entry points offer to docs/api/*.api.md, a line for each thing that users can build on. `--check` fails where a
 * report differs: a change of the interface is announced by committing its report with it.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { PROJECT } from './setup/places.mjs';

const isCheck = process.argv.includes('--check');
const { exports: entries } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
const reportFolder = join(PROJECT, 'docs/api');
mkdirSync(reportFolder, { recursive: true });

// The adapter for Vitest is written by hand, as its types are: they are read as they stand.
const reports = Object.entries(entries)
  .filter(([, { types }]) => types?.startsWith('./dist/'))
  .map(([entry, { types }]) => ({ entry, name: ['sandform', ...entry.split('/').slice(1)].join('-'), types: join(PROJECT, types) }))
  .map((report) => ({ ...report, config: configuration(report) }));
const [first, ...others] = reports;
const compilerState = CompilerState.create(first.config, { additionalEntryPoints: others.map(({ types }) => types) });

for (const { entry, name, config } of reports) {
  const { succeeded, apiReportChanged } = Extractor.invoke(config, {
    localBuild: !isCheck,
    compilerState,
    messageCallback: (message) => {
      message.handled = message.logLevel !== 'error';
      if (message.logLevel === 'error') console.error(`${entry}: ${message.text}`);
    },
  });
  if (isCheck && apiReportChanged) {
    console.error(`${entry} offers something else than docs/api/${name}.api.md says: run \`npm run docs\`, look at what changed, and say so in CHANGELOG.md.`);
    process.exitCode = 1;
  } else if (!succeeded && !apiReportChanged) process.exitCode = 1;
}

/** @param {{ name: string, types: string }} report */
function configuration({ name, types }) {
  if (!existsSync(types)) throw new Error(`${types}: not built`);
  return ExtractorConfig.prepare({
    configObjectFullPath: join(PROJECT, 'api-extractor.json'),
    packageJsonFullPath: join(PROJECT, 'package.json'),
    configObject: {
      projectFolder: PROJECT,
      mainEntryPointFilePath: types,
      compiler: { tsconfigFilePath: join(PROJECT, 'tsconfig.build.json') },
      apiReport: { enabled: true, reportFileName: `${name}.api.md`, reportFolder, reportTempFolder: join(PROJECT, '.sandform/api') },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });
}
