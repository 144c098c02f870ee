import { type DomainEvent, LibvirtConnection } from '../../../hooks-runtime/libvirt';

// libvirt's own in-process driver, one domain by the name 'test' in it: the client library is real, no daemon is needed.
const URI = 'test:///default';

const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error);

describe('a connection', () => {
  it('tells about its host', async () => {
    await using connection = await LibvirtConnection.open(URI);

    expect(await connection.host.type()).toBe('TEST');
    expect(await connection.host.uri()).toBe(URI);
    expect(await connection.isAlive()).toBe(true);
    expect(await connection.host.versions()).toEqual({ client: expect.stringMatching(/^\d+\.\d+\.\d+$/), libvirt: expect.any(String), hypervisor: expect.any(String) });
    expect((await connection.host.nodeInfo()).cpus).toBeGreaterThan(0);
    expect(await connection.host.capabilities()).toContain('<capabilities>');
  });

  it("gives each of many failing calls its own error, not another thread's", async () => {
    await using connection = await LibvirtConnection.open(URI);
    const calls = Array.from({ length: 200 }, (_, index) => {
      if (index % 4 === 0) return connection.domains.get(`nobody-${index}`);
      if (index % 4 === 1) return connection.networks.get(`nobody-${index}`);
      if (index % 4 === 2) return connection.pools.get(`nobody-${index}`);
      return connection.domains.define(`<domain><nothing-${index}`);
    });

    const errors = await Promise.all(calls.map(rejection));

    const names = ['NO_DOMAIN', 'NO_NETWORK', 'NO_STORAGE_POOL', 'XML_ERROR'];
    errors.forEach((error, index) => expect(error).toMatchObject({ details: { libvirt: { name: index % 4 === 3 ? expect.any(String) : names[index % 4] } } }));
    errors.forEach((error, index) => {
      if (index % 4 === 3) expect(error).toMatchObject({ given: expect.stringContaining(`nothing-${index}`) });
      else expect(error).toMatchObject({ code: 'LIBVIRT_NOT_FOUND', doing: expect.stringContaining(`nobody-${index}'`) });
    });
  });

  it('finds nothing where get would fail', async () => {
    await using connection = await LibvirtConnection.open(URI);

    expect(await connection.domains.find('nobody')).toBeUndefined();
    expect(await connection.networks.find('nobody')).toBeUndefined();
    expect(await connection.pools.find('nobody')).toBeUndefined();
  });

  it('tells what happens to domains, in order', async () => {
    await using connection = await LibvirtConnection.open(URI);
    const events: DomainEvent[] = [];
    using _subscription = connection.onDomainEvent((event) => events.push(event));
    const domain = await connection.domains.get('test');

    await domain.suspend();
    await domain.resume();
    await domain.destroy();
    await domain.create();

    await until(() => events.length >= 4);
    expect(events.map((event) => event.kind === 'lifecycle' && `${event.event} ${event.detail}`)).toEqual(['suspended paused', 'resumed unpaused', 'stopped destroyed', 'started booted']);
    expect(events[0]).toMatchObject({ name: 'test', uuid: domain.uuid });
  });

  it('tells nothing once a subscription was disposed of, and only of the domain that it is for', async () => {
    await using connection = await LibvirtConnection.open(URI);
    const domain = await connection.domains.get('test');
    const [other, gone, all]: string[][] = [[], [], []];
    using _other = connection.onDomainEvent((event) => other!.push(event.kind), { uuid: '00000000-0000-4000-8000-000000000000' });
    connection.onDomainEvent((event) => gone!.push(event.kind))[Symbol.dispose]();
    using _all = connection.onDomainEvent((event) => all!.push(event.kind));

    await domain.suspend();
    await domain.resume();

    await until(() => all!.length === 2);
    expect([other, gone]).toEqual([[], []]);
  });

  it('keeps metadata of any text, and forgets it', async () => {
    await using connection = await LibvirtConnection.open(URI);
    const domain = await connection.domains.get('test');
    const key = { uri: 'urn:sandform:test', prefix: 'sandform' };

    await domain.setMetadata(key, '<note>${x} %{y} &lt;b&gt; "quoted" é 😀</note>');
    expect(await domain.metadata(key.uri)).toContain('${x} %{y} &lt;b&gt; "quoted" é 😀');

    await domain.setMetadata(key, undefined);
    expect(await domain.metadata(key.uri)).toBeUndefined();
  });

  it('takes a picture of the screen', async () => {
    await using connection = await LibvirtConnection.open(URI);

    const { mimeType, data } = await (await connection.domains.get('test')).screenshot();

    expect(mimeType).toBe('image/png');
    expect(data.subarray(1, 4).toString()).toBe('PNG');
  });

  it('defines, lists and undefines', async () => {
    await using connection = await LibvirtConnection.open(URI);
    const domain = await connection.domains.define("<domain type='test'><name>second</name><memory>1024</memory><os><type>hvm</type></os></domain>");

    expect((await connection.domains.list('inactive')).map(({ name }) => name)).toEqual(['second']);
    expect(await domain.info()).toMatchObject({ state: 'shutoff', active: false, persistent: true, id: undefined, maxMemoryKiB: 1024, vcpus: 1 });
    await domain.undefine();

    expect(await rejection(domain.state())).toMatchObject({ code: 'LIBVIRT_NOT_FOUND' });
  });

  it('refuses changes where it is read-only', async () => {
    await using connection = await LibvirtConnection.open(URI, { readOnly: true });
    const domain = await connection.domains.get('test');

    expect(await rejection(domain.suspend())).toMatchObject({ code: 'LIBVIRT_FAILED', details: { libvirt: { name: 'OPERATION_DENIED' } } });
  });
});

describe('closing', () => {
  it('ends what waits, refuses what comes later, and may be repeated', async () => {
    const connection = await LibvirtConnection.open(URI);
    const domain = await connection.domains.get('test');
    const waiting = rejection(domain.xml());

    await Promise.all([connection.close(), connection.close()]);
    await connection.close();

    expect(await waiting).toMatchObject({ code: 'LIBVIRT_LOST' });
    expect(await rejection(domain.xml())).toMatchObject({ code: 'LIBVIRT_LOST' });
    expect(await connection.isAlive()).toBe(false);
    expect(connection.ended.aborted).toBe(true);
    expect(connection.lost).toBe(false);
  });

  it('leaves other connections alone, and the next one works', async () => {
    const first = await LibvirtConnection.open(URI);
    const second = await LibvirtConnection.open(URI);
    await first.close();

    const heard = new Promise((resolve) => second.onDomainEvent(resolve));
    const domain = await second.domains.get('test');
    await domain.suspend();
    expect(await heard).toMatchObject({ event: 'suspended' });
    await domain.resume();
    await second.close();

    await using third = await LibvirtConnection.open(URI);
    expect(await third.isAlive()).toBe(true);
  });
});

describe('connecting', () => {
  it('to nobody ends with LIBVIRT_UNREACHABLE', async () => {
    expect(await rejection(LibvirtConnection.open('qemu:///system?socket=/nonexistent/socket'))).toMatchObject({ code: 'LIBVIRT_UNREACHABLE', given: expect.stringContaining('/nonexistent/socket') });
    expect(await rejection(LibvirtConnection.open('no uri at all'))).toMatchObject({ code: 'LIBVIRT_UNREACHABLE' });
  });

  it('ends with the reason of a signal that is aborted already', async () => {
    const reason = new Error('enough');
    expect(await rejection(LibvirtConnection.open(URI, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > 5_000) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
