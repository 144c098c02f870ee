import { createRequire } from 'node:module';
import type { IConstruct } from 'constructs';
import { SandformError } from '../lib';

/** The package that `cdktf` leads to from here: CDKTF itself, or its successor where a project has that under this name. */
interface CdkPackage {
  readonly name: string;
  readonly version: string;
}

/** @throws SandformError `CDK_MISSING` */
export function requireCdk(): CdkPackage {
  try {
    return createRequire(__filename)('cdktf/package.json') as CdkPackage;
  } catch (cause) {
    throw new SandformError('CDK_MISSING', { doing: 'loading the constructs of Sandform', given: "no package 'cdktf'", cause });
  }
}

/**
 * Looks whether an app is of the very CDK that Sandform's constructs are made with: its synth would fail in the midst of another's elements.
 * @throws SandformError `CDK_MIX`
 */
export function refuseOtherCdk(scope: IConstruct): void {
  const { name, version } = requireCdk();
  const ofApp: unknown = scope.node.root.node.tryGetContext('cdktfVersion');
  if (typeof ofApp !== 'string' || minorOf(ofApp) === minorOf(version)) return;
  throw new SandformError('CDK_MIX', { doing: `${scope.node.path || 'app'}: creating a SandboxStack`, given: `an app of version ${ofApp}, and ${name} ${version}` });
}

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
