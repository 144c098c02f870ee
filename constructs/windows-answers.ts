import { type XmlElement, element, renderXml } from '../lib/domain-xml';

/** What Windows set-up asks, and the answers to it. */
export interface WindowsAnswers {
  /** Language and keyboard, e.g. `de-DE`. @default 'en-US' */
  readonly locale?: string;
  /** Password of the administrator `sandform`, who is logged on at the first start. It lies on a CD in the sandbox: no secret. @default 'sandform' */
  readonly password?: string;
  /** @default none: an edition that needs one asks for it */
  readonly productKey?: string;
  /** Name of the edition on the set-up medium, e.g. `Windows 11 Pro`. @default the first one on it */
  readonly edition?: string;
}

/** How the disk is laid out: by the firmware that boots it. */
export interface WindowsDisk {
  readonly uefi: boolean;
}

const NAMESPACE = 'urn:schemas-microsoft-com:unattend';
const WCM = 'http://schemas.microsoft.com/WMIConfig/2002/State';
/** Letters that a CD with drivers may get. */
const DRIVES = ['D', 'E', 'F', 'G'];
/** Folders of virtio-win's CD with drivers that set-up itself can use: disks and NICs. */
const DRIVERS = ['viostor', 'vioscsi', 'NetKVM'];

/**
 * The answers to an unattended installation of Windows 10 or 11, as set-up looks for them in `autounattend.xml` on a CD: disk layout, an administrator who is
 * logged on, and at the first logon virtio drivers and the QEMU guest agent from virtio-win's CD, where there is one.
 *
 * Format: https://learn.microsoft.com/windows-hardware/customize/desktop/unattend
 * @param installs the disk that Windows is installed onto; undefined where it is there already, and answers to its first start alone are needed
 */
export function windowsAnswers(release: 'windows10' | 'windows11', { locale = 'en-US', password = 'sandform', productKey, edition }: WindowsAnswers, installs: WindowsDisk | undefined): string {
  const passes = [
    installs === undefined ? undefined : settings('windowsPE', languages('Microsoft-Windows-International-Core-WinPE', locale, true), drivers(release), setUp(installs, productKey, edition)),
    settings('specialize', component('Microsoft-Windows-Shell-Setup', text('ComputerName', '*'), text('TimeZone', 'UTC'))),
    settings('oobeSystem', languages('Microsoft-Windows-International-Core', locale, false), firstStart(password)),
  ];
  const root = element('unattend', { xmlns: NAMESPACE, 'xmlns:wcm': WCM }, ...passes);
  return `<?xml version="1.0" encoding="utf-8"?>\n${renderXml(root)}\n`;
}

function settings(pass: string, ...components: XmlElement[]): XmlElement {
  return element('settings', { pass }, ...components);
}

function component(name: string, ...children: (XmlElement | undefined)[]): XmlElement {
  return element('component', { name, processorArchitecture: 'amd64', publicKeyToken: '31bf3856ad364e35', language: 'neutral', versionScope: 'nonSxS' }, ...children);
}

function text(name: string, value: string | number | boolean): XmlElement {
  return element(name, {}, String(value));
}

function item(name: string, ...children: (XmlElement | undefined)[]): XmlElement {
  return element(name, { 'wcm:action': 'add' }, ...children);
}

function languages(name: string, locale: string, inSetUp: boolean): XmlElement {
  const all = ['InputLocale', 'SystemLocale', 'UILanguage', 'UserLocale'].map((key) => text(key, locale));
  return component(name, inSetUp ? element('SetupUILanguage', {}, text('UILanguage', locale)) : undefined, ...all);
}

/** Set-up passes over folders that are not there. */
function drivers(release: string): XmlElement {
  const folder = release === 'windows11' ? 'w11' : 'w10';
  const paths = DRIVES.flatMap((drive) => DRIVERS.map((driver) => `${drive}:\\${driver}\\${folder}\\amd64`));
  const entries = paths.map((path, index) => element('PathAndCredentials', { 'wcm:action': 'add', 'wcm:keyValue': index + 1 }, text('Path', path)));
  return component('Microsoft-Windows-PnpCustomizationsWinPE', element('DriverPaths', {}, ...entries));
}

function setUp({ uefi }: WindowsDisk, productKey: string | undefined, edition: string | undefined): XmlElement {
  const chosen = edition === undefined ? { key: '/IMAGE/INDEX', value: '1' } : { key: '/IMAGE/NAME', value: edition };
  return component(
    'Microsoft-Windows-Setup',
    element('DiskConfiguration', {}, text('WillShowUI', 'OnError'), item('Disk', text('DiskID', 0), text('WillWipeDisk', true), ...(uefi ? gptPartitions() : mbrPartitions()))),
    element(
      'ImageInstall',
      {},
      element(
        'OSImage',
        {},
        element('InstallFrom', {}, item('MetaData', text('Key', chosen.key), text('Value', chosen.value))),
        element('InstallTo', {}, text('DiskID', 0), text('PartitionID', uefi ? 3 : 2)),
        text('WillShowUI', 'OnError'),
      ),
    ),
    element('UserData', {}, productKey === undefined ? undefined : element('ProductKey', {}, text('Key', productKey), text('WillShowUI', 'OnError')), text('AcceptEula', true)),
  );
}

type Partition = readonly [type: string, megabytes: number | 'rest', format: string | undefined, label?: string];

/** What Microsoft recommends for UEFI, without a partition for recovery. */
function gptPartitions(): XmlElement[] {
  return partitions([['EFI', 300, 'FAT32', 'System'], ['MSR', 16, undefined], ['Primary', 'rest', 'NTFS', 'Windows']]);
}

function mbrPartitions(): XmlElement[] {
  return partitions([['Primary', 500, 'NTFS', 'System'], ['Primary', 'rest', 'NTFS', 'Windows']], 1);
}

function partitions(all: readonly Partition[], active?: number): XmlElement[] {
  const made = all.map(([type, size], index) => item('CreatePartition', text('Order', index + 1), text('Type', type), size === 'rest' ? text('Extend', true) : text('Size', size)));
  const changed = all.map(([, , format, label], index) =>
    item(
      'ModifyPartition',
      text('Order', index + 1),
      text('PartitionID', index + 1),
      format === undefined ? undefined : text('Format', format),
      label === undefined ? undefined : text('Label', label),
      active === index + 1 ? text('Active', true) : undefined,
    ),
  );
  return [element('CreatePartitions', {}, ...made), element('ModifyPartitions', {}, ...changed)];
}

function firstStart(password: string): XmlElement {
  const secret = element('Password', {}, text('Value', password), text('PlainText', true));
  const commands = ['virtio-win-gt-x64.msi', 'guest-agent\\qemu-ga-x86_64.msi'].map((file, index) =>
    item('SynchronousCommand', text('Order', index + 1), text('CommandLine', `cmd /c for %d in (${DRIVES.join(' ')}) do if exist %d:\\${file} msiexec /i %d:\\${file} /qn /norestart`)),
  );
  return component(
    'Microsoft-Windows-Shell-Setup',
    element('OOBE', {}, text('HideEULAPage', true), text('HideOnlineAccountScreens', true), text('HideWirelessSetupInOOBE', true), text('ProtectYourPC', 3)),
    element('UserAccounts', {}, element('LocalAccounts', {}, item('LocalAccount', text('Name', 'sandform'), text('Group', 'Administrators'), secret))),
    element('AutoLogon', {}, text('Enabled', true), text('Username', 'sandform'), text('LogonCount', 1), secret),
    element('FirstLogonCommands', {}, ...commands),
  );
}
