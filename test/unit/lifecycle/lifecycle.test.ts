import { EventBus } from '../../../hooks-runtime/events';
import { Lifecycle } from '../../../hooks-runtime/lifecycle';
import { type Domain, LibvirtConnection } from '../../../hooks-runtime/libvirt';

const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error);

/** A domain of libvirt's in-process driver, off, and all that is fired about it. */
async function machine() {
  const connection = await LibvirtConnection.open('test:///default');
  const domain = await connection.domains.define("<domain type='test'><name>machine</name><memory>1024</memory><os><type>hvm</type></os></domain>");
  const events = new EventBus();
  const fired: string[] = [];
  events.onAny(({ name, data }) => fired.push('expected' in data ? `${name} ${data['expected'] === true ? 'expected' : 'unexpected'}` : name));
  const power = new Lifecycle(connection, domain, events);
  return {
    connection,
    domain,
    events,
    fired,
    power,
    async [Symbol.asyncDispose]() {
      power[Symbol.dispose]();
      await removed(domain);
      await connection.close();
    },
  };
}

describe('a transition', () => {
  it('fires its pre event, what libvirt tells, and its post event', async () => {
    await using it = await machine();

    await it.power.poweron();
    await it.power.pause();
    await it.power.resume();
    await it.power.poweroff();
    await it.events.drain();

    expect(it.fired).toEqual([
      ...['pre_poweron', 'domain_started', 'post_poweron'],
      ...['pre_pause', 'domain_suspended', 'post_pause'],
      ...['pre_resume', 'domain_resumed', 'post_resume'],
      ...['pre_poweroff', 'domain_stopped expected', 'post_poweroff'],
    ]);
  });

  it('that is illegal is refused without an event', async () => {
    await using it = await machine();

    expect(await rejection(it.power.pause())).toMatchObject({ code: 'STATE_TRANSITION_ILLEGAL', details: { state: 'shutoff', transition: 'pause', legal: expect.arrayContaining(['poweron']) } });
    expect(it.fired).toEqual([]);
  });

  it('shutdown succeeds though the guest was off before libvirt had asked to the end', async () => {
    await using it = await machine();
    await it.power.poweron();
    const ask = it.domain.shutdown.bind(it.domain);
    it.domain.shutdown = async () => {
      await ask();
      await ask();
    };

    await it.power.shutdown({ timeout: '5s' });
    await it.events.drain();

    expect(it.fired.slice(-3)).toEqual(['pre_shutdown', 'domain_stopped expected', 'post_shutdown']);
  });

  it('may power off a paused domain', async () => {
    await using it = await machine();
    await it.power.poweron();
    await it.power.pause();

    await it.power.poweroff();

    expect(await it.power.state()).toBe('shutoff');
  });

  it('that libvirt fails has no post event', async () => {
    await using it = await machine();
    it.events.on('pre_poweron', () => it.domain.undefine());

    expect(await rejection(it.power.poweron())).toMatchObject({ code: 'LIBVIRT_NOT_FOUND' });
    expect(it.fired).toEqual(['pre_poweron']);
  });

  it('may be made by handlers of another one, which is then checked again', async () => {
    await using it = await machine();
    await it.power.poweron();
    it.events.on('pre_poweroff', async () => {
      await it.power.pause();
      await it.power.resume();
    });
    it.events.on('pre_pause', () => undefined);

    await it.power.poweroff();
    expect(it.fired.filter((name) => name.startsWith('p'))).toEqual(['pre_poweron', 'post_poweron', 'pre_poweroff', 'pre_pause', 'post_pause', 'pre_resume', 'post_resume', 'post_poweroff']);

    await it.power.poweron();
    it.events.once('pre_pause', () => it.domain.destroy());
    expect(await rejection(it.power.pause())).toMatchObject({ code: 'STATE_TRANSITION_ILLEGAL', details: { state: 'shutoff' } });
  });

  it('waits for the one before it: of many at once each is legal or refused, never half done', async () => {
    await using it = await machine();
    await it.power.poweron();

    const results = await Promise.allSettled([it.power.pause(), it.power.pause(), it.power.pause(), it.power.poweroff(), it.power.poweroff()]);
    await it.events.drain();

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled', 'rejected']);
    expect(it.fired.filter((name) => name === 'post_pause')).toHaveLength(1);
    expect(it.fired.filter((name) => name === 'post_poweroff')).toHaveLength(1);
    expect(await it.power.state()).toBe('shutoff');
  });

  it('saves and restores, and restores nothing where nothing was saved', async () => {
    await using it = await machine();
    expect(await rejection(it.power.restore())).toMatchObject({ code: 'STATE_TRANSITION_ILLEGAL', given: expect.stringContaining('without a saved state') });
    await it.power.poweron();

    await it.power.save();
    expect([await it.power.state(), await it.power.hasSavedState()]).toEqual(['shutoff', true]);
    await it.power.restore();

    expect([await it.power.state(), await it.power.hasSavedState()]).toEqual(['running', false]);
  });

  it('with a signal that is aborted does nothing', async () => {
    await using it = await machine();
    const reason = new Error('enough');

    expect(await rejection(it.power.poweron({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(it.fired).toEqual([]);
  });

  it('refuses a timeout that is none', async () => {
    await using it = await machine();
    await it.power.poweron();

    expect(await rejection(it.power.shutdown({ timeout: 'soon' as '1s' }))).toMatchObject({ code: 'DURATION_INVALID' });
  });
});

describe('what others do', () => {
  it('is told: an operator who stops the domain is not expected', async () => {
    await using it = await machine();
    await it.power.poweron();
    const stopped = new Promise((resolve) => it.events.once('domain_stopped', (event) => resolve(event.data)));

    await it.domain.destroy();

    expect(await stopped).toEqual({ reason: 'destroyed', expected: false });
  });

  it('is not told any more once the lifecycle was disposed of', async () => {
    await using it = await machine();
    it.power[Symbol.dispose]();

    await it.domain.create();
    await it.domain.destroy();
    await it.connection.close();

    expect(it.fired).toEqual([]);
  });
});

async function removed(domain: Domain): Promise<void> {
  const state = await domain.info().catch(() => undefined);
  if (state?.active) await domain.destroy();
  if (state) await domain.undefine();
}
