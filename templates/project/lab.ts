import type { Construct } from 'constructs';
import { Guest, Sandbox, SandboxStack } from 'sandform';
import { Screenshots, WaitForGuest } from 'sandform/hooks';

/** One sandbox without any network. What it may do beyond that is said here, and tested in test/lab.test.ts. */
export function declareLab(scope: Construct): SandboxStack {
  const lab = new SandboxStack(scope, '{{stack}}', { ttl: '1h' });
  const victim = new Sandbox(lab, 'victim', { guest: Guest.micro(), labels: { purpose: 'first steps' } });
  victim.addHook(new WaitForGuest());
  victim.addHook(new Screenshots({ on: ['guest_ready'] }));
  return lab;
}
