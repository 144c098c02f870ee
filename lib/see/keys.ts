/** What becomes of a key of SEE's: done as SEE did; done better, as told; not done, which is told before anything is made; without a meaning, which is told. */
export type Fate = 'honoured' | 'better' | 'refused' | 'meaningless';

/** One key of SEE's configuration files. */
export interface SeeKey {
  /** Its place in the document, e.g. `disk.clone.copy_on_write`; of hooks and providers below their class's name. */
  readonly key: string;
  readonly fate: Fate;
  /** What it is here, in a sentence. */
  readonly how: string;
}

const key = (name: string, fate: Fate, how: string): SeeKey => ({ key: name, fate, how });

const MOUNTS = 'a new, empty folder of the host per sandbox, mounted in the container; removed with it, which SEE forgot';
const IN_STORE = 'images lie in the image store, verified and named by their digest; what lies at the path is not looked at';
const NO_ANALYSIS = 'not offered: take the files out of the run record and analyse them there';

/** Every key that SEE 1.3.7 and its reference plugins read, or that their documents name. The migration guide shows this table, and tests hold it to the schemas. */
export const SEE_KEYS: readonly SeeKey[] = [
  // context
  key('hypervisor', 'honoured', "libvirt's URI, unless the command line names another; for a container that of QEMU does as well; for VirtualBox `vbox:///session` beside it"),
  key('name', 'meaningless', 'meant nothing in SEE either'),
  key('domain', 'honoured', 'as below'),
  key('domain.configuration', 'better', 'the template, element for element, with name, UUID and MAC of its own; the first disk that is no CD-ROM gets the image; what is left out or changed is listed'),
  key('domain.filesystem', 'better', `LXC: ${MOUNTS}; on QEMU and VirtualBox without a meaning, as in SEE`),
  key('domain.filesystem.source_path', 'honoured', 'LXC: folder below which that folder is made'),
  key('domain.filesystem.target_path', 'honoured', 'LXC: where it is mounted'),
  key('disk', 'honoured', 'as below; containers have none'),
  key('disk.image', 'better', 'copied once, verified by its digest, never written'),
  key('disk.clone', 'better', "always copy on write, in Sandform's own pool; without it as well, where SEE wrote into the image itself"),
  key('disk.clone.storage_pool_path', 'meaningless', "disks lie in the pool 'sandform' of the host; no pool is made, and none is left over the image's folder"),
  key('disk.clone.copy_on_write', 'better', 'an overlay in any case: the same to the guest, without the time and room of a full copy; raw images do as well'),
  key('network', 'better', 'a network of its own; what passes a NIC is open as in SEE, which the imported stack says in so many words'),
  key('network.configuration', 'better', 'forward mode, addresses and bridge of the XML; a bridge of the host is kept, where SEE overwrote its name'),
  key('network.dynamic_address', 'better', 'a free subnet of the range: whatever overlaps is excluded, and nothing is enumerated'),
  key('network.dynamic_address.ipv4', 'honoured', 'the range'),
  key('network.dynamic_address.prefix', 'honoured', 'a number, a numeric string or a netmask'),
  key('network.dynamic_address.subnet_prefix', 'honoured', 'size of the subnet, at most /29'),

  // image providers
  key('disk.image.name', 'better', 'name of the image: in Glance the active one of that name that was updated last, and where it is a UUID the image of that id; in S3 the key of the object, in its newest version'),
  key('disk.image.uri', 'honoured', 'what SEE up to 1.2.8 called `name`'),
  key('disk.image.provider', 'honoured', "SEE's four providers by any of their names; own classes are named as what must be ported"),
  key('disk.image.provider_configuration', 'honoured', 'as below'),
  key('DummyProvider.path', 'honoured', 'folder of the image; an absolute name wins; may be missing with an absolute name. That the file exists is checked first'),
  key('LibvirtPoolProvider.storage_pool_path', 'better', 'the file `name` in that folder; no pool is made for it'),
  key('LibvirtPoolProvider.hypervisor', 'meaningless', 'no pool is asked'),
  key('GlanceProvider.path', 'meaningless', IN_STORE),
  key('GlanceProvider.target_path', 'meaningless', 'what SEE up to 1.2.8 called `path`'),
  key('GlanceProvider.glance_url', 'meaningless', 'the endpoint comes from the service catalog, as in SEE'),
  key('GlanceProvider.os_auth', 'better', 'given to the process that fetches the image, and to nothing else: no plan, state, record or program holds it. OS_* variables and clouds.yaml do not count beside it; without `auth_url` or `password` they count alone. An imported stack logs in by them, and names which to set'),
  ...['auth_url', 'username', 'password', 'user_id', 'user_domain_id', 'user_domain_name', 'project_id', 'project_name', 'project_domain_id', 'project_domain_name', 'domain_id', 'domain_name', 'trust_id', 'system_scope'].map((name) => key(`GlanceProvider.os_auth.${name}`, 'honoured', `OS_${name.toUpperCase()} of that process`)),
  key('GlanceProvider.os_auth.tenant_id', 'honoured', 'what OpenStack called `project_id` before'),
  key('GlanceProvider.os_auth.tenant_name', 'honoured', 'what OpenStack called `project_name` before'),
  key('GlanceProvider.os_auth.unscoped', 'meaningless', '`true` is a mistake: such a login does not tell where Glance is'),
  key('GlanceProvider.os_auth.include_catalog', 'meaningless', '`false` is a mistake: such a login does not tell where Glance is'),
  key('GlanceProvider.os_auth.reauthenticate', 'meaningless', 'a token that ran out is replaced in any case'),
  key('GlanceProvider.session', 'better', 'as below; TLS is always verified'),
  key('GlanceProvider.session.cacert', 'better', 'a file of authorities beside those of the system; with `false`, or without it, TLS is verified all the same'),
  key('GlanceProvider.session.cert', 'honoured', "the client's certificate: a file with its key in it, or a file of each"),
  key('GlanceProvider.libvirt_pool', 'meaningless', "images come into Sandform's own pool by themselves"),
  key('GlanceProvider.libvirt_pool.name', 'meaningless', 'as libvirt_pool'),
  key('GlanceProvider.libvirt_pool.hypervisor', 'meaningless', 'as libvirt_pool'),
  key('S3Provider.path', 'better', `${IN_STORE}; where it is a file, the last version that was fetched stands in for an object that can't be had, where SEE took the file`),
  key('S3Provider.bucket_name', 'honoured', 'the bucket'),
  key('S3Provider.auth', 'better', 'as below; what is no keyword of boto3 is a mistake'),
  key('S3Provider.auth.aws_access_key_id', 'better', 'given to the process that fetches the image, and to nothing else. AWS_* variables and profiles do not count beside it; without keys they count, as in SEE. An imported stack logs in by them, and names which to set'),
  key('S3Provider.auth.aws_secret_access_key', 'better', 'as aws_access_key_id'),
  key('S3Provider.auth.aws_session_token', 'better', 'as aws_access_key_id'),
  key('S3Provider.auth.aws_account_id', 'meaningless', 'is not asked for'),
  key('S3Provider.auth.endpoint_url', 'honoured', 'the address of the store; one with credentials in it is a mistake'),
  key('S3Provider.auth.region_name', 'honoured', 'the region; without it AWS_REGION or the profile says it, and of an endpoint of your own us-east-1'),
  key('S3Provider.auth.verify', 'better', 'a file of authorities beside those of the system; with `false`, TLS is verified all the same'),
  key('S3Provider.auth.use_ssl', 'better', 'TLS is used unless endpoint_url begins with `http:`'),
  key('S3Provider.auth.api_version', 'meaningless', 'is not asked for'),
  key('S3Provider.libvirt_pool', 'meaningless', "images come into Sandform's own pool by themselves"),
  key('S3Provider.libvirt_pool.name', 'meaningless', 'as libvirt_pool'),
  key('S3Provider.libvirt_pool.hypervisor', 'meaningless', 'as libvirt_pool'),

  // hooks
  key('configuration', 'better', "general values; a hook's own wins where both have a key, as SEE's documents say and its code did not; the collision is told"),
  key('hooks', 'honoured', 'in order; also where the whole document is wrapped in another `hooks`, as the manual shows it'),
  key('hooks.name', 'honoured', 'the class by its last part, whatever folder the plugins lay in'),
  key('hooks.configuration', 'honoured', 'its own values'),
  key('results_folder', 'better', 'files lie in the run record, one per run, under names of their own'),
  key('TimersHook.timers', 'honoured', 'event to seconds after the sandbox was made; seconds to event, as before April 2017, as well'),
  key('ScreenHook.screenshot_on_event', 'better', 'every picture is kept, with its true type'),
  key('MemoryHook.memory_snapshots_on_event', 'better', 'compressed, one file each, also of a running sandbox'),
  key('MemoryHook.memory_snapshot_on_event', 'better', "the singular that SEE's docstring names, which was never read"),
  key('MemoryHook.compress_snapshots', 'better', 'always compressed, by gzip: `gunzip` gives the raw ELF core'),
  key('MemoryHook.delete_snapshots', 'meaningless', 'what is in the record stays until the record goes'),
  key('VolatilityHook.start_processing_on_event', 'refused', NO_ANALYSIS),
  key('VolatilityHook.wait_processing_on_event', 'refused', NO_ANALYSIS),
  key('VolatilityHook.profile', 'refused', NO_ANALYSIS),
  key('VolatilityHook.plugins', 'refused', NO_ANALYSIS),
  key('DiskCheckPointHook.checkpoint_on_event', 'better', 'an overlay of the image, as SEE meant it, on a QEMU on which SEE always failed; without a snapshot, and as often as the event comes'),
  key('DiskCheckPointHook.delete_checkpoints', 'meaningless', 'what is in the record stays until the record goes'),
  key('DiskCheckPointHook.rebase', 'meaningless', 'was never read'),
  key('DiskStateAnalyser.start_processing_on_event', 'refused', NO_ANALYSIS),
  key('DiskStateAnalyser.wait_processing_on_event', 'refused', NO_ANALYSIS),
  key('DiskStateAnalyser.identify_files', 'refused', NO_ANALYSIS),
  key('DiskStateAnalyser.get_file_size', 'refused', NO_ANALYSIS),
  key('DiskStateAnalyser.extract_files', 'refused', NO_ANALYSIS),
  key('DiskStateAnalyser.use_concurrency', 'refused', NO_ANALYSIS),
  key('DiskStateAnalyser.compare_registries', 'refused', NO_ANALYSIS),
  key('NetworkTracerHook.start_trace_on_event', 'better', "listens on the sandbox's own NIC, where SEE listened on the bridge with all that passes it; by tcpdump; tells once it listens"),
  key('NetworkTracerHook.stop_trace_on_event', 'better', 'the end of the run ends it too, where in SEE it went on'),
  key('NetworkTracerHook.trace_limit', 'honoured', 'kB of the file'),
  key('NetworkTracerHook.delete_trace_file', 'meaningless', 'what is in the record stays until the record goes'),
  key('NetworkAnalysisHook.start_processing_on_event', 'refused', NO_ANALYSIS),
  key('NetworkAnalysisHook.wait_processing_on_event', 'refused', NO_ANALYSIS),
  key('NetworkAnalysisHook.log_format', 'refused', NO_ANALYSIS),
  key('CommandsHook.agent-port', 'honoured', 'port of the agent in the guest'),
  key('CommandsHook.agent-host', 'honoured', 'its host, until `ip_address` tells another'),
];
