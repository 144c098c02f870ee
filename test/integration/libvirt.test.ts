import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Domain, type DomainEvent, LibvirtConnection, type StoragePool } from '../../hooks-runtime/libvirt';
import { testHost } from './host';

const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error);
const uniqueName = () => `lv-${randomBytes(4).toString('hex')}`;

/** No disk, no system: the firmware finds nothing to boot. */
const idleDomain = (name: string) =>
  `<domain type='qemu'><name>${name}</name><memory unit='MiB'>32</memory><os><type arch='x86_64' machine='pc'>hvm</type></os>
   <devices><video><model type='vga'/></video><serial type='pty'/></devices></domain>`;

async function connected() {
  return LibvirtConnection.open((await testHost()).uri);
}

describe('a domain on QEMU', () => {
  it('goes through its whole life', async () => {
    await using connection = await connected();
    const domain = await connection.domains.define(idleDomain(uniqueName()));
    await using _removed = removed(domain);
    const events: string[] = [];
    using _subscription = connection.onDomainEvent((event) => events.push(named(event)), { uuid: domain.uuid });

    await domain.create();
    expect(await domain.info()).toMatchObject({ state: 'running', reason: 'booted', active: true, persistent: true, vcpus: 1, maxMemoryKiB: 32 * 1024 });
    await domain.suspend();
    expect(await domain.state()).toEqual({ state: 'paused', reason: 'user' });
    await domain.resume();
    await domain.managedSave();
    expect([await domain.state(), await domain.hasManagedSave()]).toEqual([{ state: 'shutoff', reason: 'saved' }, true]);
    await domain.create();
    await domain.reset();
    await domain.destroy();

    await until(() => events.includes('stopped destroyed'));
    expect(events).toEqual(expect.arrayContaining(['started booted', 'suspended paused', 'resumed unpaused', 'stopped saved', 'started restored', 'reboot', 'stopped destroyed']));
  });

  it('is undefined with its managed save and its snapshots', async () => {
    await using connection = await connected();
    await using pool = await scratchPool(connection);
    const { path } = await pool.it.createVolume("<volume><name>v.qcow2</name><capacity>1048576</capacity><target><format type='qcow2'/></target></volume>");
    const disk = `<disk type='file'><driver name='qemu' type='qcow2'/><source file='${path}'/><target dev='vda'/></disk>`;
    const domain = await connection.domains.define(idleDomain(uniqueName()).replace('<devices>', `<devices>${disk}`));
    await domain.snapshotCreate('<domainsnapshot><name>one</name></domainsnapshot>');
    expect(await domain.snapshots()).toEqual(['one']);
    await domain.create();
    await domain.managedSave();

    await domain.undefine();

    expect(await connection.domains.find(domain.name)).toBeUndefined();
  });

  it('is powered off where it is off by then, and not where it is unknown', async () => {
    await using connection = await connected();
    const domain = await connection.domains.define(idleDomain(uniqueName()));
    await domain.destroy();
    expect(await domain.info()).toMatchObject({ active: false, state: 'shutoff' });

    await domain.undefine();

    expect(await rejection(domain.destroy())).toMatchObject({ code: 'LIBVIRT_NOT_FOUND', doing: expect.stringContaining('powering off') });
  });

  it('that is transient is gone once it stops', async () => {
    await using connection = await connected();
    const domain = await connection.domains.createTransient(idleDomain(uniqueName()));

    expect(await domain.info()).toMatchObject({ persistent: false, active: true });
    await domain.destroy();

    expect(await rejection(domain.state())).toMatchObject({ code: 'LIBVIRT_NOT_FOUND' });
  });

  it('keeps metadata in the running machine and in its definition', async () => {
    await using connection = await connected();
    const domain = await connection.domains.define(idleDomain(uniqueName()));
    await using _removed = removed(domain);
    await domain.create();

    await domain.setMetadata({ uri: 'urn:sandform:test', prefix: 't' }, '<note>${x} é 😀</note>');

    expect(await domain.metadata('urn:sandform:test')).toContain('${x} é 😀');
    expect(await domain.xml({ inactive: true })).toContain('${x} é 😀');
  });

  it('shows its screen, while other calls go on', async () => {
    await using connection = await connected();
    const domain = await connection.domains.define(idleDomain(uniqueName()));
    await using _removed = removed(domain);
    await domain.create();

    const pictures = await Promise.all(Array.from({ length: 10 }, () => domain.screenshot()));

    for (const { mimeType, data } of pictures) {
      expect(mimeType).toMatch(/^image\//);
      expect(data.length).toBeGreaterThan(100);
    }
  });

  it('that libvirt refuses tells why', async () => {
    await using connection = await connected();
    const domain = await connection.domains.define(idleDomain(uniqueName()));
    await using _removed = removed(domain);

    expect(await rejection(domain.suspend())).toMatchObject({ code: 'LIBVIRT_FAILED', doing: `suspending domain '${domain.name}'`, details: { libvirt: { name: 'OPERATION_INVALID' } } });
    expect(await rejection(domain.qemuAgentCommand('{"execute":"guest-ping"}'))).toMatchObject({ details: { libvirt: { name: 'OPERATION_INVALID' } } });
    expect(await rejection(connection.domains.define('<domain/>'))).toMatchObject({ code: 'LIBVIRT_FAILED' });
    await domain.create();
    expect(await rejection(domain.qemuAgentCommand('{"execute":"guest-ping"}'))).toMatchObject({ details: { libvirt: { message: expect.stringMatching(/agent/i) } } });
  });
});

describe('a container', () => {
  it('is undefined although its driver knows none of the flags', async () => {
    await using connection = await LibvirtConnection.open((await testHost()).lxcUri);
    const domain = await connection.domains.define(`<domain type='lxc'><name>${uniqueName()}</name><memory unit='MiB'>32</memory><os><type>exe</type><init>/bin/true</init></os></domain>`);

    await domain.undefine();

    expect(await connection.domains.find(domain.name)).toBeUndefined();
  });
});

describe('networks and filters', () => {
  it('are defined, started, listed and removed', async () => {
    await using connection = await connected();
    const name = uniqueName();
    const network = await connection.networks.define(`<network><name>${name}</name><bridge name='${name.slice(0, 11)}'/><ip address='10.99.77.1' netmask='255.255.255.0'><dhcp><range start='10.99.77.2' end='10.99.77.9'/></dhcp></ip></network>`);
    try {
      expect(await network.info()).toEqual({ name, uuid: network.uuid, active: false, persistent: true, autostart: false });
      await network.create();
      await network.setAutostart(true);
      expect(await connection.networks.list()).toContainEqual({ name, uuid: network.uuid, active: true, persistent: true, autostart: true });
      expect(await network.bridgeName()).toBe(name.slice(0, 11));
      expect(await network.dhcpLeases()).toEqual([]);
      expect(await network.xml()).toContain('10.99.77.1');
      await network.destroy();
    } finally {
      await network.undefine();
    }
    expect(await connection.networks.find(name)).toBeUndefined();
  });

  it('filters are known by name', async () => {
    await using connection = await connected();
    const name = uniqueName();

    await connection.nwfilters.define(`<filter name='${name}'><rule action='drop' direction='inout'/></filter>`);

    expect(await connection.nwfilters.find(name)).toMatchObject({ name });
    expect((await connection.nwfilters.list()).map((filter) => filter.name)).toContain(name);
    expect(await connection.nwfilters.xml(name)).toContain("action='drop'");
    await connection.nwfilters.undefine(name);
    expect(await rejection(connection.nwfilters.undefine(name))).toMatchObject({ code: 'LIBVIRT_NOT_FOUND' });
  });
});

describe('storage', () => {
  it('pools are built, started, found by UUID and removed', async () => {
    await using connection = await connected();
    await using pool = await scratchPool(connection);

    expect(await pool.it.info()).toMatchObject({ active: true, persistent: true, autostart: false });
    expect((await connection.pools.getByUuid(pool.it.uuid)).name).toBe(pool.it.name);
    expect((await connection.pools.list()).map(({ uuid }) => uuid)).toContain(pool.it.uuid);
  });

  it('volumes take what is uploaded, and give it back', async () => {
    await using connection = await connected();
    await using pool = await scratchPool(connection);
    const data = Buffer.concat([randomBytes(3 * 1024 * 1024), Buffer.alloc(4 * 1024 * 1024), randomBytes(12_345)]);
    const volume = await pool.it.createVolume(`<volume><name>v.raw</name><capacity>${data.length}</capacity><allocation>0</allocation></volume>`);
    const progress: number[] = [];

    const sent = await volume.upload(Readable.from([data.subarray(0, 1_000_001), data.subarray(1_000_001)]), { sparse: true, onProgress: (bytes) => progress.push(bytes) });

    expect(sent).toBe(data.length);
    expect(progress).toEqual([1_000_001, data.length]);
    expect(Buffer.concat(await volume.download().toArray()).equals(data)).toBe(true);
    expect(Buffer.concat(await volume.download({ offset: 1000, length: 5000 }).toArray()).equals(data.subarray(1000, 6000))).toBe(true);
    const { capacity, allocation, physical } = await volume.info();
    expect([capacity, physical]).toEqual([data.length, data.length]);
    expect(allocation).toBeLessThan(data.length - 3 * 1024 * 1024);
    expect((await connection.pools.volumeByPath(volume.path)).name).toBe('v.raw');
    expect((await pool.it.volumes()).map(({ name }) => name)).toEqual(['v.raw']);
  });

  it('an upload whose source fails, or that is given up, ends with that reason and leaves the pool usable', async () => {
    await using connection = await connected();
    await using pool = await scratchPool(connection);
    const volume = await pool.it.createVolume('<volume><name>v.raw</name><capacity>10000000</capacity></volume>');
    const [broken, stopped] = [new Error('broken'), new Error('stopped')];
    const abort = new AbortController();

    const failing = Readable.from((function* () {
      yield Buffer.alloc(100_000);
      throw broken;
    })());
    expect(await rejection(volume.upload(failing))).toBe(broken);
    const endless = Readable.from((function* () {
      for (;;) yield Buffer.alloc(10_000);
    })());
    const upload = rejection(volume.upload(endless, { signal: abort.signal, onProgress: (bytes) => bytes > 100_000 && abort.abort(stopped) }));
    expect(await upload).toBe(stopped);
    expect(await rejection(volume.upload('/nonexistent/file'))).toMatchObject({ code: 'ENOENT' });

    await pool.it.refresh();
    await volume.delete();
    expect(await pool.it.findVolume('v.raw')).toBeUndefined();
  });

  it('lists skip what vanishes meanwhile', async () => {
    await using connection = await connected();
    await using pool = await scratchPool(connection);
    const enough = new AbortController();
    const churn = (async () => {
      for (let round = 0; !enough.signal.aborted; round++) await (await pool.it.createVolume(`<volume><name>v${round}</name><capacity>1</capacity></volume>`)).delete();
    })();

    for (let round = 0; round < 100; round++) expect((await pool.it.volumes()).length).toBeLessThan(3);

    enough.abort();
    await churn;
  });
});

describe('many calls at once', () => {
  it('keep neither Node nor each other waiting', async () => {
    await using connection = await connected();
    const domain = await connection.domains.define(idleDomain(uniqueName()));
    await using _removed = removed(domain);
    await domain.create();
    let longestGap = 0;
    let last = performance.now();
    const ticker = setInterval(() => {
      longestGap = Math.max(longestGap, performance.now() - last);
      last = performance.now();
    }, 5);

    await Promise.all([domain.managedSave(), ...Array.from({ length: 100 }, () => connection.host.capabilities())]);

    clearInterval(ticker);
    expect(longestGap).toBeLessThan(500);
  });
});

function removed(domain: Domain): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      if ((await domain.info()).active) await domain.destroy();
      await domain.undefine();
    },
  };
}

async function scratchPool(connection: LibvirtConnection): Promise<AsyncDisposable & { readonly it: StoragePool }> {
  const name = uniqueName();
  const { instance } = await testHost();
  const it = await connection.pools.define(`<pool type='dir'><name>${name}</name><target><path>${instance.poolPath}/${name}</path></target></pool>`);
  await it.build();
  await it.create();
  return {
    it,
    async [Symbol.asyncDispose]() {
      for (const volume of await it.volumes()) await volume.delete();
      await it.destroy();
      await it.delete();
      await it.undefine();
    },
  };
}

function named(event: DomainEvent): string {
  return event.kind === 'lifecycle' ? `${event.event} ${event.detail}` : event.kind;
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 10_000) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
