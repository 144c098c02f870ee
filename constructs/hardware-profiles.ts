import type { HardwareProps } from './hardware-profile';

/** A laptop as offices have them. Its processor is one that QEMU's emulator knows as well. */
export const LAPTOP: HardwareProps = {
  bios: { vendor: 'LENOVO', version: 'N2HET66W (1.49 )', date: '08/20/2023', release: '1.49' },
  system: { manufacturer: 'LENOVO', product: '20QES2D500', version: 'ThinkPad X1 Carbon 7th', sku: 'LENOVO_MT_20QE_BU_Think_FM_ThinkPad X1 Carbon 7th', family: 'ThinkPad X1 Carbon 7th' },
  baseBoard: { manufacturer: 'LENOVO', product: '20QES2D500', version: 'SDK0J40697 WIN', asset: 'Not Available', location: 'Not Available' },
  chassis: { manufacturer: 'LENOVO', version: 'None', asset: 'No Asset Information' },
  disk: { vendor: 'SAMSUNG', product: 'MZVLB512HBJQ' },
  cpu: { model: 'Skylake-Client-noTSX-IBRS' },
  macPrefix: '98:fa:9b',
  hypervisorHidden: true,
};

/** A desktop computer as offices have them. */
export const DESKTOP: HardwareProps = {
  bios: { vendor: 'Dell Inc.', version: '1.24.0', date: '06/14/2023', release: '1.24' },
  system: { manufacturer: 'Dell Inc.', product: 'OptiPlex 7060', version: 'Not Specified', sku: '085A', family: 'OptiPlex' },
  baseBoard: { manufacturer: 'Dell Inc.', product: '0C96W1', version: 'A00', asset: 'Not Specified' },
  chassis: { manufacturer: 'Dell Inc.', version: 'Not Specified', asset: 'Not Specified' },
  disk: { vendor: 'ATA', product: 'ST1000DM010-2EP1' },
  cpu: { model: 'Skylake-Client-noTSX-IBRS' },
  macPrefix: '8c:ec:4b',
  hypervisorHidden: true,
};

/** A server of a rack. */
export const SERVER: HardwareProps = {
  bios: { vendor: 'HPE', version: 'U32', date: '02/02/2023', release: '2.72' },
  system: { manufacturer: 'HPE', product: 'ProLiant DL360 Gen10', version: 'Not Specified', sku: '867959-B21', family: 'ProLiant' },
  baseBoard: { manufacturer: 'HPE', product: 'ProLiant DL360 Gen10', version: 'Not Specified', asset: 'Not Specified' },
  chassis: { manufacturer: 'HPE', version: 'Not Specified', asset: 'Not Specified' },
  disk: { vendor: 'HPE', product: 'MB001000GWFGF' },
  cpu: { model: 'Skylake-Server-noTSX-IBRS' },
  macPrefix: '94:40:c9',
  hypervisorHidden: true,
};
