import { Aspects, type App } from 'cdktf';
import { Guest, Sandbox, SandboxNetwork, SandboxStack } from '../../../index';
import { type SynthesizedStack, planMatchers, planSerializer, portablePlan, synthesize } from '../../../testing';
import { workbench } from '../synthesized';

workbench();

const lab = ({ memory = '128MiB', color = 'red', more = false, address = '10.20.0.0/24' }: { memory?: `${number}MiB`; color?: string; more?: boolean; address?: string } = {}): SynthesizedStack =>
  synthesize((app: App) => {
    const stack = new SandboxStack(app, 'lab', { app: 'tests' });
    const networks = [new SandboxNetwork(stack, 'net', { subnet: address })];
    new Sandbox(stack, 'one', { guest: Guest.micro(), memory, networks, labels: { color } });
    new Sandbox(stack, 'two', { guest: Guest.micro() });
    if (more) new Sandbox(stack, 'three', { guest: Guest.micro() });
    Aspects.of(stack);
  })['lab']!;

const verdict = ({ pass, message }: { pass: boolean; message: () => string }) => ({ pass, message: message() });

describe('matchers for plans', () => {
  const { toHaveSandbox, toHaveNetwork, toReplace, toUpdateInPlace } = planMatchers;

  it('find sandboxes and networks by name and parts', () => {
    expect(verdict(toHaveSandbox(lab(), 'one', { domain: { memory: 128 * 2 ** 20 }, conduct: { labels: { color: 'red' } } })).pass).toBe(true);
    expect(verdict(toHaveNetwork(lab(), 'net', { subnet: '10.20.0.0/24' })).pass).toBe(true);
  });

  it('tell what differs', () => {
    expect(verdict(toHaveSandbox(lab(), 'nine'))).toEqual({ pass: false, message: "stack 'lab' has no sandbox 'nine', only: one, two" });
    expect(verdict(toHaveSandbox(lab(), 'one', { domain: { vcpus: 2, disks: [] } }))).toEqual({ pass: false, message: expect.stringMatching(/domain\.vcpus: 1, expected 2\n {2}domain\.disks: .*expected 0 of them/) });
    expect(() => toHaveNetwork({}, 'net')).toThrow('expected a stack of synthesize(), got object');
    expect(() => toUpdateInPlace(lab(), undefined)).toThrow('expected a stack of synthesize(), got undefined');
  });

  it('tell what a deploy over another stack would replace', () => {
    expect(verdict(toReplace(lab({ memory: '160MiB', more: true }), lab(), ['one'])).pass).toBe(true);
    expect(verdict(toReplace(lab({ address: '10.20.1.0/24' }), lab(), ['net', 'one'])).pass).toBe(true);
    expect(verdict(toUpdateInPlace(lab({ color: 'blue' }), lab())).pass).toBe(true);
    expect(verdict(toUpdateInPlace(lab({ memory: '160MiB' }), lab()))).toEqual({ pass: false, message: "deploying stack 'lab' would replace: one\nexpected: none" });
  });
});

describe('a stack in a snapshot', () => {
  it('is the same on every machine', () => {
    const here = planSerializer.serialize(lab());
    expect(planSerializer.test(lab())).toBe(true);
    expect(here).not.toContain(process.cwd());
    expect(here).not.toMatch(/TfToken|tfstate|"\/\/"/);
    expect(JSON.stringify(portablePlan({ plan: { b: `${process.cwd()}/x`, a: [process.cwd()] } }))).toBe('{"a":["."],"b":"./x"}');
    const image = (virtualSize: number) => ({ image: { virtualSize }, text: JSON.stringify({ virtualSize }), xml: `{&quot;virtualSize&quot;:${virtualSize}}`, size: 5 });
    expect(portablePlan({ plan: { a: image(1234) } })).toEqual(portablePlan({ plan: { a: image(56) } }));
    expect(portablePlan({ plan: { a: image(1234) } })).toMatchObject({ a: { image: { virtualSize: '<size>' }, size: 5 } });
    const elsewhere = process.cwd();
    try {
      process.chdir('/');
      expect(planSerializer.serialize(lab())).toBe(here);
    } finally {
      process.chdir(elsewhere);
    }
  });

  it('is the same whatever the environment says of the machine', () => {
    const here = planSerializer.serialize(lab());
    Object.assign(process.env, { SANDFORM_ACCELERATOR: 'tcg', SANDFORM_PROVIDER: '0.9', LIBVIRT_DEFAULT_URI: 'qemu:///system?socket=/run/other' });
    expect(planSerializer.serialize(lab())).toBe(here);
    expect(process.env['SANDFORM_ACCELERATOR']).toBe('tcg');
    expect(synthesize((app) => new SandboxStack(app, 'lab'), { context: { 'sandform:provider': '0.8' } })['lab']!.plan['terraform'].required_providers.libvirt.version).toBe('0.8.3');
  });
});
