import { Construct } from 'constructs';
import { type DurationText, Guest, Sandbox, SandboxNetwork } from 'sandform';
import { Screenshots, Timers } from 'sandform/hooks';

export interface DetonationLabProps {
  /** What the sample runs in. @default Guest.micro() */
  readonly guest?: Guest;
  /** Between two pictures of its screen. @default '5s' */
  readonly pictureEvery?: DurationText;
  /** How long a sample may take. @default '5m' */
  readonly patience?: DurationText;
}

/**
 * A sandbox that a sample is set off in, beside one that plays the internet to it: a construct that teams share as a package, and
 * whose users say what differs.
 */
export class DetonationLab extends Construct {
  readonly victim: Sandbox;
  readonly internet: Sandbox;

  constructor(scope: Construct, id: string, { guest = Guest.micro(), pictureEvery = '5s', patience = '5m' }: DetonationLabProps = {}) {
    super(scope, id);
    const net = new SandboxNetwork(this, 'net');
    this.internet = new Sandbox(this, 'internet', { guest: Guest.micro(), networks: [net] });
    this.victim = new Sandbox(this, 'victim', { guest, networks: [net], power: 'managed', egress: [{ to: this.internet }] });
    this.victim.addHook(new Screenshots({ every: pictureEvery }));
    this.victim.addHook(new Timers({ timers: { patience_over: patience } }));
  }
}
