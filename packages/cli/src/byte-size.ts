import { InvalidArgumentError } from "commander";

const units: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** Reads a number of bytes, such as `500000`, `200MB` or `1.5 GiB`. @throws InvalidArgumentError for anything else. */
export function byteSize(text: string): number {
  const [, number, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/iu.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * (units[unit.toLowerCase()] ?? Number.NaN));
  if (Number.isSafeInteger(bytes) && bytes >= 1) return bytes;
  throw new InvalidArgumentError('Expected a number of bytes, such as 500000, "200MB" or "1.5GiB".');
}
