import { InvalidArgumentError } from "commander";

/** Reads a whole number from `least` on. @throws InvalidArgumentError, which commander prints as wrong usage. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} on.`);
  };
}
