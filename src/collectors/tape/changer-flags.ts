/**
 * TapeAlert flags of changers: other meanings than those of drives with the same number. From
 * SMC-3 and smartmontools, partly confirmed by SNMP traps of the IBM TS3310. The advice is ours.
 */
import { makeFlagTable } from './alert-flag.ts';

export const changerFlags = makeFlagTable([
  '1 critical library Library hardware A: The library cannot talk to one of its drives. Look at its panel for which one; reseat or power-cycle that drive.',
  '2 warning library Library hardware B: The mechanism has trouble. Look at the log of the library and plan service.',
  '3 critical library Library hardware C: The library needs a reset. Let running jobs end, then restart it.',
  '4 critical library Library hardware D: A reset does not help. Power-cycle the library once; if the flag comes back, call service.',
  '5 warning library Library diagnostics required: The library suspects a fault. Run its diagnostics when no job runs.',
  '6 critical library Library interface: The library sees trouble on its host port. Check cable, plugs and switch port.',
  '7 warning library Failure prediction: The library expects to fail. Ask for service before it does.',
  '8 warning library Library maintenance: Preventive maintenance is due. Ask for service.',
  '9 critical library Library humidity limits: The air is too moist or too dry. Check the room before cartridges suffer.',
  '10 critical library Library temperature limits: The library is too hot or too cold. Check the room and its fans.',
  '11 critical library Library voltage limits: The supply voltage is out of range. Check the power supply.',
  '12 critical library Library stray tape: A cartridge was left somewhere inside. Have it taken out, then let the library take stock again.',
  '13 warning library Library pick retry: Taking cartridges out of drives needs many attempts. The gripper wears: plan service.',
  '14 warning library Library place retry: Putting cartridges into slots needs many attempts. The gripper wears or slots are bent: plan service.',
  '15 warning library Library load retry: Loading a drive needs many attempts. Drive or gripper wears: the log of the library says which drive.',
  '16 critical library Library door: The door is open and the robot stands still. Close it, and let the library take stock.',
  '17 critical library Library mailslot: The import/export station is broken. Do not force it: call service.',
  '18 critical library Library magazine: A magazine is missing. Put it in, and let the library take stock.',
  '19 warning library Library security: The door was opened while it was locked. Find out who opened it.',
  '20 info library Library security mode: Somebody changed the lock of the library.',
  '21 info library Library offline: Somebody set the library offline. Set it online at its panel when the work is done.',
  '22 info library Library drive offline: Somebody set a drive offline. Set it online at the panel when the work is done.',
  '23 warning library Library scan retry: Labels need many attempts to be read. Replace worn labels; clean the scanner.',
  '24 critical library Library inventory: What the library believes and what it holds differ. Let it take stock before the next restore.',
  '25 warning library Library illegal operation: Somebody asked for a move that is not possible now. Look at the log of the backup software.',
  '26 warning library Dual-port interface error: One of the two host ports failed. Check its cable; the other one has no reserve any more.',
  '27 warning library Cooling fan failure: A fan of the library stands still. Have it replaced.',
  '28 warning library Power supply: One power supply failed. Have it replaced; the other one has no reserve any more.',
  '29 warning library Power consumption: The library draws more or less power than it should. Have it checked.',
  '30 critical library Pass-through mechanism failure: Cartridges cannot pass between the modules. Call service.',
  '31 critical library Cartridge in pass-through mechanism: A cartridge was left between two modules. Look at the panel of the library for how to free it.',
  '32 info library Unreadable bar code labels: A label cannot be read. Replace it.',
]);
