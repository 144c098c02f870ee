import { App, LocalBackend, TerraformVariable } from 'cdktf';
import { Guest, Sandbox, SandboxNetwork, SandboxStack, type SandboxStackProps } from '../../index';
import { type Plan, companionCall, portable, resources, workbench } from './synthesized';

const bench = workbench();

const lab = (props: SandboxStackProps = {}, options?: { context?: Record<string, unknown> }) =>
  bench.synth((app) => new Sandbox(new SandboxStack(app, 'lab', props), 'victim', { guest: Guest.micro() }), options)['lab']!;

describe('a stack', () => {
  it('without anything is synthesized as it was', () => {
    expect(portable(bench.synth((app) => new SandboxStack(app, 'empty', { app: 'tests' }))['empty']!)).toMatchSnapshot();
  });

  it('names no path of this machine', () => {
    const text = JSON.stringify(portable(lab()));
    expect(text).not.toContain(bench.folder);
    expect(text).not.toContain(process.cwd());
  });

  it('keeps its state in the working directory, seen from where Terraform runs', () => {
    const stack = new SandboxStack(new App({ outdir: 'cdktf.out' }), 'lab');
    stack.prepareStack();
    expect((stack.toTerraform() as Plan)['terraform'].backend).toEqual({ local: { path: '../../../terraform.lab.tfstate' } });
  });

  it('leaves a backend that the user added', () => {
    const plan = bench.synth((app) => new LocalBackend(new SandboxStack(app, 'lab'), { path: 'elsewhere.tfstate' }))['lab']!;
    expect(plan['terraform'].backend).toEqual({ local: { path: 'elsewhere.tfstate' } });
  });

  it('pins the provider', () => {
    expect(lab()['terraform'].required_providers).toEqual({ libvirt: { source: 'dmacvicar/libvirt', version: '0.8.3' } });
  });

  it('is one of several in an app, each with its own sandboxes', () => {
    const plans = bench.synth((app) => {
      for (const name of ['one', 'two']) {
        const stack = new SandboxStack(app, name);
        const net = new SandboxNetwork(stack, 'net');
        for (const id of ['a', 'b']) new Sandbox(stack, id, { guest: Guest.micro(), networks: [net] });
      }
    });
    for (const name of ['one', 'two']) {
      expect(Object.values(resources(plans[name]!, 'libvirt_domain')).map((domain) => domain['name'] as string)).toEqual([`${name}-a`, `${name}-b`]);
      expect(Object.keys(resources(plans[name]!, 'terraform_data')['companion/after']!['for_each']).sort()).toEqual(['conduct/0', 'release/a', 'release/b']);
    }
  });
});

describe('the libvirt that a stack is deployed to', () => {
  const uris = (plan: Plan): unknown[] => [plan['provider'].libvirt[0].uri, companionCall(plan, 'before', 'host/0')[0]!['uri']];

  it('is the system’s where nothing else is said', () => {
    expect(uris(lab())).toEqual(['qemu:///system', 'qemu:///system']);
  });

  it('is left to LIBVIRT_DEFAULT_URI where that is set', () => {
    process.env['LIBVIRT_DEFAULT_URI'] = 'qemu+ssh://host/system';
    expect(uris(lab())).toEqual([undefined, null]);
  });

  it('is the stack’s own, for the provider and the companion alike', () => {
    process.env['LIBVIRT_DEFAULT_URI'] = 'qemu+ssh://host/system';
    expect(uris(lab({ uri: 'qemu:///system?socket=/run/x' }))).toEqual(['qemu:///system?socket=/run/x', 'qemu:///system?socket=/run/x']);
  });

  it('and everything else that is text may be a token', () => {
    class Deployed extends SandboxStack {
      constructor(app: App) {
        super(app, 'lab', { uri: '${TfToken[made-up]}' });
        new Sandbox(this, 'victim', { guest: Guest.micro(), owner: new TerraformVariable(this, 'owner', { type: 'string' }).stringValue });
      }
    }
    const plan = bench.synth((app) => new Deployed(app))['lab']!;
    expect(companionCall(plan, 'after', 'conduct/0')[0]!['conduct'].owner).toBe('${var.owner}');
    // Text that only looks like a token stays text.
    expect(plan['provider'].libvirt[0].uri).toBe('${"$"}{TfToken[made-up]}');
  });
});

describe('the name of an app', () => {
  it('is the stack’s own, else the context’s, else the project’s', () => {
    const name = (plan: Plan) => companionCall(plan, 'before', 'host/0').find(({ action }) => action === 'domain')!['owner'].app as string;
    expect(name(lab({ app: 'mine' }, { context: { 'sandform:app': 'theirs' } }))).toBe('mine');
    expect(name(lab({}, { context: { 'sandform:app': 'theirs' } }))).toBe('theirs');
    expect(name(lab())).toBe('sandform');
  });
});

describe('a token in text', () => {
  it('stays one, whatever stands before it', () => {
    class Tokens extends SandboxStack {
      constructor(app: App) {
        super(app, 'lab');
        const owner = new TerraformVariable(this, 'owner', { type: 'string' }).stringValue;
        new Sandbox(this, 'victim', { guest: Guest.micro(), labels: { price: `$${owner}`, mixed: `\${a}%${owner}\${b}` } });
      }
    }
    const { labels } = companionCall(bench.synth((app) => new Tokens(app))['lab']!, 'after', 'conduct/0')[0]!['conduct'] as Plan;
    expect(labels).toEqual({ price: '${"$"}${var.owner}', mixed: '${"$"}{a}${"%"}${var.owner}${"$"}{b}' });
  });
});
