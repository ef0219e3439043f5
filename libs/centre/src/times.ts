const SHANGHAI_OFFSET_MS = 8 * 3_600_000;

/** yyyy-MM-dd HH:mm:ss of Asia/Shanghai, as `inf_time` has it. */
export const momentOf = (instant: Date): string =>
  new Date(instant.getTime() + SHANGHAI_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');

/** yyyyMMddHHmmssSSS of Asia/Shanghai, as `respond_time` has it. */
export const stampOf = (instant: Date): string =>
  new Date(instant.getTime() + SHANGHAI_OFFSET_MS).toISOString().replace(/\D/g, '').slice(0, 17);

const SERIAL_DIGITS = 4;
const SERIAL_COUNT = 10 ** SERIAL_DIGITS;

/** The institution's code (12 at most), the second, and a number of four digits. */
export const msgidOf = (fixmedinsCode: string, instant: Date, serial: number): string =>
  `${fixmedinsCode.slice(0, 12)}${stampOf(instant).slice(0, 14)}` +
  String(serial % SERIAL_COUNT).padStart(SERIAL_DIGITS, '0');
