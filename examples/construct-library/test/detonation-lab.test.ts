import type { App } from 'cdktf';
import { SandboxStack } from 'sandform';
import { synthesize } from 'sandform/testing/jest';
import { DetonationLab, type DetonationLabProps } from '../detonation-lab';

const lab = (props?: DetonationLabProps) =>
  synthesize((app: App) => {
    new DetonationLab(new SandboxStack(app, 'malware', { app: 'example', uri: 'qemu:///system', provider: '0.8' }), 'lab', props);
  })['malware'];

test('the victim reaches its internet and nothing else, and is off until a run', () => {
  expect(lab()).toHaveSandbox('lab-victim', { conduct: { power: 'managed', egress: { admit: [], dns: true } } });
  expect(lab()).toHaveSandbox('lab-internet', { conduct: { power: 'on' } });
});

test('more pictures are a change in place', () => {
  expect(lab({ pictureEvery: '1s' })).toUpdateInPlace(lab());
});

test('the plan stays what it is', () => {
  expect(lab()).toMatchSnapshot();
});
